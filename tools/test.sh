#!/usr/bin/env bash
# Sets up, builds everything and runs all tests. The last line is `N passed, N failed`; the exit status is 1 if any
# failed or none ran.
#
#   tools/test.sh                      all of it
#   tools/test.sh --config=asan        the same under AddressSanitizer and UBSan (any flag of `bazel test`)
#   tools/test.sh //analyzer/...       only these targets, without the script tests
#   tools/test.sh tools/tests/x_test.sh   only these script tests (with the binary built first)
#
# Two kinds of tests are counted:
#   Bazel's     every case of every test target (the GoogleTest cases; another kind of target is one case). A target that
#               does not build, or dies without naming a failed case, is one failed case.
#   script      tools/tests/NAME_test.sh, end-to-end tests of the binary. Each is run by bash, one after the other, in the
#               repository's root, without standard input, for 900 s at most, with
#                   PAWL          the binary's absolute path
#                   TEST_TMPDIR   an empty directory of its own, removed afterwards
#                   CLICOLOR_FORCE, NO_COLOR, GIT_DIR and GIT_WORK_TREE unset
#               and prints, on standard output, one line for each case:
#                   ok NAME                     passed
#                   not ok NAME                 failed; lines before it beginning with `#` say why
#                   ok NAME # SKIP reason       neither: cannot run here (only for what a machine may lack)
#               It exits non-zero if a case failed. A script that exits non-zero without a `not ok` line, or that prints
#               no case at all, is one failed case. Output is shown in full only if something failed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
cd "$ROOT"

targets=()
scripts=()
flags=()
for arg in "$@"; do
  case "$arg" in
    //* | -//* | @*) targets+=("$arg") ;;
    *_test.sh) scripts+=("$arg") ;;
    *) flags+=("$arg") ;;
  esac
done
if [ $# = ${#flags[@]} ]; then # nothing was singled out
  targets=(//...)
  for script in tools/tests/*_test.sh; do [ ! -e "$script" ] || scripts+=("$script"); done
fi
if [ ${#scripts[@]} != 0 ]; then
  targets+=(//tools:pawl)
  # Some script tests get a checker from the Python index (a JSON Schema validator, pre-commit).
  if ! python3 -m pip --version >/dev/null 2>&1 || ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    if command -v apt-get >/dev/null; then
      setup_install python3-pip python3-venv
    else
      setup_say "python3 here lacks pip or venv: some script tests will fail"
    fi
  fi
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
[ -t 2 ] || flags=(--noshow_progress --show_result=0 "${flags[@]}")

passed=0
failed=0
skipped=0

# --- Bazel's tests. Its exit status adds nothing to what the events say, except when it could not even begin.
status=0
"${BAZEL[@]}" test --keep_going --build_event_json_file="$work/events.json" "${flags[@]}" -- "${targets[@]}" || status=$?
read -r passed failed skipped binary < <(python3 tools/count_tests.py "$work/events.json" "$status" //tools:pawl)

# --- Script tests.
export PAWL="$ROOT/bazel-bin/tools/pawl"
unset CLICOLOR_FORCE NO_COLOR GIT_DIR GIT_WORK_TREE
for script in "${scripts[@]}"; do
  name="$(basename "$script" .sh)"
  if [ "$binary" != built ]; then
    echo "$name: not run, because //tools:pawl did not build"
    failed=$((failed + 1))
    continue
  fi
  export TEST_TMPDIR="$work/$name"
  mkdir "$TEST_TMPDIR"
  begin=$SECONDS
  status=0
  timeout --kill-after=10 900 bash "$script" >"$work/out" 2>"$work/err" </dev/null || status=$?
  skip=$(grep -cE '^ok .*# SKIP' "$work/out") || true
  good=$(grep -cE '^ok ' "$work/out") || true
  bad=$(grep -cE '^not ok ' "$work/out") || true
  good=$((good - skip))
  if [ "$status" != 0 ] && [ "$bad" = 0 ]; then
    bad=1
    echo "# $script: exit status $status without a failed case$([ "$status" != 124 ] || echo ' (900 s are over)')" >>"$work/out"
  elif [ "$status" = 0 ] && [ "$bad" != 0 ]; then
    echo "# $script: exit status 0 in spite of a failed case" >>"$work/out"
  elif [ $((good + bad + skip)) = 0 ]; then
    bad=1
    echo "# $script: no case was run" >>"$work/out"
  fi
  if [ "$bad" != 0 ]; then
    echo "==================== $script"
    cat "$work/out" "$work/err"
    echo "===================="
  elif [ "$skip" != 0 ]; then
    grep -E '^ok .*# SKIP' "$work/out"
  fi
  echo "$name: $good passed, $bad failed$([ "$skip" = 0 ] || echo ", $skip skipped") ($((SECONDS - begin)) s)"
  passed=$((passed + good))
  failed=$((failed + bad))
  skipped=$((skipped + skip))
  rm -rf "$TEST_TMPDIR"
done

[ "$skipped" = 0 ] || echo "$skipped skipped"
[ $((passed + failed)) != 0 ] || echo "no test was run"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
