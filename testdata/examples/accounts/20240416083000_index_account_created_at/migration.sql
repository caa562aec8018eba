-- CreateIndex
CREATE INDEX CONCURRENTLY "Account_createdAt_idx" ON "Account"("createdAt");
