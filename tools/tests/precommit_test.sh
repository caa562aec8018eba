#!/usr/bin/env bash
# The hooks with the real pre-commit, from PyPI.
set -u
cd "$TEST_TMPDIR"
root="$OLDPWD"
fail() { sed 's/^/# /' log 2>/dev/null | tail -20; echo "not ok $1"; exit 1; }
python3 -m venv venv >log 2>&1 && venv/bin/pip install -q pre-commit >log 2>&1 || fail "install pre-commit"
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.org GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.org GIT_CONFIG_GLOBAL=/dev/null
export PATH="$(dirname "$PAWL"):$PATH" PRE_COMMIT_HOME="$TEST_TMPDIR/cache"
mkdir hooks && cp "$root/.pre-commit-hooks.yaml" hooks/ && (cd hooks && git init -q . && git add . && git commit -qm hooks)
mkdir repo && cd repo && git init -q .
cat >.pre-commit-config.yaml <<Y
repos:
  - repo: $TEST_TMPDIR/hooks
    rev: $(git -C ../hooks rev-parse HEAD)
    hooks: [{id: pawl}]
Y
printf 'CREATE INDEX a_idx ON accounts (email);\n' >1.sql
printf 'not sql' >x.txt
git add .
../venv/bin/pre-commit run --all-files >../log 2>&1 && fail "the hook stops a bad migration"
grep -q index-not-concurrent ../log || fail "the hook shows the finding"
echo "ok the hook stops a bad migration"
printf 'CREATE INDEX CONCURRENTLY a_idx ON accounts (email);\n' >1.sql && git add .
../venv/bin/pre-commit run --all-files >../log 2>&1 || { cd ..; fail "the hook lets a good one pass"; }
echo "ok the hook lets a good one pass"
