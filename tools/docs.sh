#!/usr/bin/env bash
# Writes docs/rules from the rules themselves.   tools/docs.sh            writes
#                                                tools/docs.sh --check    fails if what is there is stale
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
pawl="${PAWL:-$root/bazel-bin/tools/pawl}"
out="$root/docs/rules"
[ "${1:-}" != --check ] || out="$(mktemp -d)"
mkdir -p "$out"
rm -f "$out"/*.md
"$pawl" rules --format json | python3 -c '
import json, subprocess, sys
pawl, out = sys.argv[1:3]
rules = json.load(sys.stdin)
groups = []
for r in rules:
    page = subprocess.run([pawl, "explain", r["name"]], check=True, capture_output=True, text=True).stdout
    with open(out + "/" + r["name"] + ".md", "w") as f:
        f.write(page)
    if r["group"] not in groups:
        groups.append(r["group"])
with open(out + "/README.md", "w") as f:
    f.write("# Rules\n\nWritten by `tools/docs.sh` from the rules themselves.\n")
    for g in groups:
        f.write(f"\n## {g}\n\n| rule | default | |\n|---|---|---|\n")
        for r in rules:
            if r["group"] == g:
                name, severity, summary = r["name"], r["severity"], r["summary"].replace("|", "\\|")
                f.write(f"| [{name}]({name}.md) | {severity} | {summary} |\n")
' "$pawl" "$out"
if [ "${1:-}" = --check ]; then
  if diff -r "$out" "$root/docs/rules" >/dev/null; then
    rm -rf "$out"
  else
    echo "docs/rules is stale: run tools/docs.sh and commit what it writes" >&2
    rm -rf "$out"
    exit 1
  fi
fi
