#!/usr/bin/env bash
# The runner on a real Neo4j: connection, status, validate, plan, apply, rollback, repair, baseline, and what happens when it is killed, when
# the server crashes, when somebody holds a lock, and when several run at once.
# NEO4J_VERSION=2026.08.1, or 5.12.0: on another server than the long-term one. NEO4J_ONLY=WORD: only cases whose name has it.
# NEO4J_API=transaction: by the older of the two HTTP interfaces.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tools/tests/neo4j.sh
. tools/tests/postgres.sh
. tools/tests/cases.sh
trap 'neo_stop_all; pg_stop_all' EXIT
if ! neo_start main; then
  echo "not ok a Neo4j server starts"
  exit 1
fi
export PAWL_USER=ada
unset MIGRATION_APPROVED_BY NEO4J_USERNAME NEO4J_PASSWORD NEO4J_TOKEN NEO4J_URI NEO4J_DATABASE
url() { echo "http://127.0.0.1:$NEO_HTTP/neo4j${NEO4J_API:+?api=$NEO4J_API}"; }
export NEO4J_URL
NEO4J_URL="$(url)"
# CALL (p) { is of 5.23; before that the variable was imported by a WITH. 4.4 runs no batches over HTTP.
older=""
case "$NEO_VERSION" in 4.* | 5.?.* | 5.1?.* | 5.2[0-2].*) older='s/CALL (p) {/CALL { WITH p/;' ;; esac
case "$NEO_VERSION" in 4.*) older+='s/} IN TRANSACTIONS OF 3 ROWS/}/' ;; esac
[ -z "$older" ] || file() { mkdir -p "$(dirname "$1")" && sed "$older" >"$1"; }

# --- A case: if begin NAME; then steps; end; fi. Steps that fail add to WHY.
begin() {
  open_case "$1" "${NEO4J_ONLY:-}" || return 1
  neo_reset || bad "the database cannot be emptied"
}
end() { close_case; }
cy() { neo_cypher "$@" 2>&1; }
applied() { cy "MATCH (m:Migration {status: 'SUCCESS'}) RETURN m.version ORDER BY m.version" | tr '\n' ' '; }
# An open transaction that holds what QUERY locks, until release. Sets HOLD. Servers before 5.20 end one that is left alone for two seconds.
hold() {
  local url="http://127.0.0.1:$NEO_HTTP/db/neo4j/tx" json='Content-Type: application/json'
  HOLD="$url/$(curl -s -H "$json" -d "$(python3 -c 'import json, sys; print(json.dumps({"statements": [{"statement": sys.argv[1]}]}))' "$1")" "$url" | sed -E 's|.*/tx/([0-9]+)/commit.*|\1|')"
  case "$NEO_VERSION" in 5.?.* | 5.1?.*) (while curl -s -H "$json" -d '{"statements":[]}' "$HOLD" | grep -q '"errors":\[\]'; do sleep 0.5; done) >/dev/null 2>&1 & ;; esac
}
release() { curl -s -o /dev/null -X DELETE "$HOLD"; }
three() { # a schema, data, batches
  printf 'CREATE CONSTRAINT person_email IF NOT EXISTS FOR (p:Person) REQUIRE p.email IS UNIQUE;\nCREATE INDEX person_name IF NOT EXISTS FOR (p:Person) ON (p.name);\n' | file m/0001_people.up.cypher
  printf 'DROP INDEX person_name IF EXISTS;\nDROP CONSTRAINT person_email IF EXISTS;\n' | file m/0001_people.down.cypher
  printf "CREATE (:Ledger {v: 2});\nUNWIND range(1, 10) AS i MERGE (p:Person {email: 'p' + i}) SET p.name = 'P';\n" | file m/0002_seed.up.cypher
  printf 'MATCH (l:Ledger {v: 2}) DELETE l;\nMATCH (p:Person) DETACH DELETE p;\n' | file m/0002_seed.down.cypher
  printf 'MATCH (p:Person) WHERE p.seen IS NULL CALL (p) { SET p.seen = true } IN TRANSACTIONS OF 3 ROWS;\n' | file m/0003_batch.up.cypher
  printf 'MATCH (p:Person) SET p.seen = null;\n' | file m/0003_batch.down.cypher
}

# ------------------------------------------------------------------------------------------------------------ reading
reading() {
  if begin "status, validate, plan, history and dry runs write nothing to an empty database"; then
  three
  pawl 0 status m; has "0 applied, 3 pending" "Neo4j $NEO_VERSION"
  pawl 0 validate m -v; has "ok   connectivity" "ok   edition: community" "no duplicates" "the server accepts"
  pawl 0 plan m --output plan.json; has "sha256:" "3 migrations" "schema lock on :Person"
  pawl 0 history m; has "nothing recorded"
  pawl 0 apply m --dry-run --yes; has "CREATE CONSTRAINT person_email" ":begin" ":auto MATCH"
  pawl 1 apply m; has "without a terminal"
  is "$(cy 'MATCH (n) RETURN count(n)')" 0 nodes
  is "$(cy 'SHOW CONSTRAINTS YIELD name RETURN count(*)')" 0 constraints
  end; fi

  if begin "EXPLAIN of every statement, however many: what the server refuses and what reads everything, at their lines"; then
  for i in $(seq 130); do
    case "$i" in
      13) echo 'MATCH (n) SET n.y = 1;' ;;
      31 | 32 | 104) echo "MATCH (n:L$i) SET n.z = no.such$i(n.x);" ;;
      *) echo "MATCH (n:L$i) SET n.x = 1;" ;;
    esac
  done | file m/0001_many.up.cypher
  pawl 1 validate m -v; has "0001_many.up.cypher:31: Unknown function 'no.such31'" "0001_many.up.cypher:32: Unknown function" "0001_many.up.cypher:104: Unknown function" "0001_many.up.cypher:13: the server plans AllNodesScan"
  sed -i 's/no\.such[0-9]*(n.x)/n.x/; s/(n) SET/(n:M) SET/' m/0001_many.up.cypher
  pawl 0 validate m -v; has "the server accepts 130 different statements"
  is "$(cy 'MATCH (n) RETURN count(n)')" 0 nodes
  end; fi

  if begin "status: under 100 ms, a no-op apply under 150 ms"; then
  three
  pawl 0 apply m --yes --quiet
  python3 - "$PAWL" >times <<'P'
import subprocess, sys, time
for words, limit in ((["status", "m"], 100), (["apply", "m", "--yes"], 150)):
    best = 1e9
    for _ in range(8):
        t = time.time()
        subprocess.run([sys.argv[1], *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        best = min(best, time.time() - t)
    if best * 1000 > limit:
        print(f"{words[0]} takes {best * 1000:.0f} ms")
P
  is "$(cat times)" "" times
  end; fi
}

# ------------------------------------------------------------------------------------------------------------ running
running() {
  if begin "up, down, up: schema, data, batches"; then
  three
  pawl 0 apply m --yes; has "3 migrations applied"
  is "$(applied)" "0001 0002 0003 "
  is "$(cy 'MATCH (p:Person {seen: true}) RETURN count(p)')" 10
  is "$(cy "SHOW CONSTRAINTS YIELD name WHERE name = 'person_email' RETURN name")" person_email
  pawl 0 apply m --yes; has "nothing to do"
  pawl 1 rollback m --yes --steps 2; has "loses data" "--accept-data-loss"
  pawl 0 rollback m --yes --steps 3 --accept-data-loss; has "3 migrations rolled back"
  is "$(cy "MATCH (m:Migration) RETURN collect(DISTINCT m.status)")" '["ROLLED_BACK"]'
  is "$(cy "SHOW INDEXES YIELD name WHERE name STARTS WITH 'person' RETURN count(*)")" 0
  pawl 0 apply m --yes --quiet
  is "$(applied)" "0001 0002 0003 "
  pawl 0 history m --json; is "$(json 'len(j["runs"])')" 9
  end; fi

  if begin "the runbooks' queries on (:Migration) work as they stand"; then
  three
  printf 'CREATE (:Ledger {v: 4}) WITH 1 AS x RETURN x / 0;\n' | file m/0004_bad.up.cypher
  pawl 3 apply m --yes --quiet; has "m/0004_bad.up.cypher:1" "/ by zero" "nothing of it is left" "3 migrations of this run before it are applied"
  is "$(cy "MATCH (m:Migration) WHERE m.status = 'SUCCESS' RETURN m.filename, m.appliedAt, m.executionTime ORDER BY m.appliedAt DESC LIMIT 5" | cut -f1 | tr '\n' ' ')" "0003_batch.up.cypher 0002_seed.up.cypher 0001_people.up.cypher "
  is "$(cy "MATCH (m:Migration {status: 'FAILED'}) RETURN m.filename, m.description, m.appliedAt" | cut -f1,2)" $'0004_bad.up.cypher\tbad'
  is "$(cy "MATCH (m:Migration) WHERE m.filename CONTAINS '0004_bad' RETURN m.status")" FAILED
  is "$(cy "MATCH (m:Migration) WHERE m.appliedAt > datetime() - duration('PT1H') RETURN m.filename, m.status, m.description ORDER BY m.appliedAt" | wc -l)" 4
  is "$(cy "MATCH (m:Migration) WHERE m.executionTime > 10000 RETURN m.filename, m.executionTime, m.appliedAt ORDER BY m.executionTime DESC")" ""
  is "$(cy 'MATCH (l:Ledger {v: 4}) RETURN count(l)')" 0
  pawl 0 status m; has "failed" "/ by zero"
  echo 'CREATE (:Ledger {v: 4});' | file m/0004_bad.up.cypher
  pawl 0 apply m --yes --quiet
  is "$(cy "MATCH (m:Migration) WHERE m.filename CONTAINS '0004_bad' RETURN m.status, m.error IS NULL")" $'SUCCESS\ttrue'
  cy "MATCH (m:Migration {filename: '0004_bad.up.cypher'}) DETACH DELETE m" >/dev/null
  pawl 0 status m; has "3 applied, 1 pending"
  end; fi

  if begin "migrations of schema commands go together: what is done is recorded, what failed is told, what was not begun leaves nothing"; then
  schemas
  printf 'CREATE TEXT INDEX two FOR (n:Two) ON (n.x, n.y);\n' | file m/0005_two.up.cypher
  printf 'DROP INDEX two IF EXISTS;\n' | file m/0005_two.down.cypher
  pawl 3 apply m --yes --log log; has "m/0005_two.up.cypher:1" "4 migrations of this run before it are applied"
  is "$(applied)" "0001 0002 0003 0004 "
  is "$(cy "MATCH (m:Migration) WHERE m.status <> 'SUCCESS' RETURN m.version, m.status")" $'0005\tFAILED'
  is "$(cy "MATCH (l:__PawlAttempt) RETURN l.status, count(*), count(l.finishedAt) ORDER BY l.status")" $'applied\t4\t4\nfailed\t1\t1'
  is "$(cy "MATCH (o:__PawlOpen) RETURN o.version")" 0005
  is "$(python3 -c "import json; print(*(x['version'] + x.get('status', '') for x in map(json.loads, open('log')) if x['event'] == 'migration_finish'))")" "0001applied 0002applied 0003applied 0004applied 0005failed" events
  printf 'CREATE TEXT INDEX two FOR (n:Two) ON (n.x);\n' | file m/0005_two.up.cypher
  pawl 0 apply m --yes --quiet
  is "$(applied)" "0001 0002 0003 0004 0005 0006 0007 "
  is "$(cy "MATCH (m:Migration) WHERE m.executionTime IS NULL OR m.error IS NOT NULL OR m.checksum IS NULL RETURN m.version")" ""
  pawl 0 rollback m --yes --quiet --to 0004 --accept-data-loss
  printf 'CREATE TEXT INDEX two FOR (n:Two) ON (n.x, n.y);\n' | file m/0005_two.up.cypher
  pawl 3 apply m --yes --quiet
  is "$(cy "MATCH (m:Migration) WHERE m.status <> 'SUCCESS' RETURN m.version, m.status ORDER BY m.version" | tr '\t\n' '  ')" "0005 FAILED 0006 ROLLED_BACK 0007 ROLLED_BACK "
  end; fi

  if begin "a signal between two schema commands: nothing is in doubt, the next apply goes on"; then
  for i in $(seq -w 80); do printf 'CREATE INDEX l%s FOR (n:L%s) ON (n.x);\n' "$i" "$i" | file "m/00${i}_l.up.cypher"; done
  "$PAWL" apply m --yes --quiet >stopped 2>&1 </dev/null &
  local pid=$!
  for i in $(seq 100); do [ "$(cy "SHOW INDEXES YIELD name WHERE name STARTS WITH 'l' RETURN count(*) > 3")" = true ] && break; done
  kill -INT $pid
  wait $pid
  is $? 3 "exit of the stopped one"
  is "$(cy "MATCH (m:Migration) WHERE m.status <> 'SUCCESS' RETURN m.version, m.status")" "" "nodes"
  is "$(cy "MATCH (o:__PawlOpen) RETURN count(o)")" 0 "open attempts"
  is "$(cy "MATCH (m:Migration) RETURN count(m)")" "$(cy "SHOW INDEXES YIELD name WHERE name STARTS WITH 'l' RETURN count(*)")" "recorded and made"
  pawl 0 apply m --yes --quiet
  is "$(cy "MATCH (m:Migration {status: 'SUCCESS'}) RETURN count(m)")" 80
  end; fi

  if begin "an edited file is refused; a checksum that was overridden by hand is reported"; then
  three
  pawl 0 apply m --yes --quiet
  echo 'CREATE (:Ledger {v: 99});' >>m/0002_seed.up.cypher
  echo 'CREATE (:Ledger {v: 4});' | file m/0004_more.up.cypher
  pawl 0 status m; has "EDITED since it was applied"
  pawl 1 validate m; has "was edited after it was applied"
  pawl 1 apply m --yes; has "was edited after it was applied"
  cy "MATCH (m:Migration {filename: '0002_seed.up.cypher'}) SET m.checksum = '$(sha256sum <m/0002_seed.up.cypher | cut -d' ' -f1)'" >/dev/null
  pawl 0 validate m; has "was changed in the database by hand"
  pawl 0 status m; has "checksum changed in the database by hand"; lacks "EDITED"
  pawl 0 apply m --yes; has "was changed in the database by hand" "1 migration applied"
  end; fi

  if begin "schema and data in one file: refused, unless the file says so"; then
  printf 'CREATE INDEX a_x FOR (a:A) ON (a.x);\nCREATE (:A {x: 1});\nCREATE CONSTRAINT a_y FOR (a:A) REQUIRE a.y IS UNIQUE;\nCREATE (:A {x: 2});\n' | file m/0001_mixed.cypher
  pawl 1 apply m --yes; has "0001_mixed.cypher:2" "never runs in one transaction" "// pawl: no-transaction"
  is "$(cy 'MATCH (a:A) RETURN count(a)')" 0
  sed -i '1i // pawl: no-transaction' m/0001_mixed.cypher
  pawl 0 plan m --output p.json; has "4 parts that commit one by one"
  pawl 0 apply m --yes --quiet
  is "$(cy 'MATCH (a:A) RETURN count(a)')" 2
  is "$(cy "MATCH (l:__PawlAttempt) RETURN l.unitsDone, l.unitsTotal")" $'4\t4'
  end; fi

  if begin "a failure in a file of several parts: it goes on at the part that failed"; then
  printf '// pawl: no-transaction\nCREATE (:Ledger {v: 1});\nCREATE INDEX a_x FOR (a:A) ON (a.x);\nCREATE (:Ledger {v: 2}) WITH 1 AS x RETURN x / 0;\nCREATE (:Ledger {v: 3});\n' | file m/0001_parts.cypher
  pawl 3 apply m --yes; has "0001_parts.cypher:4" "first 2 of 4 parts are committed"
  pawl 0 status m; has "interrupted" "2 of 4 parts done"
  sed -i 's/ WITH 1 AS x RETURN x . 0//' m/0001_parts.cypher
  pawl 0 apply m --yes; has "goes on after 2 of 4 parts"
  is "$(cy 'MATCH (l:Ledger) RETURN l.v ORDER BY l.v' | tr '\n' ' ')" "1 2 3 "
  end; fi

  if begin "batches that fail half-way: told honestly, and never run twice in silence"; then
  cy "UNWIND range(1, 10) AS i CREATE (:P {i: i, price: 10})" >/dev/null
  printf 'MATCH (p:P) WITH p ORDER BY p.i CALL (p) { SET p.price = p.price + 1, p.z = 1 / (7 - p.i) } IN TRANSACTIONS OF 2 ROWS;\n' | file m/0001_price.cypher
  pawl 3 apply m --yes; has "/ by zero" "3 of its batches are committed" "pawl repair --version 0001 --retry"
  is "$(cy 'MATCH (p:P) WHERE p.price = 11 RETURN count(p)')" 6
  pawl 0 status m; has "interrupted"
  is "$(cy "MATCH (m:Migration) RETURN m.status")" FAILED
  pawl 1 apply m --yes; has "would do them again" "--retry"
  is "$(cy 'MATCH (p:P) WHERE p.price = 11 RETURN count(p)')" 6
  printf 'MATCH (p:P) WHERE p.z IS NULL CALL (p) { SET p.price = p.price + 1, p.z = 1 } IN TRANSACTIONS OF 2 ROWS;\n' | file m/0001_price.cypher
  pawl 0 repair m --version 0001 --retry --yes
  pawl 0 apply m --yes --quiet
  is "$(cy 'MATCH (p:P) RETURN collect(DISTINCT p.price)')" '[11]'
  end; fi

  if begin "REPORT STATUS: a batch that failed is no success"; then
  cy "UNWIND range(1, 10) AS i CREATE (:P {i: i})" >/dev/null
  printf 'MATCH (p:P) CALL (p) { SET p.z = 1 / (7 - p.i) } IN TRANSACTIONS OF 2 ROWS ON ERROR CONTINUE REPORT STATUS AS s RETURN s;\n' | file m/0001_report.cypher
  pawl 3 apply m --yes; has "REPORT STATUS tells of" "/ by zero"
  end; fi

  if begin "a position in the server's error is a line of the file"; then
  printf '// one\n// two\nMATCH (p:P)\nWHERE p.x = 1\nSET p.y = nosuch.z;\n' | file m/0001_err.cypher
  pawl 1 apply m --yes; has "m/0001_err.cypher:5" 'nosuch'
  is "$(cy 'MATCH (m:Migration) RETURN count(m)')" 0
  end; fi

  if begin "guards: duplicates, names that are taken, what is dropped and not there, editions"; then
  cy "CREATE (:U {k: 1}), (:U {k: 1}), (:U {k: 2})" >/dev/null
  cy "CREATE INDEX taken FOR (x:X) ON (x.a)" >/dev/null
  echo 'CREATE CONSTRAINT u_k FOR (u:U) REQUIRE u.k IS UNIQUE;' | file m/0001_x.cypher
  pawl 1 apply m --yes; has "1 values of k stand on more than one node" "k = 1 (2 times)"
  echo 'CREATE INDEX taken IF NOT EXISTS FOR (y:Y) ON (y.a);' | file m/0001_x.cypher
  pawl 1 apply m --yes; has "of that name exists already, on (:X) on a"
  echo 'CREATE INDEX FOR (y:X) ON (y.a);' | file m/0001_x.cypher
  pawl 1 apply m --yes; has "exists already under the name taken"
  echo 'CREATE CONSTRAINT c FOR (y:X) REQUIRE y.a IS UNIQUE;' | file m/0001_x.cypher
  pawl 1 apply m --yes; has "the index taken on the same (:X) on a stands in its way"
  echo 'DROP INDEX nope;' | file m/0001_x.cypher
  pawl 1 apply m --yes; has "which m/0001_x.cypher:1 drops, does not exist"
  echo 'CREATE CONSTRAINT c FOR (y:X) REQUIRE y.q IS NOT NULL;' | file m/0001_x.cypher
  pawl 1 apply m --yes; has "needs Neo4j Enterprise"
  printf 'MATCH (a:A), (b:B) SET a.x = b.x;\n' | file m/0001_x.cypher
  pawl 0 validate m; has "CartesianProduct"
  is "$(cy 'MATCH (m:Migration) RETURN count(m)')" 0
  end; fi

  if begin "an approved plan is what runs; an edit in between is refused"; then
  three
  pawl 0 plan m --output plan.json
  pawl 0 approve plan.json --approved-by bob
  pawl 0 apply plan.json --yes --environment production --backup-id dump-1
  is "$(cy "MATCH (m:Migration {version: '0001'}) RETURN m.backupId, m.approvals")" $'dump-1\t["bob", "ada"]'
  echo 'CREATE (:Ledger {v: 4});' | file m/0004_more.up.cypher
  pawl 0 plan m --output plan.json
  echo 'CREATE (:Ledger {v: 5});' | file m/0004_more.up.cypher
  pawl 1 apply plan.json --yes; has "changed since the plan was made"
  pawl 1 apply m --yes --environment production; has "asks for 2 distinct approvals" "asks for a backup"
  end; fi

  if begin "a backup command, count deltas, checks before and after, the audit record"; then
  three
  printf '[lint]\nignore = ["all"]\n[apply]\nbackup-command = "echo took $NEO4J_DATABASE; echo /backups/neo4j.dump"\nafter = [{name = "people", query = "MATCH (p:Person) RETURN count(p) = 10"}]\nbefore = ["RETURN true"]\naudit-dir = "audit"\n' >pawl.toml
  pawl 0 apply m --yes --backup -v; has "backup: /backups/neo4j.dump" "ok rows of :Person: 0 before, 10 now (+10)" "ok after: people" "audit: "
  is "$(ls audit | wc -l)" 2
  end; fi

  if begin "layouts: neo4j-migrations with a repeatable script; an empty file"; then
  printf 'CREATE (:Ledger {v: 1});\n' | file m/V1__one.cypher
  printf '// nothing\n' | file m/V2__two.cypher
  printf 'MERGE (:R {k: 1});\n' | file m/R3__rep.cypher
  pawl 0 apply m --yes --quiet
  pawl 0 apply m --yes; has "nothing to do"
  printf 'MERGE (:R {k: 2});\n' | file m/R3__rep.cypher
  pawl 0 status m; has "runs again"
  pawl 0 apply m --yes --quiet
  is "$(cy 'MATCH (r:R) RETURN count(r)')" 2
  end; fi

  if begin "cypher-shell's commands: :auto is done without, others are refused"; then
  printf ':auto MATCH (p:P) CALL (p) { SET p.x = 1 } IN TRANSACTIONS;\n:begin\nCREATE (:Ledger {v: 1});\n:commit\n' | file m/0001_x.cypher
  pawl 0 apply m --yes --quiet
  printf ':param x => 1;\nCREATE (:Ledger {v: 2});\n' | file m/0002_y.cypher
  pawl 1 apply m --yes; has "is a command of cypher-shell"
  end; fi
}

# --------------------------------------------------------------------------------------------- undo sections, both stores
stores() {
  if begin "undo sections: commented out, dbmate's, neo4j-migrations' pairs"; then
  printf '// Migration: a\n// Up migration\nCREATE INDEX a_x FOR (a:A) ON (a.x);\n\n// Down migration (rollback)\n// DROP INDEX a_x;\n' | file m/01_a.cypher
  printf '// Up migration\nCREATE (:Ledger {v: 2});\n\n// Down migration (rollback)\n// MATCH (l:Ledger {v: 2})\n// DELETE l;\n' | file m/02_b.cypher
  pawl 0 apply m --yes --quiet
  pawl 0 plan m --down --output p.json; has "02" "LOSES DATA"
  pawl 0 rollback m --yes --quiet --steps 2 --accept-data-loss
  is "$(cy 'MATCH (l:Ledger) RETURN count(l)') $(cy "SHOW INDEXES YIELD name WHERE name = 'a_x' RETURN count(*)")" "0 0"
  rm m/*
  printf '// migrate:up\nCREATE (:Ledger {v: 1});\n// migrate:down\nMATCH (l:Ledger {v: 1}) DELETE l;\n' | file m/20240101000001_a.cypher
  neo_reset
  pawl 0 apply m --yes --quiet
  is "$(cy 'MATCH (l:Ledger) RETURN count(l)')" 1
  pawl 0 rollback m --yes --quiet --accept-data-loss
  is "$(cy 'MATCH (l:Ledger) RETURN count(l)')" 0
  end; fi

  if begin "plan --down without an undo script: what would undo the schema commands is shown, never run; data is nobody's guess"; then
  printf 'CREATE CONSTRAINT a_id IF NOT EXISTS FOR (a:A) REQUIRE a.id IS UNIQUE;\n' | file m/V1__a.cypher
  printf 'CREATE INDEX a_x FOR (a:A) ON (a.x);\nDROP CONSTRAINT a_id;\n' | file m/V2__b.cypher
  printf 'MERGE (:Role {name: "x"});\n' | file m/V3__c.cypher
  pawl 0 apply m --yes --quiet
  pawl 1 plan m --down --steps 3
  has "has no down script" "DROP CONSTRAINT a_id IF EXISTS;" "line 1 says IF NOT EXISTS" "DROP INDEX a_x IF EXISTS;" "CREATE CONSTRAINT a_id IF NOT EXISTS FOR (a:A) REQUIRE a.id IS UNIQUE;" 'line 1 changes data, which nobody but you can undo: MERGE (:Role {name: "x"})'
  pawl 1 rollback m --yes --steps 3 --accept-data-loss
  is "$(applied)" "1 2 3 "
  is "$(cy "SHOW INDEXES YIELD name WHERE name = 'a_x' RETURN count(*)")" 1
  end; fi

  if begin "plan --all, approve, apply: one release in the order of \`after\`; a failure stops what depends on it"; then
  mkdir -p one two three
  echo 'CREATE (:Ledger {v: 1});' | file one/0001_a.cypher
  echo 'CREATE (:Ledger {v: 2});' | file two/0001_b.cypher
  echo 'CREATE (:Ledger {v: 3});' | file three/0001_c.cypher
  printf '[[set]]\nname = "two"\npath = "two"\nurl-env = "NEO4J_URL"\nafter = ["one"]\n[[set]]\nname = "one"\npath = "one"\nurl-env = "NEO4J_URL"\n[[set]]\nname = "three"\npath = "three"\nurl-env = "NEO4J_URL"\n[lint]\nignore = ["all"]\n' >pawl.toml
  pawl 0 plan --all; has "== two (after one)" "3 migrations in 3 sets, written to release.json"
  [[ "$OUT" == *"== one"*"== two"*"== three"* ]] || bad "order: $OUT"
  pawl 0 approve release.json --approved-by bob; has "bob approves"
  pawl 0 apply release.json --yes --environment production --backup-id b1; has "one: applied, 1 migration" "two: applied" "three: applied"
  is "$(cy "MATCH (m:Migration) RETURN m.component, m.approvals ORDER BY m.appliedAt" | tr '\n' ' ')" $'one\t["bob", "ada"] two\t["bob", "ada"] three\t["bob", "ada"] '
  echo 'CREATE (:Ledger {v: 11}) WITH 1 AS x RETURN x / 0;' | file one/0002_a.cypher
  echo 'CREATE (:Ledger {v: 21});' | file two/0002_b.cypher
  echo 'CREATE (:Ledger {v: 31});' | file three/0002_c.cypher
  pawl 3 apply --all --yes; has "one: failed" "two: not begun: it comes after one, which failed" "three: applied, 1 migration" "what is applied stays applied"
  is "$(cy 'MATCH (l:Ledger) RETURN l.v ORDER BY l.v' | tr '\n' ' ')" "1 2 3 31 "
  echo 'CREATE (:Ledger {v: 11});' | file one/0002_a.cypher
  pawl 0 apply --all --yes --json; is "$(json '[(s["component"], s["outcome"]) for s in j["sets"]]')" "[('one', 'applied'), ('two', 'applied'), ('three', 'nothing to do')]"
  printf 'CREATE (:Ledger {v: 12}\n' | file one/0003_a.cypher
  echo 'CREATE (:Ledger {v: 32});' | file three/0003_c.cypher
  pawl 1 apply --all --yes; has "nothing was changed in any database"
  is "$(cy 'MATCH (l:Ledger {v: 32}) RETURN count(l)')" 0
  sed -i 's/"digest": "sha256:./"digest": "sha256:x/' release.json
  pawl 2 apply release.json --yes; has "its digest is not that of"
  end; fi

  if begin "both stores in one release: PostgreSQL first, the graph after it, one approval, one report"; then
  if ! pg_start relational || ! pg_new_database shop; then bad "no PostgreSQL server"; else
  export PG_STORE
  PG_STORE="$(pg_url)"
  mkdir -p graph relational
  echo 'CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);' | file relational/0001_customers.sql
  echo 'CREATE CONSTRAINT customer_id IF NOT EXISTS FOR (c:Customer) REQUIRE c.id IS UNIQUE;' | file graph/0001_customers.cypher
  printf '[[set]]\nname = "graph"\npath = "graph"\nurl-env = "NEO4J_URL"\nafter = ["operational"]\n[[set]]\nname = "operational"\npath = "relational"\nurl-env = "PG_STORE"\n[lint]\nignore = ["all"]\n' >pawl.toml
  pawl 0 plan --all; has "== graph (after operational)" "2 migrations in 2 sets"
  [[ "$OUT" == *"== operational"*"== graph"* ]] || bad "order: $OUT"
  pawl 0 approve release.json --approved-by bob
  pawl 0 apply release.json --yes --environment production --backup-id b1; has "operational: applied, 1 migration" "graph: applied, 1 migration"
  is "$(pg_sql "SELECT component, approvals::text FROM schema_migrations" | tr '\n' ' ')" $'operational|["bob", "ada"] '
  is "$(cy 'MATCH (m:Migration) RETURN m.component, m.approvals')" $'graph\t["bob", "ada"]'
  # What fails in the first store keeps the second as it is; what the second refuses leaves the first applied, and says so.
  echo 'ALTER TABLE customers ADD CONSTRAINT short CHECK (1 / length(name) >= 0); INSERT INTO customers VALUES (1, $$$$);' | file relational/0002_names.sql
  echo "CREATE (:Customer {id: 1});" | file graph/0002_customer.cypher
  pawl 3 apply --all --yes; has "operational: failed" "graph: not begun: it comes after operational, which failed" "division by zero"
  is "$(cy 'MATCH (c:Customer) RETURN count(c)')" 0
  echo 'INSERT INTO customers VALUES (1, $$Ada$$);' >relational/0002_names.sql
  echo "CREATE (:Customer {id: 1}); UNWIND [1, 0] AS x CREATE (:Customer {id: 2 / x});" >graph/0002_customer.cypher
  pawl 3 apply --all --yes; has "operational: applied, 1 migration" "graph: failed" "what is applied stays applied"
  is "$(pg_sql 'SELECT count(*) FROM customers')" 1
  is "$(cy 'MATCH (c:Customer) RETURN count(c)')" 0
  echo "CREATE (:Customer {id: 1});" >graph/0002_customer.cypher
  pawl 0 apply --all --yes; has "operational: nothing to do" "graph: applied, 1 migration"
  fi; end; fi
}

linting() {
  if begin "lint --database: edited, missing, out of order, duplicates that a pending constraint would meet"; then
  printf '[[set]]\nname = "graph"\npath = "m"\nurl-env = "NEO4J_URL"\n' >pawl.toml
  for i in 1 2 4; do printf 'MERGE (:Role {name: "%s"});\n' $i | file m/000${i}_r.cypher; done
  pawl 0 apply graph --yes --quiet --allow cypher-merge-without-constraint,version-gap --reason test
  echo 'MERGE (:Role {name: "changed"});' >m/0001_r.cypher
  rm m/0002_r.cypher
  echo 'MERGE (:Role {name: "3"});' >m/0003_late.cypher
  cy 'CREATE (:U {k: 1}), (:U {k: 1})' >/dev/null
  echo 'CREATE CONSTRAINT u_k IF NOT EXISTS FOR (u:U) REQUIRE u.k IS UNIQUE;' >m/0005_u.cypher
  pawl 1 lint --database graph --format concise
  has "m/0001_r.cypher:1" "edited-applied-migration" "deleted-applied-migration" "migration 0002" "out-of-order-version" "m/0003_late.cypher" "m/0005_u.cypher:1" "k = 1 (2 times)"
  NEO4J_URL=http://127.0.0.1:1 pawl 4 lint --database graph
  end; fi
}

# ---------------------------------------------------------------------------------------------------- other tools, repair
adopting() {
  if begin "neo4j-migrations' chain: read for status, adopted by baseline"; then
  printf 'CREATE (:Ledger {v: 1});\n' | file m/V1__one.cypher
  printf 'CREATE (:Ledger {v: 2});\n' | file m/V1.1__two.cypher
  cy "CREATE (b:__Neo4jMigration {version: 'BASELINE'})-[:MIGRATED_TO {at: datetime(), by: 'x', \`in\`: duration('PT1S'), connectedAs: 'neo4j'}]->(:__Neo4jMigration {version: '1', description: 'one', type: 'CYPHER', source: 'V1__one.cypher', checksum: '123'})" >/dev/null
  pawl 0 status m; has "neo4j-migrations's (:__Neo4jMigration) says 1 applied" "pawl baseline --from neo4j-migrations"
  pawl 1 apply m --yes; has "pawl baseline --from neo4j-migrations"
  pawl 0 baseline m --from neo4j-migrations --yes; has "1 migrations are recorded as applied"
  pawl 0 apply m --yes; has "1 migration applied"
  is "$(cy 'MATCH (l:Ledger) RETURN collect(l.v)')" '[2]'
  end; fi

  if begin "another tool's nodes (:Migration) are read and left alone"; then
  printf 'CREATE (:Ledger {v: 1});\n' | file m/0001_one.cypher
  cy "CREATE (:Migration {filename: '0001_one.cypher', status: 'SUCCESS', appliedAt: datetime()})" >/dev/null
  pawl 0 status m; has "migration-nodes's (:Migration) says 1 applied" "1 pending"
  pawl 0 baseline m --from migration-nodes --yes
  pawl 0 apply m --yes; has "nothing to do"
  is "$(cy "MATCH (m:Migration) WHERE NOT m:__PawlMigration RETURN size(keys(m))")" 3
  end; fi

  if begin "repair: --mark-applied, --mark-rolled-back; baseline --to"; then
  three
  pawl 0 baseline m --to 0002 --yes; has "2 migrations are recorded"
  pawl 0 status m; has "(baseline)" "2 applied, 1 pending"
  pawl 0 repair m --version 0002 --mark-rolled-back --yes
  pawl 0 status m; has "1 applied"
  pawl 0 repair m --version 0002 --mark-applied --yes
  pawl 0 status m; has "(marked)"
  end; fi
}

# ------------------------------------------------------------------------------------------------------------ reaching
reaching() {
  if begin "nothing listens, only Bolt is open, the address of Bolt"; then
  three
  NEO4J_URL=http://127.0.0.1:1/neo4j pawl 4 status m; has "cannot reach Neo4j at http://127.0.0.1:1"
  NEO4J_URL="bolt://127.0.0.1:$NEO_BOLT" pawl 4 status m; has "is an address of Bolt, and pawl speaks HTTP: it tried http://127.0.0.1:7474" "server.http.enabled=true"
  NEO4J_URL="neo4j+s://127.0.0.1:$NEO_BOLT" pawl 4 status m; has "https://127.0.0.1:7473"
  NEO4J_URL="http://127.0.0.1:$NEO_BOLT/neo4j" pawl 4 status m
  NEO4J_URL="http://127.0.0.1:$NEO_HTTP/nosuch" pawl 4 status m; has "nosuch"
  NEO4J_URL="ftp://x" pawl 2 status m
  NEO4J_URL= pawl 2 status m; has "NEO4J_URL"
  end; fi

  if begin "a password: needed, wrong, right, and never shown"; then
  three
  if neo_start secret 'p#zz@[%41'; then
    NEO4J_URL="http://127.0.0.1:$NEO_HTTP/neo4j" pawl 4 status m; has "NEO4J_USERNAME"
    NEO4J_URL="http://neo4j:wrongpass@127.0.0.1:$NEO_HTTP/neo4j" pawl 4 status m; lacks wrongpass
    NEO4J_URL="http://neo4j:p%23zz%40%5B%2541@127.0.0.1:$NEO_HTTP/neo4j" pawl 0 apply m --yes -v --log log
    lacks 'p#zz' 'p%23zz'
    NEO4J_URL="http://127.0.0.1:$NEO_HTTP/neo4j" NEO4J_USERNAME=neo4j NEO4J_PASSWORD='p#zz@[%41' pawl 0 plan m --json --down
    lacks 'p#zz' 'p%23zz'
    printf 'NEO4J_URI=http://127.0.0.1:%s/neo4j\nNEO4J_USERNAME=neo4j\nNEO4J_PASSWORD="p#zz@[%%41"\n' "$NEO_HTTP" >.env
    NEO4J_URL= pawl 0 status m --env .env; has "3 applied" "http://neo4j@127.0.0.1"
    ! grep -rF 'p#zz' log || bad "the log holds the password"
    is "$(cy 'MATCH (n) WHERE any(k IN keys(n) WHERE toStringOrNull(n[k]) CONTAINS "p#zz") RETURN count(n)')" 0 "nodes with the password"
    neo_stop secret -9
  else
    bad "no server with a password"
  fi
  neo_use main
  end; fi

  if begin "https with a token: the certificate is checked, the token goes along and is never shown"; then
  three
  command -v openssl >/dev/null || bash "$NEO_ROOT/tools/setup.sh" --install openssl >/dev/null || bad "no openssl to make a certificate with"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out ca.pem 2>/dev/null || bad "no certificate"
  python3 "$NEO_ROOT/tools/tests/tls_proxy.py" "$NEO_HTTP" ca.pem key.pem s3cr3t-token >proxy.port 2>proxy.log &
  local proxy=$! port i
  for i in $(seq 100); do [ -s proxy.port ] && break; sleep 0.1; done
  port="$(cat proxy.port)"
  NEO4J_URL="https://localhost:$port/neo4j" NEO4J_TOKEN=s3cr3t-token pawl 4 status m; has "cannot reach Neo4j at https://localhost:$port" "certificate"
  NEO4J_URL="https://127.0.0.1:$port/neo4j?ca=ca.pem" NEO4J_TOKEN=s3cr3t-token pawl 4 status m; has "127.0.0.1"
  NEO4J_URL="https://localhost:$port/neo4j?ca=ca.pem" pawl 4 status m; has "does not let"
  NEO4J_URL="https://localhost:$port/neo4j?ca=ca.pem" NEO4J_TOKEN=wr0ng pawl 4 status m; lacks wr0ng
  NEO4J_URL="https://localhost:$port/neo4j?ca=ca.pem" NEO4J_TOKEN=s3cr3t-token pawl 0 apply m --yes -v --log log; lacks s3cr3t
  ! grep -rF s3cr3t log || bad "the log holds the token"
  is "$(applied)" "0001 0002 0003 "
  NEO4J_URL="http://localhost:$port/neo4j" NEO4J_TOKEN=s3cr3t-token pawl 4 status m
  kill $proxy
  wait $proxy 2>/dev/null
  end; fi

  if begin "a connection that ends without an answer, and a gateway that has lost patience: nothing is sent twice"; then
  local action word what
  for action in cut 502; do
    for what in one parts batch index; do
      neo_reset; rm -rf m
      cy 'UNWIND range(1, 5) AS i CREATE (:P {i: i, n: 0})' >/dev/null
      case "$what" in
        one) word='CREATE (:Ledger {v: 1})' && echo 'CREATE (:Ledger {v: 1});' | file m/0001_a.cypher ;;
        parts) word='CREATE (:Ledger {v: 1}) /*pawl' && printf '// pawl: no-transaction\nCREATE (:Ledger {v: 1});\nCREATE (:Ledger {v: 2});\n' | file m/0001_a.cypher ;;
        batch) word='OF 1 ROWS /*pawl' && echo 'MATCH (p:P) CALL (p) { SET p.n = p.n + 1 } IN TRANSACTIONS OF 1 ROWS;' | file m/0001_a.cypher ;;
        index) word='ON (a.n) /*pawl' && echo 'CREATE INDEX a_n IF NOT EXISTS FOR (a:A) ON (a.n);' | file m/0001_a.cypher ;;
      esac
      python3 "$NEO_ROOT/tools/tests/bad_gateway.py" "$NEO_HTTP" "$word" "$action" >gateway.port 2>gateway.seen &
      local gateway=$! i
      for i in $(seq 100); do [ -s gateway.port ] && break; sleep 0.1; done
      NEO4J_URL="http://127.0.0.1:$(cat gateway.port)/neo4j${NEO4J_API:+?api=$NEO4J_API}" pawl 3 apply m --yes --quiet
      has "the connection is gone, and with it the answer"
      case "$what" in
        one) has "0001 is applied: the commit came through" ;;
        *) lacks "nothing of it was committed"; has "Run the same command again" ;;
      esac
      kill $gateway
      wait $gateway 2>/dev/null
      rm gateway.port
      is "$(wc -l <gateway.seen)" 1 "how often it was sent ($what, $action)"
      case "$what" in
        batch) pawl 1 apply m --yes --quiet; has "was interrupted" "repair --version 0001" ;;
        *) pawl 0 apply m --yes --quiet ;;
      esac
      case "$what" in
        one) is "$(cy 'MATCH (l:Ledger) RETURN collect(l.v)')" "[1]" ;;
        parts) is "$(cy 'MATCH (l:Ledger) WITH l.v AS v ORDER BY v RETURN collect(v)')" "[1, 2]" ;;
        batch) is "$(cy 'MATCH (p:P) RETURN collect(DISTINCT p.n)')" "[1]" ;;
        index) is "$(cy "SHOW INDEXES YIELD name WHERE name = 'a_n' RETURN name")" a_n ;;
      esac
    done
  done
  end; fi

  if begin "batches that fail without a word of how many are committed are not run again"; then
  cy "UNWIND range(1, 6) AS i CREATE (p:P {i: i, n: 0, d: CASE i WHEN 5 THEN 'nope' ELSE '2026-01-01' END})" >/dev/null
  printf 'MATCH (p:P) WITH p ORDER BY p.i CALL (p) { SET p.n = p.n + 1, p.day = date(p.d) } IN TRANSACTIONS OF 2 ROWS;\n' | file m/0001_a.cypher
  pawl 3 apply m --yes --quiet; has "its batches are committed" "repair --version 0001"; lacks "mend the cause and run the same command again"
  pawl 0 status m; has "interrupted"
  pawl 1 apply m --yes --quiet; has "was interrupted"
  is "$(cy 'MATCH (p:P) RETURN max(p.n)')" 1
  end; fi

  if begin "nodes (:Migration) of somebody else, whatever they hold, are in nobody's way"; then
  three
  cy "CREATE (:Migration {filename: ['a', 'b'], version: 1, status: [1, 2]}), (:Migration {version: point({x: 1, y: 2})}), (:Migration {version: 2, bird: 'stork'}), (:Migration)" >/dev/null
  pawl 0 status m
  pawl 0 apply m --yes --quiet
  pawl 0 validate m
  is "$(applied)" "0001 0002 0003 "
  # A hand that has been at pawl's own makes nothing run again.
  cy "MATCH (m:Migration {version: '0003'}) REMOVE m.component SET m.status = 'success'" >/dev/null
  pawl 0 apply m --yes; has "nothing to do"
  end; fi

  if begin "a migration that deletes pawl's own nodes is told so, and undone"; then
  three
  pawl 0 apply m --yes --quiet
  printf 'MATCH (n) DETACH DELETE n;\n' | file m/0004_all.cypher
  printf 'MATCH (n) DETACH DELETE n;\n' | file m/0004_all.up.cypher; rm m/0004_all.cypher
  pawl 3 apply m --yes --quiet --allow cypher-unbatched-delete --reason x; has "deletes or changes nodes by which pawl keeps the history"; lacks "another pawl"
  is "$(applied)" "0001 0002 0003 "
  end; fi

  if begin "the transactional API, as older servers have it"; then
  three
  NEO4J_URL="http://127.0.0.1:$NEO_HTTP/neo4j?api=transaction" pawl 0 apply m --yes --quiet
  NEO4J_URL="http://127.0.0.1:$NEO_HTTP/neo4j?api=transaction" pawl 0 status m; has "3 applied"
  NEO4J_URL="http://127.0.0.1:$NEO_HTTP/neo4j?api=transaction" pawl 0 rollback m --yes --steps 3 --accept-data-loss
  is "$(cy "MATCH (m:Migration) RETURN collect(DISTINCT m.status)")" '["ROLLED_BACK"]'
  end; fi
}

# -------------------------------------------------------------------------------------------------------------- faults
eight() { # of every kind; each says in Ledger that it ran
  three
  printf '// pawl: no-transaction\nCREATE (:Ledger {v: 4});\nCREATE INDEX acct_n IF NOT EXISTS FOR (a:Acct) ON (a.n);\nUNWIND range(1, 5) AS i CREATE (:Acct {n: i});\nCREATE CONSTRAINT acct_u IF NOT EXISTS FOR (a:Acct) REQUIRE a.u IS UNIQUE;\nCREATE (:Ledger {v: 41});\n' | file m/0004_parts.up.cypher
  printf 'CREATE (:Ledger {v: 5});\n' | file m/0005_data.up.cypher
  printf 'DROP INDEX person_name IF EXISTS;\n' | file m/0006_drop.up.cypher
}
schemas() { # nothing but schema commands; 0004 drops what 0003 made, 0006 makes it anew
  printf 'CREATE CONSTRAINT a_id IF NOT EXISTS FOR (a:A) REQUIRE a.id IS UNIQUE;\nCREATE INDEX a_n IF NOT EXISTS FOR (a:A) ON (a.n);\n' | file m/0001_a.up.cypher
  printf 'CREATE INDEX r_x FOR ()-[r:R]-() ON (r.x);\n' | file m/0002_r.up.cypher
  printf 'CREATE INDEX b_n FOR (b:B) ON (b.m);\n' | file m/0003_b.up.cypher
  printf 'DROP INDEX b_n;\n' | file m/0004_b.up.cypher
  printf 'CREATE INDEX b_n FOR (b:B) ON (b.n);\n' | file m/0006_b.up.cypher
  printf 'DROP INDEX b_n IF EXISTS;\n' | file m/0006_b.down.cypher
  printf 'CREATE CONSTRAINT c_id FOR (c:C) REQUIRE c.id IS UNIQUE;\n' | file m/0007_c.up.cypher
  printf 'DROP CONSTRAINT c_id IF EXISTS;\n' | file m/0007_c.down.cypher
}
right() { # what an undisturbed run leaves; in one query, for it is asked often
  is "$(cy "CALL { MATCH (m:Migration {status: 'SUCCESS'}) WITH m ORDER BY m.version RETURN collect(m.version) AS a } CALL { MATCH (l:Ledger) WITH l ORDER BY l.v RETURN collect(l.v) AS b } CALL { MATCH (p:Person {seen: true}) RETURN count(p) AS c } CALL { MATCH (a:Acct) RETURN count(a) AS d } CALL { MATCH (o:__PawlOpen) RETURN count(o) AS e } RETURN a, b, c, d, e")" \
    $'["0001", "0002", "0003", "0004", "0005", "0006"]\t[2, 4, 5, 41]\t10\t5\t0' "$1: applied, ledger, people, accounts, open attempts"
  is "$(cy "SHOW INDEXES YIELD name, state WHERE NOT name STARTS WITH '__' AND NOT name STARTS WITH 'index_' RETURN name + ' ' + state ORDER BY name" | tr '\n' ' ')" "acct_n ONLINE acct_u ONLINE person_email ONLINE " "$1: indexes"
}
faults() {
  if begin "kill -9 at every step of an apply: status tells the truth, the next apply completes"; then
  eight
  PAWL_TEST_STOP=log "$PAWL" apply m --yes --quiet >points 2>&1 </dev/null || bad "$(cat points)"
  local n points step code
  points="$(grep -c '^crash point' points)"
  right "undisturbed"
  [ "$points" -gt 40 ] || bad "only $points crash points"
  step="${NEO4J_STEP:-7}" # a seventh of them in CI, another one each day
  for n in $(seq $((1 + $(date +%j | sed 's/^0*//') % step)) "$step" "$points"); do
    neo_reset
    PAWL_TEST_STOP="$n" "$PAWL" apply m --yes --quiet >killed 2>&1 </dev/null
    code=$?
    [ $code = 137 ] || bad "step $n: exit $code instead of a kill: $(tail -n 2 killed)"
    pawl 0 status m --json
    local told ran
    told="$(json '" ".join(x["version"] for x in j["migrations"] if x["status"] == "applied")')"
    ran="$(applied)"
    is "${told:+$told }" "$ran" "step $n: status"
    pawl 0 apply m --yes --quiet
    right "step $n of $points"
    [ -z "$WHY" ] || break
  done
  end; fi

  if begin "kill -9 at every step of migrations of schema commands, of which several may be in doubt"; then
  schemas
  PAWL_TEST_STOP=log "$PAWL" apply m --yes --quiet >points 2>&1 </dev/null || bad "$(cat points)"
  points="$(grep -c '^crash point' points)"
  grep -q 'attempts are announced' points && grep -q 'what ran is recorded' points || bad "they did not go together"
  step="${NEO4J_STEP:-5}"
  for n in $(seq $((1 + $(date +%j | sed 's/^0*//') % step)) "$step" "$points"); do
    neo_reset
    PAWL_TEST_STOP="$n" "$PAWL" apply m --yes --quiet >/dev/null 2>&1 </dev/null
    is $? 137 "step $n: exit of the killed one"
    pawl 0 status m
    pawl 0 apply m --yes --quiet
    is "$(cy "CALL { MATCH (m:Migration {status: 'SUCCESS'}) WITH m ORDER BY m.version RETURN collect(m.version) AS a } CALL { MATCH (o:__PawlOpen) RETURN count(o) AS b } RETURN a, b")" $'["0001", "0002", "0003", "0004", "0006", "0007"]\t0' "step $n of $points: applied, open attempts"
    is "$(cy "SHOW INDEXES YIELD name, state WHERE NOT name STARTS WITH '__' AND NOT name STARTS WITH 'index_' RETURN name + ' ' + state ORDER BY name" | tr '\n' ' ')" "a_id ONLINE a_n ONLINE b_n ONLINE c_id ONLINE r_x ONLINE " "step $n of $points: indexes"
    [ -z "$WHY" ] || break
  done
  end; fi

  if begin "after a kill between announcement and record: rolled back only once somebody has looked, no edit unseen, nobody's index dropped"; then
  for i in 1 2 3 4 5; do
    printf 'CREATE CONSTRAINT c%s FOR (n:L%s) REQUIRE n.x IS UNIQUE;\n' $i $i | file m/000${i}_c.up.cypher
    printf 'DROP CONSTRAINT c%s IF EXISTS;\n' $i | file m/000${i}_c.down.cypher
  done
  PAWL_TEST_STOP=log "$PAWL" apply m --yes --quiet >points 2>&1 </dev/null || bad "$(cat points)"
  neo_reset
  PAWL_TEST_STOP="$(grep '^crash point' points | grep -n 'attempts are announced' | head -n 1 | cut -d: -f1)" "$PAWL" apply m --yes --quiet >/dev/null 2>&1 </dev/null
  is $? 137 "exit of the killed one"
  pawl 0 status m; has "2 interrupted"
  pawl 1 rollback m --yes --accept-data-loss; has "nobody has looked yet" "pawl apply"
  mv m/0002_c.up.cypher kept
  pawl 1 apply m --yes --quiet; has "its file is gone, too" "CREATE CONSTRAINT c2"
  pawl 1 validate m
  mv kept m/0002_c.up.cypher
  sed -i 's/c2/d2/' m/0002_c.up.cypher
  pawl 3 apply m --yes --quiet; has "was changed since then" "CREATE CONSTRAINT c2"
  is "$(applied)" "0001 "
  sed -i 's/d2/c2/' m/0002_c.up.cypher
  cy 'CREATE INDEX c2 FOR (e:Else) ON (e.q)' >/dev/null
  pawl 3 apply m --yes --quiet; has "already" "c2"
  is "$(cy "SHOW INDEXES YIELD name, labelsOrTypes WHERE name = 'c2' RETURN labelsOrTypes")" '["Else"]' "somebody's index"
  cy 'DROP INDEX c2' >/dev/null
  pawl 0 apply m --yes --quiet
  is "$(applied)" "0001 0002 0003 0004 0005 "
  is "$(cy "MATCH (o:__PawlOpen) RETURN count(o)")" 0 "open attempts"
  end; fi

  if begin "kill -9 of a rollback"; then
  eight
  pawl 0 apply m --yes --quiet --to 0003
  for n in 4 9 13 17 21; do
    PAWL_TEST_STOP=$n "$PAWL" rollback m --yes --quiet --accept-data-loss --steps 3 >/dev/null 2>&1 </dev/null
    pawl 0 status m
    OUT="$("$PAWL" rollback m --yes --quiet --accept-data-loss --to 0 2>&1 </dev/null)" || [[ "$OUT" == *"not applied"* ]] || bad "step $n: $OUT"
    is "$(applied)" "" "step $n"
    is "$(cy 'MATCH (p:Person) RETURN count(p)')" 0 "step $n: people"
    pawl 0 apply m --yes --quiet --to 0003
  done
  end; fi

  if begin "kill -9 between taking the run lock and telling who has it: the next apply frees it"; then
  printf 'CREATE (:Ledger {v: 1});\n' | file m/0001_one.cypher
  pawl 0 apply m --yes --quiet
  printf 'CREATE (:Ledger {v: 2});\n' | file m/0002_two.cypher
  local at
  PAWL_TEST_STOP=log "$PAWL" apply m --yes --quiet >points 2>&1 </dev/null
  at="$(grep '^crash point' points | grep -n 'the run lock is taken' | cut -d: -f1)"
  printf 'CREATE (:Ledger {v: 3});\n' | file m/0003_three.cypher
  PAWL_TEST_STOP="$at" "$PAWL" apply m --yes --quiet >/dev/null 2>&1 </dev/null
  is $? 137 "exit of the killed one"
  SECONDS=0
  pawl 0 apply m --yes --quiet
  [ $SECONDS -lt 20 ] || bad "the next apply took $SECONDS s"
  is "$(applied)" "0001 0002 0003 "
  end; fi

  if begin "kill -9 in the middle of a long statement: nothing of it is left, and no lock for longer than a minute"; then
  printf 'CREATE (:Ledger {v: 1});\nUNWIND range(1, 400000000) AS i WITH count(i) AS c CREATE (:Ledger {v: c});\n' | file m/0001_long.cypher
  "$PAWL" apply m --yes --quiet >/dev/null 2>&1 </dev/null &
  local pid=$!
  sleep 2.5
  kill -9 $pid
  wait $pid 2>/dev/null
  printf 'CREATE (:Ledger {v: 1});\n' | file m/0001_long.cypher
  SECONDS=0
  pawl 0 apply m --yes --quiet
  [ $SECONDS -lt 60 ] || bad "the next apply took $SECONDS s"
  is "$(cy 'MATCH (l:Ledger) RETURN count(l)')" 1
  end; fi

  if begin "a statement that the killed run left at work: waited for, told, ended by repair --cancel"; then
  cy 'UNWIND range(1, 30) AS i CREATE (:P {i: i})' >/dev/null
  printf 'MATCH (p:P) CALL (p) { UNWIND range(1, 30000000) AS x WITH p, count(x) AS c SET p.c = c } IN TRANSACTIONS OF 1 ROWS;\n' | file m/0001_long.cypher
  "$PAWL" apply m --yes --quiet >/dev/null 2>&1 </dev/null &
  pid=$!
  sleep 3
  kill -9 $pid
  wait $pid 2>/dev/null
  pawl 5 apply m --yes --wait 1s; has "still at work" "transaction neo4j-transaction-" "repair --cancel"
  pawl 0 repair m --cancel --yes; has "canceled transaction"
  sleep 1
  pawl 1 apply m --yes --wait 20s; has "was interrupted in" "--retry"
  end; fi

  if begin "two and five pawls at once: each migration runs once, all exit 0"; then
  eight
  local i k
  for k in 2 5; do
    neo_reset
    for i in $(seq $k); do "$PAWL" apply m --yes --quiet --wait 2m >"out$i" 2>&1 </dev/null & done
    for i in $(jobs -p); do wait "$i" || bad "one of $k: exit $?: $(cat out*)"; done
    right "$k at once"
  done
  end; fi

  if begin "a second pawl with --wait 0 is told who is at work; status shows it"; then
  printf 'UNWIND range(1, 400000000) AS i WITH count(i) AS c CREATE (:Ledger {v: c});\n' | file m/0001_long.cypher
  "$PAWL" apply m --yes --quiet >first 2>&1 </dev/null &
  pid=$!
  for _ in $(seq 60); do cy 'MATCH (r:__PawlRunner) WHERE r.ended IS NULL RETURN count(r)' | grep -q 1 && break; sleep 0.5; done
  sleep 1
  pawl 5 apply m --yes --wait 0; has "another pawl is applying" "pid $pid on" "ada"
  pawl 0 status m; has "being applied to now by pid $pid"
  kill -TERM $pid
  wait $pid
  is $? 3 "after SIGTERM"
  grep -q "canceled by a signal" first || bad "$(cat first)"
  is "$(cy 'MATCH (l:Ledger) RETURN count(l)')" 0
  end; fi

  if begin "a lock that another transaction holds: named, bounded by --lock-timeout, tried again"; then
  cy 'CREATE (:P {i: 1})' >/dev/null
  printf 'MATCH (p:P) SET p.x = 1;\n' | file m/0001_x.cypher
  hold 'MATCH (p:P) SET p.y = 1'
  SECONDS=0
  pawl 3 apply m --yes --lock-timeout 1s --retries 1; has "it waited 1.0 s for a lock, held by transaction neo4j-transaction-" "idle in its transaction"
  [ $SECONDS -lt 15 ] || bad "took $SECONDS s"
  (sleep 3; release) &
  pawl 0 apply m --yes --lock-timeout 1s --retries 8
  wait
  printf 'CREATE INDEX p_x FOR (p:P) ON (p.x);\n' | file m/0002_y.cypher
  hold 'CREATE (:P {i: 2})'
  pawl 3 apply m --yes --lock-timeout 1s --retries 0; has "for a lock, held by transaction"
  release
  pawl 0 apply m --yes --quiet
  end; fi

  if begin "a transaction that the server ends: nothing of it is left, the next run goes on"; then
  printf 'CREATE (:Ledger {v: 1});\nUNWIND range(1, 400000000) AS i WITH count(i) AS c CREATE (:Ledger {v: c});\n' | file m/0001_long.cypher
  "$PAWL" apply m --yes --retries 0 >first 2>&1 </dev/null &
  pid=$!
  sleep 2
  cy "SHOW TRANSACTIONS YIELD transactionId AS t, currentQuery WHERE currentQuery STARTS WITH 'UNWIND' TERMINATE TRANSACTIONS t YIELD message RETURN message" >/dev/null
  wait $pid
  is $? 3 "exit"
  is "$(cy 'MATCH (l:Ledger) RETURN count(l)')" 0
  printf 'CREATE (:Ledger {v: 1});\n' | file m/0001_long.cypher
  pawl 0 apply m --yes --quiet
  end; fi

  if begin "the server is killed in a data migration and comes back"; then
  printf 'CREATE (:Ledger {v: 1});\n' | file m/0001_a.cypher
  printf 'CREATE (:Ledger {v: 2});\nUNWIND range(1, 400000000) AS i WITH count(i) AS c CREATE (:Ledger {v: c});\n' | file m/0002_b.cypher
  "$PAWL" apply m --yes >first 2>&1 </dev/null &
  pid=$!
  for _ in $(seq 60); do cy 'MATCH (l:Ledger) RETURN count(l)' | grep -q 1 && break; sleep 0.5; done
  sleep 2
  neo_stop main -9
  wait $pid
  is $? 3 "exit"
  grep -q "the connection is gone" first || bad "$(cat first)"
  pawl 4 status m
  neo_start main || bad "the server does not come back"
  pawl 0 status m; has "1 applied, 1 pending"
  printf 'CREATE (:Ledger {v: 2});\n' | file m/0002_b.cypher
  pawl 0 apply m --yes --quiet
  is "$(cy 'MATCH (l:Ledger) RETURN l.v ORDER BY l.v' | tr '\n' ' ')" "1 2 "
  end; fi
}

reading
running
stores
linting
adopting
reaching
faults
exit $failed
