#!/usr/bin/env bash
# Writes docs/rules from the rules themselves, what pawl says of their examples and what servers did with them (tools/rule_pages.sh).   tools/docs.sh            writes
#                                                tools/docs.sh --check    fails if what is there is stale
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
pawl="${PAWL:-$root/bazel-bin/tools/pawl}"
out="$root/docs/rules"
[ "${1:-}" != --check ] || out="$(mktemp -d)"
mkdir -p "$out"
rm -f "$out"/*.md
python3 "$root/tools/rule_pages.py" "$pawl" "$out" "$root/testdata/rule_pages/measured.json"
if [ "${1:-}" = --check ]; then
  if diff -r "$out" "$root/docs/rules" >/dev/null; then
    rm -rf "$out"
  else
    echo "docs/rules is stale: run tools/docs.sh and commit what it writes" >&2
    rm -rf "$out"
    exit 1
  fi
fi
