-- Flyway sees that this cannot run in a transaction, and runs the file without one.
CREATE INDEX CONCURRENTLY loans_isbn_idx ON loans (isbn);
