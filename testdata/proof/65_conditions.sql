-- world: yard
-- # CHECK constraints that imply a bound
-- setup: DROP TABLE visits_rest; ALTER TABLE spare ADD CHECK (day >= '2030-01-01' AND day < '2031-01-01')
ALTER TABLE visits ATTACH PARTITION spare FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- setup: DROP TABLE visits_rest; ALTER TABLE spare ADD CHECK (day BETWEEN '2030-01-05' AND '2030-06-30')
ALTER TABLE visits ATTACH PARTITION spare FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- setup: DROP TABLE visits_rest; ALTER TABLE spare ADD CHECK (day >= '2029-01-01' AND day < '2031-01-01')
ALTER TABLE visits ATTACH PARTITION spare FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- setup: DROP TABLE visits_rest; ALTER TABLE spare ADD CHECK (hour >= 0)
ALTER TABLE visits ATTACH PARTITION spare FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
-- setup: ALTER TABLE visits_21 DETACH PARTITION visits_21_b; ALTER TABLE visits_21_b ADD CHECK (day >= '2021-07-01' AND day < '2022-01-01')
ALTER TABLE visits_21 ATTACH PARTITION visits_21_b FOR VALUES FROM ('2021-07-01', MINVALUE) TO ('2022-01-01', MINVALUE);
-- setup: ALTER TABLE visits_21 DETACH PARTITION visits_21_b
ALTER TABLE visits_21 ATTACH PARTITION visits_21_b FOR VALUES FROM ('2021-07-01', MINVALUE) TO ('2022-01-01', MINVALUE);
-- setup: ALTER TABLE returns DROP CONSTRAINT returns_region_sale_id_fkey; ALTER TABLE sales DETACH PARTITION sales_2; ALTER TABLE sales_2 ADD CHECK (region IN (2, 3))
ALTER TABLE sales ATTACH PARTITION sales_2 FOR VALUES IN (2, 3);
-- setup: ALTER TABLE returns DROP CONSTRAINT returns_region_sale_id_fkey; ALTER TABLE sales DETACH PARTITION sales_1; ALTER TABLE sales_1 ADD CHECK (region > 0)
ALTER TABLE sales ATTACH PARTITION sales_1 FOR VALUES IN (1);
-- # Rows of partitioned tables
INSERT INTO sales VALUES (1, 1000), (3, 1001);
INSERT INTO sales (id, region, note) VALUES (1000, 7, 'x');
INSERT INTO visits VALUES ('2021-08-01', 5, 1);
INSERT INTO visits (day, hour) VALUES ('2020-08-01', 5), ('2024-01-01', 5);
UPDATE sales SET note = 'y' WHERE region = 1;
UPDATE sales SET note = 'y' WHERE region IN (2, 3) AND id > 5;
DELETE FROM visits WHERE day < '2020-06-01';
DELETE FROM visits WHERE day >= '2020-02-01' AND day < '2021-03-01';
SELECT count(*) FROM visits v WHERE v.day = '2021-08-05' AND v.hour = 3;
SELECT count(*) FROM sales s JOIN shops ON shops.id = s.shop_id WHERE s.region <> 1 AND s.region < 4;
SELECT count(*) FROM sales WHERE region = 1 OR region = 2;
SELECT count(*) FROM visits WHERE day BETWEEN '2021-01-01' AND '2021-06-30';
UPDATE sales SET shop_id = NULL WHERE region = 2;
INSERT INTO sales (region, id, shop_id) VALUES (1, 2000, NULL), (1, 2001, NULL);
-- # Foreign keys on what the script has just made
ALTER TABLE coded ADD COLUMN shop_id int; ALTER TABLE coded ADD FOREIGN KEY (shop_id) REFERENCES shops;
ALTER TABLE coded ADD COLUMN shop_id int; UPDATE coded SET shop_id = id; ALTER TABLE coded ADD FOREIGN KEY (shop_id) REFERENCES shops;
ALTER TABLE coded ADD COLUMN shop_id int; ALTER TABLE coded ADD CONSTRAINT k FOREIGN KEY (shop_id) REFERENCES shops NOT VALID; ALTER TABLE coded VALIDATE CONSTRAINT k;
ALTER TABLE coded ADD COLUMN region int, ADD FOREIGN KEY (region, id) REFERENCES sales;
-- # Partitions, children and what hangs on them
-- setup: ALTER TABLE visits ADD CONSTRAINT hour_ck CHECK (hour < 24)
ALTER TABLE visits DROP CONSTRAINT hour_ck, ADD CONSTRAINT hour_ck CHECK (hour < 25);
-- setup: DELETE FROM returns WHERE region > 1; ALTER TABLE sales DETACH PARTITION sales_rest
-- versions: 14-
ALTER TABLE sales DETACH PARTITION sales_2 CONCURRENTLY;
TRUNCATE sales_1 CASCADE;
ALTER TABLE carts ADD COLUMN tag text UNIQUE;
ALTER TABLE carts ADD PRIMARY KEY (id);
ALTER TABLE carts ADD PRIMARY KEY (id, wheels);
-- setup: UPDATE carts SET wheels = id; CREATE UNIQUE INDEX carts_uq ON carts (wheels)
ALTER TABLE carts ADD PRIMARY KEY USING INDEX carts_uq;
ALTER TABLE meters ALTER COLUMN id DROP IDENTITY;
ALTER TABLE meters ALTER COLUMN id SET GENERATED ALWAYS;
ALTER TABLE meters ALTER COLUMN id RESTART WITH 1000;
ALTER TABLE coded DROP COLUMN net CASCADE;
ALTER DOMAIN code ADD CHECK (VALUE <> '');
DROP DOMAIN code CASCADE;
-- versions: 16-
VACUUM (ONLY_DATABASE_STATS);
-- versions: 14-
REINDEX TABLE CONCURRENTLY visits;
ANALYZE VERBOSE shops;
