-- # What triggers and rules do when rows are written
-- world: ledger
INSERT INTO entries VALUES (1000, 1, 1);
UPDATE accounts SET balance = 1 WHERE id = 1;
UPDATE accounts SET note = '' WHERE id = 1;
-- The foreign key's cascade fires the trigger of the other table.
DELETE FROM accounts WHERE id = 5;
INSERT INTO accounts VALUES (1000, 'x', 1);
-- setup: ALTER TABLE entries DISABLE TRIGGER ALL
INSERT INTO entries VALUES (1000, 1, 1);
-- session: SET session_replication_role = replica
INSERT INTO entries VALUES (1000, 1, 1);
UPDATE soft SET gone = 1 WHERE id = 1;
DELETE FROM soft WHERE id = 1;
INSERT INTO account_names VALUES (1, 'x');
COPY entries FROM PROGRAM 'echo 1000,1,1,x' WITH (FORMAT csv);
-- # Functions, DO blocks, dynamic SQL
SELECT purge();
SELECT add_column('totals');
SELECT index_on('totals', 'name');
SELECT * FROM purge() p;
CALL settle();
SELECT count(*) FROM totals WHERE total IN (SELECT purge());
ALTER TABLE soft ADD COLUMN n bigint DEFAULT purge();
DO $$ BEGIN CALL settle(); PERFORM purge(); END $$;
DO $$ BEGIN EXECUTE format('ALTER TABLE %I.%I ADD COLUMN %I int', 'public', 'totals', 'z'); END $$;
DO $$ DECLARE t text; BEGIN FOREACH t IN ARRAY ARRAY['totals', 'soft'] LOOP EXECUTE 'ALTER TABLE ' || t || ' ADD COLUMN z int'; END LOOP; END $$;
DO $$ DECLARE s text := 'DROP TABLE owned'; BEGIN EXECUTE s; END $$;
DO $$ DECLARE s text; BEGIN s := format('LOCK TABLE %s IN SHARE MODE', 'totals'::regclass); EXECUTE s; END $$;
DO $$ BEGIN FOR i IN 1..3 LOOP EXECUTE 'CREATE TABLE log_y' || i || ' PARTITION OF log FOR VALUES FROM (''' || (2040 + i) || '-01-01'') TO (''' || (2041 + i) || '-01-01'')'; END LOOP; END $$;
DO $$ BEGIN CREATE TEMP TABLE tt ON COMMIT DROP AS SELECT * FROM soft; CREATE INDEX ON tt (id); UPDATE totals SET total = 1 FROM tt WHERE tt.name = totals.name; END $$;
DO $$ DECLARE n bigint; BEGIN SELECT count(*) INTO n FROM totals; CREATE INDEX ON totals (name); END $$;
DO $$ BEGIN IF EXISTS (SELECT 1 FROM soft) THEN PERFORM 1; END IF; END $$;
DO $$ DECLARE c CURSOR FOR SELECT id FROM soft; BEGIN FOR r IN c LOOP INSERT INTO totals VALUES (r.id::text, 1); END LOOP; END $$;
PREPARE p1 AS UPDATE totals SET total = 1 WHERE name = $1;
-- setup: CREATE VIEW day_logs AS SELECT day FROM log
PREPARE p2 AS SELECT * FROM day_logs;
-- session: PREPARE p3 AS SELECT * FROM log
EXECUTE p3;
DECLARE c CURSOR FOR SELECT * FROM totals FOR UPDATE;
SELECT * FROM (SELECT t.* FROM totals t) s FOR UPDATE;
-- # What goes along
DROP TABLE audit CASCADE;
DROP TABLE totals CASCADE;
DROP EXTENSION btree_gist CASCADE;
DROP EXTENSION citext CASCADE;
DROP COLLATION narrow CASCADE;
DROP SERVER ledger_srv CASCADE;
DROP FOREIGN DATA WRAPPER ledger_fdw CASCADE;
REASSIGN OWNED BY ledger_owner TO ledger_heir;
DROP OWNED BY ledger_owner;
ALTER EXTENSION citext ADD TABLE totals;
ALTER PUBLICATION ledger_pub ADD TABLE ONLY base;
CREATE SCHEMA fresh CREATE TABLE f1 (id int PRIMARY KEY, a int REFERENCES accounts) CREATE VIEW f2 AS SELECT f1.id FROM f1 JOIN soft USING (id) CREATE INDEX ON f1 (a);
-- setup: ALTER TABLE base ADD CONSTRAINT lnn NOT NULL label NO INHERIT
-- versions: 18
ALTER TABLE base ALTER CONSTRAINT lnn INHERIT;
-- # What partitions have already, what their constraints prove
-- setup: CREATE INDEX log_1_kind ON log_1 (kind)
CREATE INDEX log_kind ON log (kind);
-- setup: ALTER TABLE log_1 ADD UNIQUE (day, id)
ALTER TABLE log ADD UNIQUE (day, id);
-- setup: ALTER TABLE log_rest ADD CHECK (day < '2030-01-01')
CREATE TABLE log_2030 PARTITION OF log FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- setup: ALTER TABLE log_rest ADD CHECK (day < '2030-06-01')
CREATE TABLE log_2030 PARTITION OF log FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- setup: ALTER TABLE kinds_rest ADD CHECK (kind = 'x')
CREATE TABLE kinds_y PARTITION OF kinds FOR VALUES IN ('y');
-- setup: ALTER TABLE kinds_rest ADD CHECK (kind = 'x' AND kind IS NOT NULL)
CREATE TABLE kinds_y PARTITION OF kinds FOR VALUES IN ('y', 'z');
-- setup: ALTER TABLE kinds_rest ADD CHECK (kind IN ('x', 'w')), ALTER COLUMN kind SET NOT NULL
CREATE TABLE kinds_y PARTITION OF kinds FOR VALUES IN ('y', 'z');
-- setup: ALTER TABLE kinds_rest ADD CHECK (kind <> 'y')
CREATE TABLE kinds_y PARTITION OF kinds FOR VALUES IN ('y');
