-- The schema that the cases run on. Every table has rows on several pages, so that a scan and a rewrite show.
CREATE SCHEMA arch;
CREATE SCHEMA doomed;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE address AS (street text, zip text);
CREATE DOMAIN plain_d AS int;
CREATE DOMAIN checked_d AS int CHECK (VALUE > 0);
CREATE DOMAIN email_d AS varchar(200);
CREATE SEQUENCE free_seq;
CREATE FUNCTION imm(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'select $1 + 1';
CREATE FUNCTION vol() RETURNS int VOLATILE LANGUAGE sql AS 'select (random() * 100)::int';
CREATE FUNCTION trg() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end';

-- referenced by orders and items; no partitions
CREATE TABLE users (id int PRIMARY KEY, email varchar(100) NOT NULL, name text, age int, mood mood, born date, seen timestamp, seen_tz timestamptz, score numeric(10,2), big bigint, small smallint, flag boolean, data jsonb, code char(10), ip inet, net cidr, tags text[], pad text, CONSTRAINT users_email_key UNIQUE (email), CONSTRAINT users_age_ck CHECK (age >= 0));
INSERT INTO users SELECT i, 'u' || i || '@x', 'n' || i, i % 90, 'ok', '2020-01-01', '2020-01-01', '2020-01-01', 1.5, i, 1, true, '{}', 'c', '10.0.0.1', '10.0.0.0/8', '{a}', repeat('x', 100) FROM generate_series(1, 300) i;
CREATE INDEX users_name_idx ON users (name);
CREATE INDEX users_lower_idx ON users (lower(email));

-- no keys to others, no views: what ALTER TABLE is tried on
CREATE TABLE t (id int NOT NULL, v varchar(50), w varchar, txt text, c char(10), n numeric(10,2), nn numeric, i int, s smallint, b bigint, f float4, d float8, ts timestamp, tz timestamptz, tsp timestamp(3), dt date, tm time, iv interval, j json, jb jsonb, u uuid, bo boolean, arr int[], vb varbit(8), bt bit(8), ip inet, ne cidr, pd plain_d, cd checked_d, ed email_d, m mood, filled int, CONSTRAINT t_filled_ck CHECK (filled IS NOT NULL), CONSTRAINT t_i_ck CHECK (i > 0));
INSERT INTO t SELECT k, 'v', 'w', repeat('t', 100), 'c', 1.5, 2.5, k, 1, k, 1.5, 1.5, '2020-01-01', '2020-01-01', '2020-01-01', '2020-01-01', '10:00', '1 day', '{}', '{}', '00000000-0000-0000-0000-000000000001', true, '{1}', '101', '10101010', '10.0.0.1', '10.0.0.0/8', 1, 1, 'e@x', 'ok', 1 FROM generate_series(1, 300) k;
CREATE INDEX t_v_idx ON t (v);
CREATE INDEX t_b_idx ON t (b);
CREATE UNIQUE INDEX t_id_idx ON t (id);
CREATE UNIQUE INDEX t_i_idx ON t (i);
CREATE UNIQUE INDEX t_filled_partial ON t (id) WHERE filled > 0;
ALTER TABLE t ADD CONSTRAINT t_s_nv CHECK (s > 0) NOT VALID;

-- keys in both directions
CREATE TABLE orders (id int PRIMARY KEY, user_id int NOT NULL REFERENCES users, total numeric(10,2) DEFAULT 0, state text DEFAULT 'new', note text, created timestamptz DEFAULT now(), CONSTRAINT orders_total_ck CHECK (total >= 0));
INSERT INTO orders SELECT i, i, 1, 'new', repeat('x', 200), now() FROM generate_series(1, 300) i;
CREATE INDEX orders_user_idx ON orders (user_id);
CREATE TABLE items (id int PRIMARY KEY, order_id int REFERENCES orders ON DELETE CASCADE, user_id int, qty int, note text);
INSERT INTO items SELECT i, i, i, 1, repeat('x', 200) FROM generate_series(1, 300) i;
ALTER TABLE items ADD CONSTRAINT items_user_nv FOREIGN KEY (user_id) REFERENCES users NOT VALID;
CREATE TABLE tree (id int PRIMARY KEY, parent_id int REFERENCES tree, note text);
INSERT INTO tree SELECT i, CASE WHEN i > 1 THEN i / 2 END, repeat('x', 200) FROM generate_series(1, 300) i;

-- partitions: range with a default one; a subpartitioned list; loose tables to attach
CREATE TABLE parts (id int NOT NULL, day date NOT NULL, v varchar(20), user_id int, note text) PARTITION BY RANGE (day);
CREATE TABLE parts_a PARTITION OF parts FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE parts_b PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
INSERT INTO parts SELECT i, '2020-02-01'::date + i % 700, 'v', i, repeat('x', 200) FROM generate_series(1, 690) i;
CREATE INDEX parts_id_idx ON parts (id);
CREATE TABLE dparts (id int NOT NULL, k text NOT NULL, note text) PARTITION BY LIST (k);
CREATE TABLE dparts_a PARTITION OF dparts FOR VALUES IN ('a');
CREATE TABLE dparts_rest PARTITION OF dparts DEFAULT;
INSERT INTO dparts SELECT i, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'z' END, repeat('x', 200) FROM generate_series(1, 600) i;
CREATE TABLE fparts (id int NOT NULL, k int NOT NULL, user_id int REFERENCES users, note text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE fparts_1 PARTITION OF fparts FOR VALUES IN (1);
CREATE TABLE fparts_2 PARTITION OF fparts FOR VALUES IN (2);
INSERT INTO fparts SELECT i, 1 + i % 2, i, repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TABLE loose (id int NOT NULL, day date NOT NULL, v varchar(20), user_id int, note text);
INSERT INTO loose SELECT i, '2022-06-01', 'v', i, repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TABLE loose_checked (id int NOT NULL, day date NOT NULL, v varchar(20), user_id int, note text, CONSTRAINT lc CHECK (day >= '2022-01-01' AND day < '2023-01-01'));
INSERT INTO loose_checked SELECT i, '2022-06-01', 'v', i, repeat('x', 200) FROM generate_series(1, 300) i;
CREATE INDEX loose_checked_id_idx ON loose_checked (id);

-- inheritance
CREATE TABLE animals (id int PRIMARY KEY, name varchar(20), note text);
INSERT INTO animals SELECT i, 'n', repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TABLE dogs (breed text) INHERITS (animals);
INSERT INTO dogs SELECT i, 'n', repeat('x', 200), 'b' FROM generate_series(301, 600) i;
CREATE TABLE stray (id int NOT NULL, name varchar(20), note text);
INSERT INTO stray SELECT i, 'n', repeat('x', 200) FROM generate_series(1, 300) i;

-- views
CREATE TABLE viewed (id int PRIMARY KEY, a int, b text);
INSERT INTO viewed SELECT i, i, repeat('x', 200) FROM generate_series(1, 300) i;
CREATE VIEW view_a AS SELECT id, a FROM viewed;
CREATE VIEW view_b AS SELECT v.id, u.email FROM view_a v JOIN users u ON u.id = v.id;
CREATE MATERIALIZED VIEW mat AS SELECT id, a, b FROM viewed;
CREATE UNIQUE INDEX mat_id_idx ON mat (id);

-- triggers, rules, policies, publications, statistics, identity, generated columns, exclusion
CREATE TABLE audited (id int GENERATED ALWAYS AS IDENTITY, ser serial, a int, b int, twice int GENERATED ALWAYS AS (a * 2) STORED, during int4range, note text, CONSTRAINT audited_excl EXCLUDE USING gist (during WITH &&));
INSERT INTO audited (a, b, during, note) SELECT i, i, int4range(i * 10, i * 10 + 5), repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TRIGGER audited_trg BEFORE UPDATE ON audited FOR EACH ROW EXECUTE FUNCTION trg();
CREATE RULE audited_rule AS ON DELETE TO audited WHERE old.a < 0 DO INSTEAD NOTHING;
CREATE POLICY audited_pol ON audited USING (a > 0);
CREATE STATISTICS audited_st (dependencies) ON a, b FROM audited;
CREATE PUBLICATION pub FOR TABLE audited;
CREATE TRIGGER parts_trg BEFORE INSERT ON parts_a FOR EACH ROW EXECUTE FUNCTION trg();

-- others
CREATE UNLOGGED TABLE unlogged (id int, note text);
INSERT INTO unlogged SELECT i, repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TABLE doomed.a (id int PRIMARY KEY, note text);
INSERT INTO doomed.a SELECT i, repeat('x', 200) FROM generate_series(1, 300) i;
CREATE TABLE doomed.b (id int, a_id int REFERENCES doomed.a);
CREATE TABLE typed OF address;
INSERT INTO typed SELECT repeat('s', 200), 'z' FROM generate_series(1, 300);
CREATE TABLESPACE space LOCATION '';
CREATE ROLE app;
CREATE TABLE owned (id int, note text);
INSERT INTO owned SELECT i, repeat('x', 200) FROM generate_series(1, 300) i;
ALTER TABLE owned OWNER TO app;
CREATE EXTENSION citext;
