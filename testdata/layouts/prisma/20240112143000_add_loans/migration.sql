-- CreateTable
CREATE TABLE "Loan" (
    "id" BIGSERIAL NOT NULL,
    "memberId" BIGINT NOT NULL,
    "isbn" TEXT NOT NULL,
    "dueOn" DATE NOT NULL,

    CONSTRAINT "Loan_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Loan_memberId_idx" ON "Loan"("memberId");

-- AddForeignKey
ALTER TABLE "Loan" ADD CONSTRAINT "Loan_memberId_fkey" FOREIGN KEY ("memberId") REFERENCES "Member"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
