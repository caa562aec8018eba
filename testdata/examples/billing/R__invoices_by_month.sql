CREATE OR REPLACE VIEW invoices_by_month AS
SELECT date_trunc('month', issued_on) AS month, currency, sum(total_cents) AS total_cents
FROM invoices
GROUP BY 1, 2;
