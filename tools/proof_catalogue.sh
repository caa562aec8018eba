#!/usr/bin/env bash
# Applies whole histories to a real server and compares its catalogs with what `pawl schema` predicts from the files: schemas, tables,
# columns, constraints, indexes, views, functions, triggers, types, sequences, policies, partitions. docs/catalogue-proof.md.
#
#   tools/proof_catalogue.sh [VERSION] FOLDER...     each set under FOLDER on the installed PostgreSQL, or on VERSION (12 to 18)
#
# Options of tools/proof/catalogue.py may stand among the folders. PAWL, PAWL_SCRIPTS: the binaries (default: those of bazel-bin).
# Exit status 1 if a set differs. A server that cannot be had is a failure.
set -uo pipefail
here="$PWD"
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tools/tests/postgres.sh
work="$(mktemp -d)"
trap 'rm -rf "$work"; pg_stop_all' EXIT
version=system
case "${1:-}" in system | [0-9]*) version="$1"; shift ;; esac
pg_start catalogue "$version" autovacuum=off jit=off max_locks_per_transaction=512 || { echo "not ok catalogue: the server does not start"; exit 1; }
root="$PWD"
cd "$here" || exit 1
python3 "$root/tools/proof/catalogue.py" --pawl "${PAWL:-$root/bazel-bin/tools/pawl}" --scripts "${PAWL_SCRIPTS:-$root/bazel-bin/tools/proof/scripts}" --work "$work" "$@"
