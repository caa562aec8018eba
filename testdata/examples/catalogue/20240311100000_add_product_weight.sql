-- migrate:up
SET LOCAL lock_timeout = '3s';
ALTER TABLE products ADD COLUMN IF NOT EXISTS weight_grams bigint;

-- migrate:down
SET LOCAL lock_timeout = '3s';
ALTER TABLE products DROP COLUMN IF EXISTS weight_grams;
