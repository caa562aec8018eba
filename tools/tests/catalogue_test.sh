#!/usr/bin/env bash
# Our own histories on the installed PostgreSQL: its catalogs against what pawl predicts from the files (tools/proof_catalogue.sh does
# this with any folder, on any version), and `pawl schema dump`, `pawl schema check`, `pawl lint --schema`.
set -u
cd "$(dirname "$0")/../.." || exit 1
root="$PWD"
. tools/tests/cases.sh
. tools/tests/postgres.sh
pg_start catalogue system autovacuum=off jit=off || { echo "not ok a PostgreSQL server starts"; exit 1; }

for history in "$root"/testdata/catalogue/*/; do
  name="$(basename "$history")"
  open_case "the catalogue of testdata/catalogue/$name is the server's" || continue
  pg_new_database "history_$name"
  for file in "$history"*.sql; do psql -XAtq -v ON_ERROR_STOP=1 -f "$file" >/dev/null 2>err || bad "$file: $(cat err)"; done
  pawl 0 schema check "$history" --isolated --url "$(pg_url)"
  has "no difference between"
  # The snapshot says the same of the database, and its SQL makes the same catalogue again.
  pawl 0 schema dump --isolated --url "$(pg_url)" --output snapshot.json
  pawl 0 schema check snapshot.json --isolated --url "$(pg_url)"
  has "no difference between"
  close_case
done

pg_new_database app
pg_sql "CREATE TABLE users (id bigserial PRIMARY KEY, email varchar(50) NOT NULL, note text DEFAULT 'none');
  CREATE INDEX users_email_idx ON users (lower(email)); CREATE VIEW emails AS SELECT email FROM users;
  INSERT INTO users (email) SELECT i FROM generate_series(1, 1000) i; ANALYZE;"
url="$(pg_url)"

open_case "a dump is the same every time, sorted, and reads only"
before="$(pg_sql "SELECT xact_commit >= 0, (SELECT count(*) FROM pg_class) FROM pg_stat_database WHERE datname = 'app'")"
pawl 0 schema dump --isolated --url "$url"
first="$OUT"
is "$(json 'j["version"], j["source"], [t["name"] for t in j["tables"]], [c["name"] for c in j["tables"][0]["columns"]], "statistics" in j')" "(1, 'database', ['users'], ['id', 'email', 'note'], False)"
is "$(json 'j["tables"][0]["columns"][1]["type"], j["tables"][0]["columns"][2]["default"], j["views"][0]["reads"]')" "('character varying(50)', \"'none'::text\", ['public.users'])"
pawl 0 schema dump --isolated --url "$url"
is "$OUT" "$first" "the second dump"
is "$(pg_sql "SELECT xact_commit >= 0, (SELECT count(*) FROM pg_class) FROM pg_stat_database WHERE datname = 'app'")" "$before"
close_case

open_case "a dump holds sizes when it is asked for them"
pawl 0 schema dump --isolated --url "$url" --statistics
is "$(json '[(s["schema"], s["table"], s["rows"], s["bytes"] > 8192) for s in j["statistics"]]')" "[('public', 'users', 1000, True)]"
pawl 2 schema dump m --statistics
has "--statistics needs a database"
close_case

open_case "drift is named, object by object, with exit 1"
file m/0001_users.sql <<'S'
CREATE TABLE users (id bigserial PRIMARY KEY, email varchar(50) NOT NULL, note text DEFAULT 'none');
CREATE INDEX users_email_idx ON users (lower(email));
CREATE VIEW emails AS SELECT email FROM users;
S
pawl 0 schema check m --url "$url"
pawl 0 schema dump --url "$url" --output snapshot.json
pg_sql "BEGIN; DROP VIEW emails; ALTER TABLE users ALTER COLUMN email TYPE text, ALTER COLUMN note SET DEFAULT 'some', ADD COLUMN extra int" >/dev/null # rolled back
pawl 0 schema check m --url "$url"
pg_sql "DROP VIEW emails; ALTER TABLE users ALTER COLUMN email TYPE text, ALTER COLUMN note SET DEFAULT 'some', ADD COLUMN extra int, ADD CONSTRAINT e CHECK (extra > 0) NOT VALID; DROP INDEX users_email_idx; CREATE TABLE schema_migrations (version text)"
for expected in m snapshot.json; do
  pawl 1 schema check "$expected" --url "$url"
  has "column public.users.email: type is text in the database, character varying(50) in" "column public.users.note: default is 'some'::text in the database" \
    "column public.users.extra is in the database only" "index public.users.users_email_idx is not in the database" "constraint public.users.e is in the database only" \
    "view public.emails is not in the database" "6 differences"
  lacks schema_migrations
done
pawl 1 schema check m --url "$url" --json
is "$(json '(j["summary"]["differences"], sorted(set(d["side"] for d in j["differences"])), j["differences"][0].keys() >= {"kind", "object", "message"})')" "(6, ['differs', 'extra', 'missing'], True)"
close_case

open_case "a database that cannot be reached is exit 4, an unreadable schema exit 2"
file m/0001_users.sql <<<'CREATE TABLE users (id int);'
pawl 4 schema check m --url "postgresql://nobody@127.0.0.1:1/none"
printf '{"version": 7}' >odd.json
pawl 2 schema check odd.json --url "$url"
has "odd.json is no schema of version 1"
pawl 2 schema check missing.json --url "$url"
close_case

open_case "lint begins with a snapshot or a schema.sql"
pg_new_database old
pg_sql "CREATE TABLE users (id bigint PRIMARY KEY, email varchar(50))"
pawl 0 schema dump --url "$(pg_url)" --output snapshot.json
printf 'SELECT pg_catalog.set_config('"'search_path', '', false"');\nCREATE TABLE public.users (\n    id bigint NOT NULL,\n    email character varying(50)\n);\nALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);\n' >schema.sql
pawl 0 schema check schema.sql --url "$(pg_url)"
file m/0002_wider.sql <<'S'
ALTER TABLE users ALTER COLUMN email TYPE varchar(100);
S
printf '' >pawl.toml
pawl 1 lint m --select column-type-rewrite
for start in snapshot.json schema.sql; do
  pawl 0 lint m --select column-type-rewrite --schema "$start"
  printf '[[set]]\nname = "app"\npath = "m"\nschema = "%s"\n' "$start" >pawl.toml
  pawl 0 lint m --select column-type-rewrite
  pawl 0 schema dump app
  is "$(json '[c["type"] for c in j["tables"][0]["columns"]]')" "['bigint', 'character varying(100)']"
  printf '' >pawl.toml
done
close_case

exit $failed
