BEGIN;
ALTER TABLE users ADD COLUMN seen_at timestamptz;
CREATE INDEX users_email_idx ON users (email);
COMMIT;
