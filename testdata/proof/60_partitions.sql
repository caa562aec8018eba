-- # Partitions and foreign keys
-- world: depot
ALTER TABLE goods ATTACH PARTITION goods_w FOR VALUES IN ('w');
-- setup: UPDATE goods_w SET zone = 'n', day = '2050-01-01'
ALTER TABLE goods_n ATTACH PARTITION goods_w FOR VALUES FROM ('2050-01-01') TO ('2051-01-01');
CREATE TABLE goods_w2 PARTITION OF goods FOR VALUES IN ('w');
CREATE TABLE goods_n_new PARTITION OF goods_n FOR VALUES FROM ('2050-01-01') TO ('2051-01-01');
ALTER TABLE goods DETACH PARTITION goods_s;
ALTER TABLE goods DETACH PARTITION goods_n;
ALTER TABLE goods_n DETACH PARTITION goods_n_old;
DROP TABLE goods_s CASCADE;
DROP TABLE goods_n CASCADE;
DROP TABLE goods_n_old CASCADE;
DROP TABLE goods_rest CASCADE;
DROP TABLE returns;
DROP TABLE returns, claims;
DROP TABLE claims;
ALTER TABLE returns DROP CONSTRAINT returns_goods;
ALTER TABLE claims DROP CONSTRAINT claims_goods;
ALTER TABLE returns DROP COLUMN goods_id;
-- setup: ALTER TABLE returns ADD CONSTRAINT again FOREIGN KEY (goods_id, zone, day) REFERENCES goods NOT VALID
ALTER TABLE returns VALIDATE CONSTRAINT again;
CREATE TABLE claims_3 PARTITION OF claims FOR VALUES IN (3);
ALTER TABLE claims ATTACH PARTITION claims_2 FOR VALUES IN (2);
-- setup: ALTER TABLE claims_2 ADD FOREIGN KEY (goods_id, zone, day) REFERENCES goods
ALTER TABLE claims ATTACH PARTITION claims_2 FOR VALUES IN (2);
ALTER TABLE claims DETACH PARTITION claims_1;
-- # Partitions of partitions
CREATE TABLE readings_3 PARTITION OF readings FOR VALUES FROM ('2040-01-01') TO ('2041-01-01');
ALTER TABLE readings ATTACH PARTITION readings_2 FOR VALUES FROM ('2035-01-01') TO ('2036-01-01');
-- setup: ALTER TABLE readings_2 ADD CHECK (at >= '2035-01-01' AND at < '2036-01-01')
ALTER TABLE readings ATTACH PARTITION readings_2 FOR VALUES FROM ('2035-01-01') TO ('2036-01-01');
-- setup: ALTER TABLE readings DETACH PARTITION readings_rest
ALTER TABLE readings ATTACH PARTITION readings_rest DEFAULT;
-- # Triggers of partitions
-- setup: CREATE TRIGGER s AFTER UPDATE ON readings FOR EACH ROW EXECUTE FUNCTION noop()
ALTER TABLE readings DISABLE TRIGGER s;
-- setup: CREATE TRIGGER s AFTER UPDATE ON readings FOR EACH ROW EXECUTE FUNCTION noop()
ALTER TABLE readings ENABLE REPLICA TRIGGER s;
-- setup: CREATE TRIGGER s AFTER UPDATE ON readings FOR EACH ROW EXECUTE FUNCTION noop()
ALTER TABLE ONLY readings DISABLE TRIGGER s;
-- setup: CREATE TRIGGER s AFTER UPDATE ON readings FOR EACH STATEMENT EXECUTE FUNCTION noop()
ALTER TABLE readings DISABLE TRIGGER s;
-- setup: CREATE TRIGGER s AFTER UPDATE ON readings FOR EACH ROW EXECUTE FUNCTION noop()
-- versions: 13-
ALTER TABLE readings DISABLE TRIGGER USER;
-- setup: CREATE TRIGGER s AFTER UPDATE ON readings FOR EACH STATEMENT EXECUTE FUNCTION noop()
ALTER TABLE readings DISABLE TRIGGER ALL;
ALTER TABLE goods DISABLE TRIGGER ALL;
ALTER TABLE claims DISABLE TRIGGER ALL;
-- # What goes by CASCADE
-- setup: CREATE POLICY p ON crates USING (EXISTS (SELECT 1 FROM lids))
DROP TABLE lids CASCADE;
-- setup: CREATE VIEW lid_ids AS SELECT id FROM lids; CREATE POLICY p ON crates USING (EXISTS (SELECT 1 FROM lid_ids));
DROP VIEW lid_ids CASCADE;
-- setup: CREATE INDEX crates_twice ON crates (twice(id)); ALTER TABLE lids ADD CHECK (twice(id) > 0);
DROP FUNCTION twice CASCADE;
-- setup: CREATE VIEW doubled AS SELECT twice(id) FROM crates; CREATE VIEW over_doubled AS SELECT * FROM doubled; ALTER TABLE lids ALTER crate SET DEFAULT twice(1);
DROP FUNCTION twice CASCADE;
-- setup: ALTER TABLE crates ADD COLUMN doubled int GENERATED ALWAYS AS (twice(kind)) STORED; CREATE VIEW crate_doubles AS SELECT doubled FROM crates;
DROP FUNCTION twice(int) CASCADE;
-- setup: CREATE POLICY p ON lids USING (twice(id) > 0)
DROP FUNCTION twice(int) CASCADE;
-- setup: CREATE SCHEMA attic; CREATE SEQUENCE attic.numbers; CREATE TABLE attic.kept (id serial PRIMARY KEY, n int DEFAULT nextval('attic.numbers'));
DROP SCHEMA attic CASCADE;
-- setup: CREATE SCHEMA attic; CREATE TABLE attic.kept (id int); CREATE POLICY p ON lids USING (EXISTS (SELECT 1 FROM attic.kept));
DROP SCHEMA attic CASCADE;
-- setup: CREATE SCHEMA attic; CREATE TABLE attic.kept (id bigint, zone text, day date, FOREIGN KEY (id, zone, day) REFERENCES goods);
DROP SCHEMA attic CASCADE;
-- # VACUUM of parents
-- setup: CREATE TABLE boxes (note text) INHERITS (crates); INSERT INTO boxes SELECT i, i, repeat('n', 200) FROM generate_series(1, 300) i;
VACUUM (ANALYZE) crates;
-- setup: CREATE TABLE boxes (note text) INHERITS (crates); INSERT INTO boxes SELECT i, i, repeat('n', 200) FROM generate_series(1, 300) i;
VACUUM crates;
-- setup: CREATE TABLE boxes (note text) INHERITS (crates); INSERT INTO boxes SELECT i, i, repeat('n', 200) FROM generate_series(1, 300) i;
-- versions: 18
VACUUM (ANALYZE) ONLY crates;
-- setup: CREATE TABLE boxes (note text) INHERITS (crates); INSERT INTO boxes SELECT i, i, repeat('n', 200) FROM generate_series(1, 300) i;
VACUUM (FULL, ANALYZE) crates;
-- versions: 16-
VACUUM (PROCESS_MAIN false) crates;
-- versions: 16-
VACUUM (PROCESS_MAIN false, ANALYZE) crates;
VACUUM (ANALYZE) goods;
-- # What is there already
CREATE INDEX IF NOT EXISTS goods_pkey ON goods (label);
CREATE INDEX IF NOT EXISTS lids_pkey ON goods (label);
-- setup: CREATE TYPE place AS (street text, zip int)
COMMENT ON COLUMN place.zip IS 'x';
-- setup: CREATE SEQUENCE numbers
CREATE SEQUENCE IF NOT EXISTS numbers OWNED BY crates.id;
CREATE SEQUENCE IF NOT EXISTS numbers OWNED BY crates.id;
