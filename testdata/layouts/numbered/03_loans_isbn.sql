-- Migration: find the loans of a book
-- Up migration

CREATE INDEX CONCURRENTLY loans_isbn_idx ON loans (isbn);

-- Down migration (rollback)
-- DROP INDEX CONCURRENTLY IF EXISTS loans_isbn_idx;
