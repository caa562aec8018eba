CREATE SCHEMA shop;
CREATE TYPE shop.size AS ENUM ('s', 'm');
CREATE DOMAIN shop.email AS varchar(200) CHECK (value LIKE '%@%');
CREATE DOMAIN positive AS int NOT NULL CHECK (value > 0);
CREATE TYPE shop.address AS (street text, number int);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE TABLE shop.article (
  id int PRIMARY KEY,
  a smallint, b bigint, c real, d double precision, e numeric, f numeric(8), g char(3), h char, i varchar, j bit(4), k varbit(8), l bool,
  m timestamp, n timestamp(3), o timestamptz(0), p time, q timetz, r date, s interval, t bytea, u uuid, v json, w inet, x int[], y text[][], z "char",
  size shop.size NOT NULL DEFAULT 's', mail shop.email, count positive, home shop.address, range span, sizes shop.size[],
  made timestamptz DEFAULT '1970-01-01', wait interval DEFAULT '90 minutes', raw bytea DEFAULT '', day date DEFAULT current_date, token uuid DEFAULT md5('x')::uuid
);
