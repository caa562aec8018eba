#!/usr/bin/env bash
# neo4j_test.sh on Neo4j 2026, which needs Java 21 (tools/tests/neo4j.sh gets one if there is none). Not part of CI: another 150 MB.
#   PAWL=bazel-bin/tools/pawl tools/tests/neo4j_2026.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
export PAWL="$(realpath "${PAWL:-bazel-bin/tools/pawl}")"
export NEO4J_VERSION="${NEO4J_VERSION:-2026.08.1}"
TEST_TMPDIR="$(mktemp -d)"
export TEST_TMPDIR
trap 'rm -rf "$TEST_TMPDIR"' EXIT
bash tools/tests/neo4j_test.sh
