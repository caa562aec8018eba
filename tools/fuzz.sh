#!/usr/bin/env bash
# Builds a libFuzzer target with clang, AddressSanitizer and UBSan, and runs it.
#
#   tools/fuzz.sh //analyzer/sql:sql_fuzz [SECONDS] [CORPUS]      (default: 60 s, no seeds)
#
# SECONDS is the time to run; CORPUS is a directory of seed inputs, read recursively and not written to. New inputs and
# crashes go to fuzz-out/TARGET, which git ignores; a later run starts from them. Exits non-zero on a crash, a leak, a
# time-out (10 s for one input) or more than 2 GB of memory. Bazel gets an output base of its own here: with another
# compiler in the usual one, everything would be built anew each time one changes.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
if [ $# -lt 1 ]; then
  sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
target=$1
seconds=${2:-60}
seeds=()
[ $# -lt 3 ] || seeds=("$(realpath "$3")")

# On Debian the compiler and its run-time library are two packages; elsewhere clang brings both.
[ -n "${CC:-}" ] || ! command -v apt-get >/dev/null || setup_install clang libclang-rt-dev
clang="${CC:-clang}"

cd "$ROOT"
base="${XDG_CACHE_HOME:-$HOME/.cache}/pawl-fuzz-bazel"
fuzz=("${BAZEL[0]}" "--output_base=$base" "${BAZEL[@]:1}")
common=(--config=fuzz "--repo_env=CC=$clang" --experimental_convenience_symlinks=ignore --noshow_progress)
"${fuzz[@]}" build "${common[@]}" --show_result=0 "$target"
binary="$("${fuzz[@]}" info "${common[@]}" bazel-bin 2>/dev/null)/$(sed 's|^//||; s|:|/|' <<<"$target")"

out="$ROOT/fuzz-out/$(basename "$binary")"
mkdir -p "$out/corpus"
cd "$out"
exec "$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 corpus "${seeds[@]}"
