SET lock_timeout = '3s';

ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_carrier_id_fkey;
