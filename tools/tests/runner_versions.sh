#!/usr/bin/env bash
# The runner's cases on every PostgreSQL that it knows. Not part of CI, which has the installed one and 18 (runner_18_test.sh).
#   PAWL=bazel-bin/tools/pawl tools/tests/runner_versions.sh [VERSION...]        default: 12 13 14 16 17
# Prints a line for each version and script, and the cases that failed. SCRIPTS="runner_world_test ...": only these. JOBS=2 at once.
set -uo pipefail
cd "$(dirname "$0")/../.."
PAWL="$(realpath "${PAWL:-bazel-bin/tools/pawl}")"
export PAWL
[ $# != 0 ] || set -- 12 13 14 16 17
scripts="${SCRIPTS:-runner_test runner_history_test runner_run_test runner_world_test runner_evidence_test faults_test}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
one() { # VERSION SCRIPT
  local at="$work/$1-$2" good bad status
  mkdir -p "$at/tmp"
  TEST_TMPDIR="$at/tmp" RUNNER_VERSION="$1" FAULTS_VERSION="$1" timeout --kill-after=10 900 bash "tools/tests/$2.sh" >"$at/out" 2>"$at/err" </dev/null
  status=$?
  good=$(grep -cE '^ok ' "$at/out")
  bad=$(grep -cE '^not ok ' "$at/out")
  echo "PostgreSQL $1, $2: $good passed, $bad failed$([ $status = 0 ] || [ "$bad" != 0 ] || echo ", exit status $status")"
  [ $status = 0 ] || { grep -v '^ok ' "$at/out" | sed 's/^/    /'; tail -n 3 "$at/err" | sed 's/^/    /'; }
  return $status
}
failed=0
running=0
for version; do
  for script in $scripts; do
    one "$version" "$script" &
    running=$((running + 1))
    if [ $running -ge "${JOBS:-2}" ]; then
      wait -n || failed=1
      running=$((running - 1))
    fi
  done
done
while [ $running -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit $failed
