CREATE INDEX loan_due_on IF NOT EXISTS
FOR ()-[l:BORROWED]-() ON (l.dueOn);
