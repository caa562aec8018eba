ALTER TYPE shop.size ADD VALUE IF NOT EXISTS 'l';
ALTER TYPE shop.size ADD VALUE 'xs' BEFORE 's';
ALTER TABLE shop.article ALTER COLUMN i TYPE varchar(50), ALTER COLUMN a TYPE int, ALTER COLUMN g DROP DEFAULT, ALTER COLUMN b SET DEFAULT 1 + 2, ALTER COLUMN c SET NOT NULL;
ALTER TABLE shop.article ALTER COLUMN size DROP DEFAULT, ALTER COLUMN size TYPE text USING size::text, ALTER COLUMN size SET DEFAULT 'm';
ALTER TABLE shop.article ALTER COLUMN made SET DEFAULT CASE WHEN true THEN now() END, ALTER COLUMN c DROP NOT NULL, DROP COLUMN home;
CREATE TYPE shop.size_new AS ENUM ('s', 'm', 'l');
ALTER TABLE shop.article ALTER COLUMN sizes TYPE shop.size_new[] USING sizes::text[]::shop.size_new[];
DROP TYPE shop.size;
ALTER TYPE shop.size_new RENAME TO size;
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'colour') THEN
    CREATE TYPE shop.colour AS ENUM ('red');
  END IF;
  EXECUTE 'ALTER TABLE shop.article ADD COLUMN colour shop.colour';
END $$;
DROP DOMAIN positive CASCADE;
