CREATE INDEX CONCURRENTLY loans_isbn_idx ON loans (isbn);
