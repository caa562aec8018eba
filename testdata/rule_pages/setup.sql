-- What the examples of the rule pages run on. `-- rule: NAME` starts what one rule needs besides; the part before the first is for
-- all. Every table has rows on several pages, so that a scan and a rewrite show. tools/rule_pages.sh reads this.
CREATE SCHEMA archive;
CREATE ROLE report_reader;
CREATE EXTENSION btree_gist;
CREATE TYPE order_status AS ENUM ('open', 'done');
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION lookup_region(text) RETURNS text LANGUAGE sql AS $$ SELECT 'eu' $$;
CREATE TABLE customers (id bigint PRIMARY KEY, pad text);
INSERT INTO customers SELECT i, repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TABLE orders (id bigint CONSTRAINT orders_pkey PRIMARY KEY, customer_id bigint, amount numeric NOT NULL, total numeric NOT NULL, created_at timestamptz NOT NULL, country_code text, number int, pad text);
INSERT INTO orders SELECT i, i, 1, 1, now(), 'de', i, repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TABLE users (id bigint PRIMARY KEY, email text, name text, phone text NOT NULL, active boolean, legacy_token text, pad text);
INSERT INTO users SELECT i, 'u' || i, 'n', 'p', true, 't', repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TABLE sessions (id bigint PRIMARY KEY, expires_at timestamptz, pad text);
INSERT INTO sessions SELECT i, '2020-01-01', repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: drop-index-not-concurrent
CREATE INDEX orders_customer_idx ON orders (customer_id);
-- rule: reindex-not-concurrent
CREATE INDEX orders_customer_idx ON orders (customer_id);
-- rule: index-on-partitioned-parent
CREATE TABLE events (at date NOT NULL, user_id bigint, pad text) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 (at date NOT NULL, user_id bigint, pad text);
INSERT INTO events SELECT '2025-05-05', i, repeat('x', 200) FROM generate_series(1, 300) i;
INSERT INTO events_2026 SELECT '2026-05-05', i, repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: refresh-not-concurrent
CREATE MATERIALIZED VIEW order_totals AS SELECT id, sum(total) AS total FROM orders GROUP BY id;
CREATE UNIQUE INDEX order_totals_id ON order_totals (id);
-- rule: detach-partition-not-concurrent
CREATE TABLE events (at date NOT NULL, pad text) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO events SELECT '2024-05-05', repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: attach-partition-without-check
CREATE TABLE events (at date NOT NULL, pad text) PARTITION BY RANGE (at);
CREATE TABLE events_2026 (at date NOT NULL, pad text);
INSERT INTO events_2026 SELECT '2026-05-05', repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: attach-partition-scans-default
CREATE TABLE events (at date NOT NULL, pad text) PARTITION BY RANGE (at);
CREATE TABLE events_other (at date NOT NULL, pad text);
INSERT INTO events_other SELECT '2020-05-05', repeat('x', 200) FROM generate_series(1, 300) i;
-- good: attach-partition-scans-default
ALTER TABLE events ATTACH PARTITION events_other DEFAULT;
-- rule: primary-key-without-index
ALTER TABLE orders DROP CONSTRAINT orders_pkey;
-- rule: primary-key-implicit-not-null
ALTER TABLE orders DROP CONSTRAINT orders_pkey;
-- good: primary-key-implicit-not-null
ALTER TABLE orders ADD COLUMN uid uuid NOT NULL DEFAULT gen_random_uuid();
-- rule: exclusion-constraint
CREATE TABLE bookings (room bigint, during tstzrange, pad text);
INSERT INTO bookings SELECT i, tstzrange(now(), now() + interval '1 hour'), repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: domain-constraint
CREATE DOMAIN positive_amount AS numeric;
CREATE TABLE payments (amount positive_amount, pad text);
INSERT INTO payments SELECT i, repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: disable-trigger
ALTER TABLE orders ADD COLUMN region text;
CREATE TRIGGER orders_audit AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION audit();
-- rule: drop-trigger
CREATE TRIGGER orders_audit AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION audit();
-- rule: work-under-exclusive-lock
ALTER TABLE orders ADD CONSTRAINT orders_amount_positive CHECK (amount > 0) NOT VALID;
-- rule: stored-generated-rewrite
CREATE TABLE invoices (net bigint, tax bigint, pad text);
INSERT INTO invoices SELECT i, i, repeat('x', 200) FROM generate_series(1, 300) i;
-- good: column-type-narrowing
ALTER TABLE users ADD COLUMN bio varchar(500);
-- rule: column-type-rewrite
CREATE TABLE events (id int, pad text);
INSERT INTO events SELECT i, repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: set-logged-unlogged
CREATE UNLOGGED TABLE imports (id int, pad text);
INSERT INTO imports SELECT i, repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: cluster
CREATE INDEX orders_created_at_idx ON orders (created_at);
-- rule: drop-table
CREATE TABLE legacy_sessions (id int, pad text);
INSERT INTO legacy_sessions SELECT i, repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: truncate-cascade
CREATE TABLE accounts (id bigint PRIMARY KEY, closed_at timestamptz, pad text);
INSERT INTO accounts SELECT i, '2010-01-01', repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TABLE transfers (account_id bigint REFERENCES accounts ON DELETE CASCADE, pad text);
INSERT INTO transfers SELECT i, repeat('x', 200) FROM generate_series(1, 100) i;
-- rule: drop-constraint
ALTER TABLE orders ADD CONSTRAINT orders_total_positive CHECK (total > 0), ADD CONSTRAINT orders_total_check CHECK (total > -1);
-- good: drop-primary-key
CREATE UNIQUE INDEX orders_id_new_idx ON orders (id);
-- rule: drop-column-drops-constraint
CREATE TABLE members (team_id bigint, user_id bigint, pad text);
INSERT INTO members SELECT i, i, repeat('x', 200) FROM generate_series(1, 300) i;
-- rule: unbatched-update
ALTER TABLE orders ADD COLUMN region text;
-- rule: unbatched-delete
ALTER TABLE sessions ADD COLUMN owner text;
-- rule: drop-view-or-routine
CREATE VIEW active_users AS SELECT id, name FROM users WHERE active;
-- rule: replace-view-or-routine
CREATE VIEW active_users AS SELECT id, name FROM users;
ALTER TABLE users ADD COLUMN full_name text;
-- rule: enum-value-used-in-transaction
ALTER TABLE orders ADD COLUMN status order_status, ALTER amount DROP NOT NULL, ALTER total DROP NOT NULL, ALTER created_at DROP NOT NULL;
-- good: enum-value-used-in-transaction
DELETE FROM orders WHERE id = 1;
-- rule: duplicate-assignment
ALTER TABLE orders ADD COLUMN region text, ADD COLUMN country text;
