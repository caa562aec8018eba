# A case of a script test that is one command. Sourced, with TEST_TMPDIR set; `failed` is 1 once a case has failed.
failed=0
check() { # check NAME COMMAND...: passes if the command does
  local name="$1"
  shift
  if "$@" >"$TEST_TMPDIR/check.out" 2>&1; then
    echo "ok $name"
  else
    sed 's/^/# /' "$TEST_TMPDIR/check.out" | head -20
    echo "not ok $name"
    failed=1
  fi
}
