#!/usr/bin/env bash
# How long the runner takes on Neo4j, beside neo4j-migrations 2.19.2 on the same server in one run: status, an apply with nothing to do, and
# 200 migrations of two statements each: with a label of its own in each, so that the server plans every statement; with nothing but other
# literals; and with a constraint and an index.
#   tools/bench/neo4j.sh [MIGRATIONS]      PAWL=bazel-bin/tools/pawl
# Both start on an empty database that has been warmed up. neo4j-migrations comes from Maven's central repository, by its coordinates.
set -uo pipefail
cd "$(dirname "$0")/../.."
PAWL="$(realpath "${PAWL:-bazel-bin/tools/pawl}")"
n="${1:-200}"
TEST_TMPDIR="$(mktemp -d)"
export TEST_TMPDIR
. tools/tests/neo4j.sh
trap 'neo_stop_all; rm -rf "$TEST_TMPDIR"' EXIT
neo_start bench secretsecret || exit 1
tool="$NEO_CACHE/neo4j-migrations"
if [ ! -e "$tool/done" ]; then
  mkdir -p "$tool"
  # The parent of its pom is not in the repository, so its own jars are fetched one by one.
  for a in eu.michael-simons.neo4j:neo4j-migrations-cli:2.19.2 eu.michael-simons.neo4j:neo4j-migrations:2.19.2 eu.michael-simons.neo4j:neo4j-migrations-annotation-proc-api:2.19.2; do
    mvn -q -B dependency:copy -Dartifact="$a" -DoutputDirectory="$tool" >/dev/null 2>&1 || true
  done
  cat >"$tool/pom.xml" <<P
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>tool</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j.driver</groupId><artifactId>neo4j-java-driver</artifactId><version>6.2.0</version></dependency>
    <dependency><groupId>info.picocli</groupId><artifactId>picocli</artifactId><version>4.7.7</version></dependency>
    <dependency><groupId>io.github.classgraph</groupId><artifactId>classgraph</artifactId><version>4.8.181</version></dependency>
  </dependencies>
</project>
P
  (cd "$tool" && mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$tool") || exit 1
  touch "$tool/done"
fi
mkdir -p "$TEST_TMPDIR/m"
printf '[lint]\nignore = ["all"]\n' >"$TEST_TMPDIR/pawl.toml"
cd "$TEST_TMPDIR" || exit 1
export NEO4J_URL="http://neo4j:secretsecret@127.0.0.1:$NEO_HTTP/neo4j"
timed() { # NAME COMMAND...
  local name="$1" begin
  shift
  begin=$(date +%s%N)
  "$@" >out 2>&1 </dev/null || { echo "$name failed: $(tail -n 3 out)"; return 1; }
  echo "$name: $((($(date +%s%N) - begin) / 1000000)) ms"
}
nm() { java -cp "$tool/*" ac.simons.neo4j.migrations.cli.MigrationsCli --address "bolt://127.0.0.1:$NEO_BOLT" --username neo4j --password secretsecret --location "file://$TEST_TMPDIR/m" "$@"; }
for kind in "a label each" "the same label" "a constraint and an index"; do
  for i in $(seq "$n"); do
    label=Thing
    [ "$kind" = "the same label" ] || label="Thing$i"
    if [ "$kind" = "a constraint and an index" ]; then
      printf "CREATE CONSTRAINT thing_%s IF NOT EXISTS FOR (t:%s) REQUIRE t.id IS UNIQUE;\nCREATE INDEX thing_name_%s IF NOT EXISTS FOR (t:%s) ON (t.name);\n" "$i" "$label" "$i" "$label" >"$TEST_TMPDIR/m/V${i}__thing.cypher"
      continue
    fi
    printf "CREATE (:%s {id: %s});\nMATCH (t:%s {id: %s}) SET t.name = 'thing';\n" "$label" "$i" "$label" "$i" >"$TEST_TMPDIR/m/V${i}__thing.cypher"
  done
  for round in 1 2; do # the first one warms the server up
    neo_reset
    timed "neo4j-migrations, $n migrations, $kind (round $round)" nm migrate
    timed "neo4j-migrations info" nm info
    neo_reset
    timed "pawl apply, $n migrations, $kind (round $round)" "$PAWL" apply m --yes --quiet
    timed "pawl status" "$PAWL" status m
    timed "pawl apply, nothing to do" "$PAWL" apply m --yes
  done
done
