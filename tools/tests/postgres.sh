# Throw-away PostgreSQL servers for script tests; sourced, not run:  . "$(dirname "$0")/postgres.sh"
#
#   pg_start NAME [VERSION] [SETTING=VALUE...]
#                         starts a server of its own, and sets PGHOST (the folder of its socket), PGPORT, PGUSER=postgres and
#                         PGDATABASE=postgres for it (exported, so that psql and pawl use it). A NAME that was stopped before starts
#                         again with the data and the port that it had. VERSION: `system` (the newest that is installed; the default),
#                         or a major of PG_ARTIFACTS below, fetched once into .cache/ of the checkout.
#   pg_use NAME           sets the four variables for a server that runs already
#   pg_stop NAME [fast|immediate]     immediate: as if it crashed; the next pg_start recovers
#   pg_new_database NAME  drops it if it is there, makes it anew in the server at hand and sets PGDATABASE
#   pg_sql SQL [ARGS]     psql without decoration on the server and database at hand; the status is psql's, errors stop it
#   pg_url [USER[:PASSWORD]]   a postgresql:// URL of the database at hand by TCP (127.0.0.1). `postgres` needs no password there,
#                         every other role does; by the socket nobody does
#   pg_data NAME          its data directory; pg_log NAME: its log
#   pg_have VERSION       whether such a server can be had (fetches it); says why not
#   pg_stop_all           all of them, at once, data included; done at the script's end too, also if it is killed
#
# Servers run without fsync as an unprivileged user, because PostgreSQL refuses root, in a folder in memory where there is one.
# Functions return non-zero and say why on standard error. They set variables: do not call them in a subshell.

PG_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
declare -A PG_ARTIFACTS=([18]=18.6.0 [17]=17.11.0 [16]=16.15.0 [15]=15.19.0 [14]=14.24.0 [13]=13.23.0 [12]=12.22.0)

pg_say() { echo "postgres.sh: $*" >&2; }

# The user that servers run as, and the command that runs something as it.
pg_prepare() {
  [ -z "${PG_BASE:-}" ] || return 0
  PG_AS=()
  if [ "$(id -u)" = 0 ]; then
    local user=nobody
    ! id postgres >/dev/null 2>&1 || user=postgres
    PG_AS=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups --)
    PG_OWNER=$user
  fi
  local folder=/tmp
  [ ! -w /dev/shm ] || folder=/dev/shm
  PG_BASE="$(mktemp -d "$folder/pawl-pg.XXXXXX")" || return 1 # short: a socket's path has 107 bytes at most
  chmod 711 "$PG_BASE"
  [ -z "${PG_OWNER:-}" ] || chown "$PG_OWNER" "$PG_BASE"
  [ -n "$(trap -p EXIT)" ] || trap pg_stop_all EXIT
  # A script that is killed runs no trap: somebody has to look after its servers.
  (
    trap '' HUP INT TERM
    while kill -0 $$ 2>/dev/null && [ -d "$PG_BASE" ]; do sleep 1; done
    pg_stop_all
  ) >/dev/null 2>&1 </dev/null &
  disown
}

pg_installed_bin() { # the newest that the system has
  local bin
  bin="$(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -V | while read -r b; do [ ! -x "$b/initdb" ] || echo "$b"; done | tail -n 1)"
  if [ -z "$bin" ] && command -v initdb >/dev/null; then bin="$(dirname "$(readlink -f "$(command -v initdb)")")"; fi
  echo "$bin"
}

# Sets PG_BIN to the programs of VERSION.
pg_find() { # VERSION
  if [ "$1" = system ]; then
    PG_BIN="$(pg_installed_bin)"
    if [ -z "$PG_BIN" ]; then
      local package=postgresql
      ! grep -qsx 'VERSION_CODENAME=bookworm' /etc/os-release || package=postgresql-15
      bash "$PG_ROOT/tools/setup.sh" --install "$package" >&2 || return 1
      PG_BIN="$(pg_installed_bin)"
    fi
    [ -n "$PG_BIN" ] || { pg_say "no PostgreSQL is installed"; return 1; }
    return 0
  fi
  local full="${PG_ARTIFACTS[$1]:-}" arch folder got name
  [ -n "$full" ] || { pg_say "version $1 is not one of ${!PG_ARTIFACTS[*]}"; return 1; }
  folder="$PG_ROOT/.cache/postgres/$full"
  if [ ! -x "$folder/bin/postgres" ]; then
    case "$(uname -s)-$(uname -m)" in
      Linux-x86_64) arch=linux-amd64 ;;
      Linux-aarch64) arch=linux-arm64v8 ;;
      *) pg_say "there are no PostgreSQL binaries for $(uname -s) on $(uname -m)"; return 1 ;;
    esac
    command -v mvn >/dev/null || bash "$PG_ROOT/tools/setup.sh" --install maven >&2 || return 1
    name="embedded-postgres-binaries-$arch"
    got="$(mktemp -d)"
    pg_say "fetching $name $full (mvn)"
    if ! mvn -q org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy "-Dartifact=io.zonky.test.postgres:$name:$full" \
      "-DoutputDirectory=$got" >"$got/log" 2>&1; then
      tail -n 5 "$got/log" >&2
      rm -rf "$got"
      pg_say "could not fetch it"
      return 1
    fi
    mkdir -p "$folder.new.$$" &&
      python3 -c 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); n = next(n for n in z.namelist() if n.endswith(".txz")); open(sys.argv[2], "wb").write(z.read(n))' \
        "$got/$name-$full.jar" "$got/all.txz" &&
      tar xJf "$got/all.txz" -C "$folder.new.$$" || { rm -rf "$got" "$folder.new.$$"; return 1; }
    mv -T "$folder.new.$$" "$folder" 2>/dev/null || rm -rf "$folder.new.$$" # another test was faster
    rm -rf "$got"
  fi
  PG_BIN="$folder/bin"
  # The checkout may lie where the servers' user cannot look.
  if ! "${PG_AS[@]}" test -x "$PG_BIN/postgres"; then
    [ -d "$PG_BASE/bin-$full" ] || cp -r "$folder" "$PG_BASE/bin-$full" || return 1
    chmod -R a+rX "$PG_BASE/bin-$full"
    PG_BIN="$PG_BASE/bin-$full/bin"
  fi
}

pg_have() { pg_prepare && pg_find "$1"; }
pg_data() { echo "$PG_BASE/$1/data"; }
pg_log() { echo "$PG_BASE/$1/log"; }

pg_use() { # NAME
  PGHOST="$PG_BASE/$1"
  PGPORT="$(cat "$PG_BASE/$1/port")" || return 1
  PGUSER=postgres
  PGDATABASE=postgres
  export PGHOST PGPORT PGUSER PGDATABASE
  unset PGPASSWORD PGSERVICE PGHOSTADDR PGPASSFILE PGOPTIONS DATABASE_URL
}

pg_start() { # NAME [VERSION] [SETTING=VALUE...]
  pg_prepare || return 1
  local name="$1" version=system at="$PG_BASE/$1" setting try
  shift
  case "${1:-}" in '' | *=*) ;; *) version="$1"; shift ;; esac
  local new=1
  [ ! -e "$at/data/PG_VERSION" ] || new=0
  if [ $new = 1 ]; then
    pg_find "$version" || return 1
    mkdir -p "$at" && chmod 711 "$at" || return 1
    [ -z "${PG_OWNER:-}" ] || chown "$PG_OWNER" "$at"
    echo "$PG_BIN" >"$at/bin"
    if ! (cd / && "${PG_AS[@]}" env -u PGHOST -u PGPORT "$PG_BIN/initdb" -D "$at/data" --no-sync -E UTF8 --locale=C -U postgres \
      --auth=trust --wal-segsize=4) >"$at/initdb.log" 2>&1; then
      tail -n 5 "$at/initdb.log" >&2
      pg_say "initdb failed"
      return 1
    fi
    printf '%s\n' 'local all all trust' 'host all postgres 127.0.0.1/32 trust' 'host all all 127.0.0.1/32 scram-sha-256' >"$at/data/pg_hba.conf"
    printf '%s\n' "listen_addresses = '127.0.0.1'" "unix_socket_directories = '$at'" 'fsync = off' 'full_page_writes = off' \
      'shared_buffers = 16MB' "timezone = 'UTC'" "lc_messages = 'C'" 'max_prepared_transactions = 4' "password_encryption = 'scram-sha-256'" 'log_min_messages = warning' \
      "log_line_prefix = '%m [%p] %a '" >>"$at/data/postgresql.conf"
  fi
  PG_BIN="$(cat "$at/bin")"
  for setting in "$@"; do echo "${setting%%=*} = '${setting#*=}'" >>"$at/data/postgresql.conf"; done
  for try in 1 2 3 4 5; do
    if [ $new = 1 ]; then
      python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' >"$at/port"
    fi
    if (cd / && "${PG_AS[@]}" "$PG_BIN/pg_ctl" start -w -t 60 -s -D "$at/data" -l "$at/log" -o "-p $(cat "$at/port")") >/dev/null 2>"$at/pg_ctl.err" </dev/null; then
      pg_use "$name"
      return 0
    fi
    sleep 0.2 # somebody took the port meanwhile
  done
  tail -n 5 "$at/pg_ctl.err" "$at/log" >&2
  pg_say "the server $name does not start"
  return 1
}

pg_stop() { # NAME [fast|immediate]
  (cd / && "${PG_AS[@]}" "$(cat "$PG_BASE/$1/bin")/pg_ctl" stop -w -t 60 -s -m "${2:-fast}" -D "$PG_BASE/$1/data") >&2 </dev/null
}

pg_stop_all() {
  [ -n "${PG_BASE:-}" ] && [ -d "$PG_BASE" ] || return 0
  local at
  for at in "$PG_BASE"/*/data; do
    [ ! -e "$at/postmaster.pid" ] || pg_stop "$(basename "$(dirname "$at")")" immediate 2>/dev/null || true
  done
  rm -rf "$PG_BASE"
}

pg_new_database() { # NAME
  # Before 13 nobody is put out of a database that is to be dropped.
  psql -XAtq -v ON_ERROR_STOP=1 -d postgres 2>&1 <<S | { grep -v 'does not exist, skipping' >&2 || true; }
SELECT current_setting('server_version_num')::int >= 130000 AS force \gset
\if :force
DROP DATABASE IF EXISTS "$1" WITH (FORCE);
\else
DROP DATABASE IF EXISTS "$1";
\endif
CREATE DATABASE "$1";
S
  [ "${PIPESTATUS[0]}" = 0 ] || return 1
  export PGDATABASE="$1"
}

pg_sql() { psql -XAtq -v ON_ERROR_STOP=1 "${@:2}" -c "$1"; }

pg_url() { echo "postgresql://${1:-postgres}@127.0.0.1:$PGPORT/$PGDATABASE"; }
