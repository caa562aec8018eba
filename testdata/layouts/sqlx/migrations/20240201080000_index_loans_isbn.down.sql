-- no-transaction
DROP INDEX CONCURRENTLY IF EXISTS loans_isbn_idx;
