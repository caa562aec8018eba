SET lock_timeout = '3s';

ALTER TABLE orders ADD COLUMN IF NOT EXISTS reference uuid DEFAULT gen_random_uuid();
