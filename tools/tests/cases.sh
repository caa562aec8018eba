# Cases of a script test that runs the binary: one opens, its steps follow, it closes. Sourced, with PAWL and TEST_TMPDIR set.
# A step that fails adds to WHY and the case goes on; `failed` is 1 once a case has failed.
number=0
failed=0

# open_case NAME [ONLY]: a folder of its own, D, with m/ and a pawl.toml in it, is the current one. 1: NAME has not the word ONLY.
open_case() {
  case "$1" in *"${2:-}"*) ;; *) return 1 ;; esac
  NAME="$1" WHY="" OUT=""
  number=$((number + 1))
  D="$TEST_TMPDIR/$number"
  mkdir -p "$D/m"
  cd "$D" || exit 1
  printf '[lint]\nignore = ["all"]\n' >pawl.toml # what is tested here is not what lint thinks of it
}
bad() { WHY+="$*"$'\n'; }
close_case() {
  if [ -n "$WHY" ]; then
    printf '%s' "$WHY" | sed 's/^/# /'
    echo "not ok $NAME"
    failed=1
  else
    echo "ok $NAME"
  fi
  cd "$TEST_TMPDIR" && rm -rf "$D"
}

# pawl WANTED-EXIT-CODE ARGS: standard output and error are in OUT.
pawl() {
  local want="$1" code
  shift
  OUT="$("$PAWL" "$@" 2>&1 </dev/null)"
  code=$?
  [ "$code" = "$want" ] || bad "pawl $*: exit $code instead of $want: $OUT"
}
has() { local t; for t in "$@"; do [[ "$OUT" == *"$t"* ]] || bad "not said: $t -- but: $OUT"; done; }
lacks() { local t; for t in "$@"; do [[ "$OUT" != *"$t"* ]] || bad "said: $t -- $OUT"; done; }
is() { [ "$1" = "$2" ] || bad "${3:-value}: have <$1>, want <$2>"; }
file() { mkdir -p "$(dirname "$1")" && cat >"$1"; }
json() { # EXPRESSION of j, which OUT holds
  printf '%s' "$OUT" | python3 -c "import json, sys; j = json.load(sys.stdin); print(($1))" 2>&1
}
