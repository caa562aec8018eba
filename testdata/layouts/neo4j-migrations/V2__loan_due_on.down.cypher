DROP INDEX loan_due_on IF EXISTS;
