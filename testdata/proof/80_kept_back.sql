-- # Kept back: written before the predictions were looked at
-- world: bank
ALTER TABLE documents ADD COLUMN archived boolean NOT NULL DEFAULT false;
ALTER TABLE documents ADD COLUMN external_id uuid UNIQUE DEFAULT gen_random_uuid();
ALTER TABLE documents ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;
ALTER TABLE ledger.customers ADD COLUMN last_login timestamptz DEFAULT statement_timestamp();
ALTER TABLE ledger.customers ADD COLUMN token text DEFAULT md5(random()::text);
ALTER TABLE ledger.accounts ADD COLUMN overdraft ledger.amount;
ALTER TABLE ledger.accounts ADD COLUMN alias ledger.iban DEFAULT 'x';
ALTER TABLE ledger.entries ADD COLUMN reversed boolean DEFAULT false;
ALTER TABLE ledger.entries ADD COLUMN seq bigserial;
ALTER TABLE ledger.entries ADD COLUMN customer_id bigint REFERENCES ledger.customers;
ALTER TABLE audit.log ADD COLUMN ip inet, DROP COLUMN who;
ALTER TABLE documents DROP COLUMN title CASCADE;
ALTER TABLE documents DROP COLUMN body, ADD COLUMN body_html text;
ALTER TABLE ledger.accounts DROP COLUMN customer_id;
ALTER TABLE ledger.entries DROP COLUMN account_id;
ALTER TABLE documents ALTER COLUMN title SET NOT NULL;
ALTER TABLE documents ALTER COLUMN version SET NOT NULL, ALTER COLUMN title SET NOT NULL;
-- setup: UPDATE documents SET owner_email = 'x'
ALTER TABLE documents ALTER COLUMN owner_email SET NOT NULL;
ALTER TABLE ledger.entries ALTER COLUMN memo SET DEFAULT '', ALTER COLUMN amount SET NOT NULL;
ALTER TABLE ledger.customers ALTER COLUMN phone TYPE varchar(40);
ALTER TABLE ledger.customers ALTER COLUMN phone TYPE text, ALTER COLUMN country TYPE text;
ALTER TABLE ledger.customers ALTER COLUMN email TYPE varchar(320);
ALTER TABLE ledger.customers ALTER COLUMN email TYPE varchar;
ALTER TABLE ledger.accounts ALTER COLUMN currency TYPE char(3);
ALTER TABLE ledger.accounts ALTER COLUMN currency TYPE text;
ALTER TABLE ledger.accounts ALTER COLUMN account_id TYPE numeric;
ALTER TABLE ledger.entries ALTER COLUMN memo TYPE varchar(280);
ALTER TABLE ledger.entries ALTER COLUMN memo TYPE text;
ALTER TABLE ledger.entries ALTER COLUMN amount TYPE numeric(16,2);
ALTER TABLE ledger.entries ALTER COLUMN amount TYPE numeric(16,4);
ALTER TABLE documents ALTER COLUMN meta TYPE jsonb USING meta::jsonb;
ALTER TABLE documents ALTER COLUMN owner_email TYPE text;
ALTER TABLE documents ALTER COLUMN size_kb TYPE numeric(10,1);
-- session: SET timezone = 'UTC'
ALTER TABLE ledger.customers ALTER COLUMN created_at TYPE timestamptz;
ALTER TABLE ledger.customers ALTER COLUMN created_at TYPE timestamp(0);
ALTER TABLE ledger.accounts ADD CONSTRAINT positive CHECK (balance >= 0) NOT VALID;
ALTER TABLE ledger.accounts ADD CONSTRAINT one_per_customer UNIQUE (customer_id, currency);
-- setup: UPDATE links SET label = ctid::text
ALTER TABLE links ADD PRIMARY KEY (label, rank);
ALTER TABLE links ADD CONSTRAINT links_owner FOREIGN KEY (label) REFERENCES settings (key) NOT VALID;
ALTER TABLE ledger.entries ADD CONSTRAINT entries_amount CHECK (amount > 0);
ALTER TABLE links DROP CONSTRAINT links_doc_id_fkey;
ALTER TABLE documents DROP CONSTRAINT documents_pkey CASCADE;
ALTER TABLE ledger.entries DROP CONSTRAINT entries_account_fk;
-- setup: ALTER TABLE links ADD CONSTRAINT rank_ck CHECK (rank > 0) NOT VALID
ALTER TABLE links VALIDATE CONSTRAINT rank_ck;
-- setup: CREATE UNIQUE INDEX settings_value_uq ON settings (md5(value), key)
-- setup: CREATE UNIQUE INDEX settings_value2_uq ON settings (value, key)
ALTER TABLE settings DROP CONSTRAINT settings_pkey, ADD CONSTRAINT settings_pk PRIMARY KEY USING INDEX settings_value2_uq;
ALTER TABLE ledger.entries DETACH PARTITION ledger.entries_2023;
ALTER TABLE ledger.entries DETACH PARTITION ledger.entries_rest;
-- setup: DELETE FROM ledger.entries_rest
-- setup: CREATE TABLE ledger.entries_2025 (LIKE ledger.entries INCLUDING DEFAULTS INCLUDING CONSTRAINTS)
-- setup: INSERT INTO ledger.entries_2025 SELECT i, 1, 'debit', 1, '2025-05-05', repeat('m', 140) FROM generate_series(1, 200) i
ALTER TABLE ledger.entries ATTACH PARTITION ledger.entries_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE ledger.entries_2026 PARTITION OF ledger.entries FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
CREATE INDEX ON audit.log (at);
CREATE INDEX CONCURRENTLY documents_tags_gin ON documents USING gin (tags);
CREATE UNIQUE INDEX ON ledger.entries (booked, entry_id);
DROP INDEX CONCURRENTLY documents_live_idx;
DROP INDEX ledger.entries_account_idx;
REINDEX TABLE CONCURRENTLY documents;
REINDEX INDEX ledger.customers_phone_idx;
TRUNCATE ledger.entries_2023;
TRUNCATE documents CASCADE;
TRUNCATE audit.log RESTART IDENTITY;
DROP TABLE links;
DROP TABLE documents CASCADE;
DROP TABLE ledger.entries_2024;
DROP TABLE audit.log;
DROP SCHEMA audit CASCADE;
DROP SCHEMA ledger CASCADE;
DROP VIEW live_documents;
CREATE OR REPLACE VIEW live_documents AS SELECT id, title, version FROM documents WHERE NOT deleted;
REFRESH MATERIALIZED VIEW document_stats;
DROP FUNCTION touch() CASCADE;
DROP TRIGGER documents_touch ON documents;
ALTER TABLE documents DISABLE TRIGGER documents_touch;
ALTER DOMAIN ledger.amount ADD CONSTRAINT small CHECK (VALUE < 1000000);
ALTER DOMAIN ledger.iban SET NOT NULL;
ALTER TYPE ledger.kind ADD VALUE 'fee';
VACUUM (FULL) settings;
ANALYZE ledger.entries;
CLUSTER documents USING documents_title_idx;
UPDATE documents SET version = version + 1;
UPDATE ledger.accounts SET customer_id = 2 WHERE account_id = 1;
DELETE FROM documents WHERE version = 1;
INSERT INTO links (doc_id) SELECT id FROM documents LIMIT 1;
DELETE FROM settings USING links WHERE links.label = settings.key;
ALTER TABLE settings RENAME TO config;
ALTER TABLE ledger.accounts SET SCHEMA public;
ALTER SEQUENCE ledger.accounts_account_id_seq RESTART WITH 1000;
ALTER TABLE documents SET (fillfactor = 90, autovacuum_vacuum_threshold = 100);
ALTER TABLE settings SET UNLOGGED;
ALTER TABLE links REPLICA IDENTITY FULL;
COMMENT ON COLUMN ledger.entries.memo IS 'free text';
CREATE POLICY tenant ON documents USING (owner_email = current_user);
DO $$ BEGIN ALTER TABLE links ADD COLUMN weight int NOT NULL DEFAULT 0; CREATE INDEX links_weight ON links (weight); END $$;
SELECT d.title FROM documents d JOIN links l ON l.doc_id = d.id FOR SHARE OF l;
