#!/usr/bin/env bash
# Our Cypher parser against Neo4j's own on the openCypher TCK, and against Neo4j's npm language support: whole processes of ours, cold and
# warm rounds of theirs.   tools/bench/cypher.sh [RUNS]
# Prints the medians of user + system time. Fetches Neo4j's parser as grammars/conformance/run.sh does, and the npm package into the same
# cache if there is an npm.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"
ours="${OURS:-}"   # a cypher_parse that is built already
if [ -z "$ours" ]; then
  (cd "$ROOT" && "${BAZEL[@]}" build --noshow_progress --ui_event_filters=-info --show_result=0 //tools/bench:cypher_parse)
  ours="$ROOT/bazel-bin/tools/bench/cypher_parse"
fi
runs="${1:-9}"
echo "Neo4j's parser, 4,134 statements, ten rounds in one process:"
"$ROOT/grammars/conformance/run.sh" time
list="$(mktemp --suffix=.list)"
one="$(mktemp --suffix=.cypher)"
trap 'rm -f "$list" "$one"' EXIT
ls "${XDG_CACHE_HOME:-$HOME/.cache}"/pawl/cypher-oracle/tck/*.cypher >"$list"
for i in $(seq 20); do echo "MATCH (n:Label$i {id: \$id})-[r:TYPE]->(m) WHERE n.x > $i SET m.y = n.x + 1;"; done >"$one"
python3 - "$ours" "$list" "$one" "$runs" <<'P'
import resource, statistics, subprocess, sys
def cpu(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
binary, listing, one, runs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
for name, argument in (("ours, the TCK's files", listing), ("ours, one file of 20 lines", one)):
    times = [cpu(binary, argument) for _ in range(runs + 1)][1:]
    print(f"{name}: {1000 * statistics.median(times):.1f} ms CPU for the whole process (max {1000 * max(times):.1f})")
P
command -v npm >/dev/null || { echo "no npm: Neo4j's language support is left out"; exit; }
support="${XDG_CACHE_HOME:-$HOME/.cache}/pawl/language-support"
if [ ! -d "$support/node_modules/@neo4j-cypher" ]; then
  mkdir -p "$support"
  (cd "$support" && npm install --silent --no-audit --no-fund "@neo4j-cypher/language-support@2.0.0-next.38")
fi
echo "Neo4j's npm language support, 200 of the statements:"
node "$ROOT/tools/bench/cypher_npm.mjs" "$support" 200 $(cat "$list")
