CREATE OR REPLACE VIEW overdue_loans AS
SELECT member_id, isbn, due_on FROM loans WHERE due_on < current_date;
