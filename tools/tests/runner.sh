# What the runner's tests on a real PostgreSQL share; sourced from the repository's root, with PAWL and TEST_TMPDIR set:
#   . tools/tests/runner.sh
# starts a server `main`, sets `major`, and gives begin, end, sql and the rest below.
# RUNNER_VERSION=18: on another PostgreSQL than the installed one. RUNNER_ONLY=WORD: only cases whose name has it.
. tools/tests/postgres.sh
. tools/tests/cases.sh
trap pg_stop_all EXIT
version="${RUNNER_VERSION:-system}"
if ! pg_have "$version" || ! pg_start main "$version" max_connections=60 ${RUNNER_SETTINGS:-}; then
  echo "not ok a PostgreSQL server ($version) starts"
  exit 1
fi
major="$(pg_sql 'SHOW server_version_num')"
major=$((major / 10000))
export PAWL_USER=ada
unset MIGRATION_APPROVED_BY

# A case: begin NAME || return; steps; end. Steps that fail add to WHY.
begin() {
  open_case "$1" "${RUNNER_ONLY:-}" || return 1
  pg_new_database "t$number" || bad "no database"
}
end() {
  close_case
  pg_sql "DROP DATABASE IF EXISTS t$number" -d postgres 2>/dev/null || true
}
sql() { pg_sql "$1" 2>&1; }
versions() { sql "SELECT string_agg(version, ',' ORDER BY version) FROM schema_migrations"; }
everything() { sql "SELECT md5(string_agg(x, '|' ORDER BY x)) FROM (SELECT relname || relkind::text || relnamespace::text x FROM pg_class UNION ALL SELECT proname || pronamespace::text FROM pg_proc UNION ALL SELECT nspname FROM pg_namespace) y"; }
three() { # three migrations with downs, as golang-migrate has them
  local i
  for i in 1 2 3; do
    echo "CREATE TABLE t$i (id int PRIMARY KEY);" | file "m/00000${i}_t$i.up.sql"
    echo "DROP TABLE t$i;" | file "m/00000${i}_t$i.down.sql"
  done
}
hold() { # SQL: in a session that waits until release
  coproc HOLD { psql -XAtq -v ON_ERROR_STOP=1; }
  HOLD_PID_SAVED=$HOLD_PID
  printf '%s;\nSELECT %s;\n' "$1" "'held'" >&"${HOLD[1]}"
  local line
  while read -r line <&"${HOLD[0]}"; do [ "$line" != held ] || return 0; done
  bad "not held: $1"
}
release() {
  printf 'ROLLBACK;\n\\q\n' >&"${HOLD[1]}"
  wait "$HOLD_PID_SAVED" 2>/dev/null
}
running() { # PATTERN: waits until pawl's backend runs it
  local i
  for i in $(seq 200); do
    [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pawl%' AND state = 'active' AND query LIKE '$1'")" = 0 ] || return 0
    sleep 0.05
  done
  bad "never ran: $1"
}
# A streaming replica of the server main, as server `replica`, which is then at hand. By pg_basebackup where there is one of its version
# (the packaged servers have none), else by a copy of the stopped server.
standby() {
  local at="$PG_BASE/replica" program="/usr/lib/postgresql/$major/bin/pg_basebackup"
  mkdir -p "$at" && chmod 711 "$at" || return 1
  [ -z "${PG_OWNER:-}" ] || chown "$PG_OWNER" "$at"
  cp "$PG_BASE/main/bin" "$at/bin"
  grep -q '^local replication' "$(pg_data main)/pg_hba.conf" || echo 'local replication all trust' >>"$(pg_data main)/pg_hba.conf"
  pg_use main
  if [ -x "$program" ]; then
    pg_sql 'SELECT pg_reload_conf()' >/dev/null
    sleep 0.5
    (cd / && "${PG_AS[@]}" "$program" -h "$PGHOST" -p "$PGPORT" -U postgres -D "$at/data" -R -X stream -c fast) >"$at/basebackup.log" 2>&1 || { cat "$at/basebackup.log" >&2; return 1; }
  else
    pg_stop main && "${PG_AS[@]}" cp -r "$(pg_data main)" "$at/data" && "${PG_AS[@]}" touch "$at/data/standby.signal" && pg_start main || return 1
    echo "primary_conninfo = 'host=$PGHOST port=$PGPORT user=postgres'" >>"$at/data/postgresql.conf"
  fi
  sed -i "s#^unix_socket_directories = .*#unix_socket_directories = '$at'#" "$at/data/postgresql.conf"
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' >"$at/port"
  pg_start replica
}
