-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY loans_isbn_idx ON loans (isbn);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS loans_isbn_idx;
