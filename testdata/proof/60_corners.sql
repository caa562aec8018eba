-- world: shop2
-- # Domains over domains, arrays, columns that are not stored
-- setup: CREATE DOMAIN over_positive AS positive
ALTER TABLE members ADD COLUMN x over_positive;
ALTER TABLE members ADD COLUMN x positive[] DEFAULT '{}';
-- setup: ALTER TABLE members ADD COLUMN codes varchar(20)[], ADD COLUMN sums numeric(5,2)[]
ALTER TABLE members ALTER COLUMN codes TYPE varchar[], ALTER COLUMN sums TYPE numeric[];
-- setup: ALTER TABLE members ADD COLUMN o int
ALTER TABLE members ALTER COLUMN o TYPE regclass USING o::regclass;
-- setup: ALTER TABLE members ADD COLUMN q text; CREATE INDEX ON members (q)
ALTER TABLE members ALTER COLUMN q TYPE text COLLATE "default";
-- setup: ALTER TABLE members ADD COLUMN q text; CREATE INDEX ON members (q)
ALTER TABLE members ALTER COLUMN q TYPE text COLLATE "C" USING q COLLATE "C";
-- versions: 18-
ALTER TABLE members ADD COLUMN twice bigint GENERATED ALWAYS AS (id * 2) VIRTUAL NOT NULL;
ALTER TABLE members ADD COLUMN other int UNIQUE REFERENCES tenants;
-- # Partitions below partitions, indexes over them
-- setup: CREATE INDEX events_label ON events (label)
ALTER TABLE events ALTER COLUMN label TYPE varchar(80);
-- setup: CREATE INDEX events_label ON events (label)
CREATE INDEX IF NOT EXISTS events_label ON events (label);
ALTER TABLE events ADD COLUMN IF NOT EXISTS label text;
ALTER TABLE events DROP COLUMN IF EXISTS nothing_of_that_name;
-- setup: ALTER TABLE events_1 ALTER COLUMN label SET NOT NULL
ALTER TABLE events ALTER COLUMN label SET NOT NULL;
-- # Subqueries, samples
SELECT id FROM tenants ORDER BY (SELECT max(id) FROM members) LIMIT (SELECT count(*) FROM projects);
SELECT id FROM tenants GROUP BY id, (SELECT max(id) FROM members);
SELECT * FROM unnest(ARRAY(SELECT id FROM members)) AS u(id);
SELECT count(*) FROM members TABLESAMPLE SYSTEM (50);
EXPLAIN CREATE TABLE copied AS SELECT * FROM members;
