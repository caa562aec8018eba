-- +goose NO TRANSACTION

-- +goose Up
CREATE INDEX CONCURRENTLY loans_isbn_idx ON loans (isbn);

-- +goose Down
DROP INDEX CONCURRENTLY IF EXISTS loans_isbn_idx;
