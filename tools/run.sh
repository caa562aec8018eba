#!/usr/bin/env bash
# Sets up, builds and runs pawl: tools/run.sh lint testdata/examples
# The arguments are pawl's own; paths in them count from where you stand. The binary stays at bazel-bin/tools/pawl.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

quiet=(--noshow_progress)
if [ -t 2 ]; then
  quiet=() # on a terminal Bazel's progress goes away by itself
elif [ ! -x "$ROOT/bazel-bin/tools/pawl" ]; then
  setup_say "building //tools:pawl (the first time: some 10 minutes on 2 cores)"
fi
(cd "$ROOT" && "${BAZEL[@]}" build "${quiet[@]}" --ui_event_filters=-info --show_result=0 //tools:pawl) >&2 || {
  setup_say "//tools:pawl did not build, so there is nothing to run"
  exit 2
}
exec "$ROOT/bazel-bin/tools/pawl" "$@"
