-- The only statement of its file: several would share a transaction.
CREATE INDEX CONCURRENTLY "Loan_isbn_idx" ON "Loan"("isbn");
