-- +migrate Up notransaction
CREATE INDEX CONCURRENTLY loans_isbn_idx ON loans (isbn);

-- +migrate Down notransaction
DROP INDEX CONCURRENTLY IF EXISTS loans_isbn_idx;
