SET LOCAL lock_timeout = '3s';

ALTER TABLE invoices ADD COLUMN currency text NOT NULL DEFAULT 'EUR';
