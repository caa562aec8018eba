#!/usr/bin/env bash
# pawl lint with what is known of the servers: several versions in one run (--server-version A,B) and sizes of tables (--statistics).
set -u
. "$(dirname "${BASH_SOURCE[0]}")/check.sh"
mkdir -p "$TEST_TMPDIR/work"
cd "$TEST_TMPDIR/work" || exit 1
# json NAME PYTHON-EXPRESSION OPTIONS...: the expression over `f` (findings) and `s` (summary) holds
json() {
  local name="$1" expression="$2"
  shift 2
  "$PAWL" lint --isolated --format json "$@" >report.json 2>err.txt
  check "$name" python3 -c '
import json, sys
r = json.load(open("report.json"))
f, s = r["findings"], r["summary"]
if not (eval(sys.argv[1])):
    print(json.dumps(f, indent=1))
    sys.exit(1)' "$expression"
}
says() { # says NAME TEXT OPTIONS...: the concise report has this text
  local name="$1" text="$2"
  shift 2
  "$PAWL" lint --isolated --format concise "$@" >out.txt 2>err.txt
  check "$name" bash -c 'grep -qF -- "$1" out.txt || { cat out.txt err.txt; exit 1; }' - "$text"
}

# ---- Several versions -------------------------------------------------------------------------------------------------------
echo "ALTER TABLE orders ADD COLUMN status text DEFAULT 'pending';" >default.sql
echo "CREATE INDEX orders_i ON orders (a);" >index.sql
only=(--select constant-default-rewrite,volatile-default-rewrite,index-not-concurrent,unsupported-by-server,detach-partition-not-concurrent,reindex-not-concurrent)
json "a rewrite on 10 is no rewrite from 11: told once" 'len(f) == 1 and f[0]["rule"] == "constant-default-rewrite"' "${only[@]}" --server-version 10,11,17 default.sql
json "each version that was asked for has its entry" '[v["version"] for v in f[0]["versions"]] == ["10", "11", "17"] and [v["holds"] for v in f[0]["versions"]] == [True, False, False]' "${only[@]}" --server-version 10,11,17 default.sql
json "with what the statement does there" '[v["work"] for v in f[0]["versions"]] == ["rewrite", "metadata", "metadata"] and f[0]["versions"][1]["lock"] == "AccessExclusiveLock" and f[0]["versions"][1]["message"] is None' "${only[@]}" --server-version 10,11,17 default.sql
says "in words" "(on 10 only; from 11 only the catalogue changes)" "${only[@]}" --server-version 10,11,17 default.sql
says "the summary names the versions" "on 10, 11 and 17" "${only[@]}" --server-version 10,11,17 default.sql
json "the order and doubles on the command line do not matter" '[v["version"] for v in f[0]["versions"]] == ["10", "17"]' "${only[@]}" --server-version 17,10,17 default.sql
json "nothing holds on 11 and 17" 'f == []' "${only[@]}" --server-version 11,17 default.sql
json "what holds everywhere says nothing of versions" 'len(f) == 1 and "(on" not in f[0]["message"] and all(v["holds"] for v in f[0]["versions"])' "${only[@]}" --server-version 13,17 index.sql
json "and keeps its safe fix" 'f[0]["fix"]["safety"] == "safe"' "${only[@]}" --server-version 13,17 index.sql
json "one version has no entries" 'len(f) == 1 and f[0]["versions"] == []' "${only[@]}" --server-version 13 index.sql
json "none neither" 'len(f) == 1 and f[0]["versions"] == [] and f[0]["tables"] == []' "${only[@]}" index.sql
json "a fingerprint does not depend on it" 'f[0]["fingerprint"] == json.loads(__import__("subprocess").run([__import__("os").environ["PAWL"], "lint", "--isolated", "--format", "json", "--select", "index-not-concurrent", "index.sql"], capture_output=True).stdout)["findings"][0]["fingerprint"]' "${only[@]}" --server-version 13,17 index.sql
echo "ALTER TABLE events DETACH PARTITION events_2024;" >detach.sql
says "a way out that only newer versions have" "(on 17, not on 13)" "${only[@]}" --server-version 13,17 detach.sql
echo "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) VIRTUAL);" >virtual.sql
says "syntax that only the newest has" "not from 18" "${only[@]}" --server-version 13,17,18 virtual.sql
json "statements and files are counted once" 's["files"] == 1 and s["statements"] == 1' "${only[@]}" --server-version 13,17 index.sql
printf '[lint]\nserver-version = ["10", "17"]\n' >pawl.toml
check "versions of pawl.toml" bash -c '"$1" lint --format concise --select constant-default-rewrite default.sql | grep -qF "on 10 only"' - "$PAWL"
rm pawl.toml
printf -- "-- pawl: ignore constant-default-rewrite -- 10 goes away next week\nALTER TABLE orders ADD COLUMN status text DEFAULT 'pending';\n" >ignored.sql
json "a suppression takes the finding of all versions" 'f == []' --select constant-default-rewrite,unused-suppression --server-version 10,17 ignored.sql

# ---- Sizes -----------------------------------------------------------------------------------------------------------------
cat >sizes.json <<'J'
{"version": 1, "statistics": [
  {"schema": "public", "table": "orders", "rows": 410000000, "bytes": 90194313216},
  {"schema": "public", "table": "settings", "rows": 12, "bytes": 49152},
  {"schema": "public", "table": "medium", "rows": null, "bytes": 20971520},
  {"schema": "shop", "table": "orders", "rows": 3, "bytes": 16384}]}
J
sized=(--statistics sizes.json --ignore missing-lock-timeout,missing-if-not-exists)
echo "ALTER TABLE orders ALTER COLUMN total TYPE bigint;" >large.sql
echo "ALTER TABLE settings ALTER COLUMN total TYPE bigint; CREATE INDEX settings_i ON settings (a); UPDATE settings SET a = 1;" >small.sql
echo "ALTER TABLE unknown ALTER COLUMN total TYPE bigint;" >unknown.sql
says "a large table's size and duration are said" '(`orders`: 84 GB, roughly 12 to 30 minutes)' "${sized[@]}" --select column-type-rewrite large.sql
json "and are a member of JSON" 'f[0]["tables"] == [{"object": "public.orders", "rows": 410000000, "bytes": 90194313216, "work": "rewrite", "seconds": [716, 1792]}]' "${sized[@]}" --select column-type-rewrite large.sql
json "findings on a small table are left out" 'f == []' "${sized[@]}" small.sql
says "and counted" "3 on small tables left out" "${sized[@]}" --select column-type-rewrite,index-not-concurrent,unbatched-update small.sql
json "without sizes they are there" 'len(f) == 3' --select column-type-rewrite,index-not-concurrent,unbatched-update small.sql
json "a table that is not listed is unknown, not small" 'len(f) == 1 and f[0]["severity"] == "error" and f[0]["tables"] == []' "${sized[@]}" --select column-type-rewrite unknown.sql
echo "VACUUM FULL medium;" >medium.sql
json "rows that were never counted" 'f[0]["tables"][0]["rows"] is None and f[0]["tables"][0]["bytes"] == 20971520' "${sized[@]}" --select vacuum-full medium.sql
echo "ALTER TABLE shop.orders ALTER COLUMN total TYPE bigint;" >schema.sql
json "the schema counts" 'f == []' "${sized[@]}" --select column-type-rewrite schema.sql
echo "DROP TABLE settings; TRUNCATE settings; ALTER TABLE settings RENAME TO options;" >lost.sql
json "lost data and broken code do not depend on the size" 'len(f) == 3' "${sized[@]}" --select drop-table,truncate,rename-table lost.sql
echo "ALTER TABLE settings ADD COLUMN a int;" >timeout.sql
echo "CREATE MATERIALIZED VIEW settings AS SELECT 1 AS a; REFRESH MATERIALIZED VIEW CONCURRENTLY settings;" >refused.sql
json "nor does what the server refuses" 'len(f) == 1 and "fails" in f[0]["message"]' "${sized[@]}" --select refresh-not-concurrent refused.sql
json "nor does waiting for a lock" 'len(f) == 1' --statistics sizes.json --select missing-lock-timeout timeout.sql
echo "ALTER TABLE orders ADD CONSTRAINT o FOREIGN KEY (s) REFERENCES settings (id);" >key_large.sql
echo "ALTER TABLE settings ADD CONSTRAINT o FOREIGN KEY (s) REFERENCES orders (id);" >key_small.sql
says "the table that is read counts" '`orders`: 84 GB' "${sized[@]}" --select foreign-key-without-not-valid key_large.sql
printf "BEGIN;\nALTER TABLE settings ADD COLUMN x int;\nUPDATE orders SET a = 1;\nCOMMIT;\n" >backfill.sql
says "of a backfill the rows, too" '`orders`: 84 GB, 410 million rows' "${sized[@]}" --select unbatched-update backfill.sql
echo "VACUUM FULL orders, settings;" >both.sql
json "one large table is enough" 'len(f) >= 1 and any(t["object"] == "public.orders" for t in f[0]["tables"])' "${sized[@]}" --select vacuum-full both.sql
printf '[lint]\nsmall-table = "100MB"\n' >pawl.toml
check "what is small is configured" bash -c '"$1" lint --statistics sizes.json --select vacuum-full medium.sql' - "$PAWL"
printf '[lint]\nsmall-table = "many"\n' >pawl.toml
check "a wrong size is an error" bash -c '"$1" lint --statistics sizes.json medium.sql; [ $? = 2 ]' - "$PAWL"
rm pawl.toml
check "a file that is not there is exit 2" bash -c '"$1" lint --statistics no.json medium.sql; [ $? = 2 ]' - "$PAWL"
echo '{"version": 1, "tables": []}' >none.json
check "a dump without sizes says how to get them" bash -c '"$1" lint --statistics none.json medium.sql 2>err.txt; [ $? = 2 ] && grep -q "schema dump --statistics" err.txt' - "$PAWL"
json "sizes and versions together" 'len(f) == 1 and len(f[0]["versions"]) == 2 and len(f[0]["tables"]) == 1' "${sized[@]}" --select column-type-rewrite --server-version 13,17 large.sql
exit $failed
