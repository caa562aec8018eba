#!/usr/bin/env bash
# The runner's cases on PostgreSQL 18 as well. runner_versions.sh has the others.
set -uo pipefail
cd "$(dirname "$0")/../.."
export RUNNER_VERSION=18
all="$TEST_TMPDIR"
failed=0
for script in runner_test runner_history_test runner_run_test runner_world_test runner_evidence_test; do
  export TEST_TMPDIR="$all/$script"
  mkdir "$TEST_TMPDIR"
  bash "tools/tests/$script.sh" | sed -E 's/^(not ok|ok) /\1 on 18: /'
  [ "${PIPESTATUS[0]}" = 0 ] || failed=1
done
exit $failed
