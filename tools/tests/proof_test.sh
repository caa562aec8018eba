#!/usr/bin/env bash
# What `pawl locks` predicts against two real servers, the installed PostgreSQL and 18, over all cases of testdata/proof; and
# whether docs/locks.md is what this build predicts. tools/proof.sh --all runs 12 to 18. Then whether the examples of the rule pages
# do what is written down of them (testdata/rule_pages).
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
status=0
bash tools/proof.sh --check-page || status=1
bash tools/proof.sh system 18 --tap || status=1
bash tools/rule_pages.sh --check || status=1
exit $status
