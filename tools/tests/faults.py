#!/usr/bin/env python3
"""The fault harness of the runner: twelve migrations of every kind, and whatever can go wrong while they run.

    faults.py PAWL FOLDER [--all] [--only WORD] [--jobs N]

Server: PGHOST, PGPORT (a Unix socket), PGUSER a superuser. FAULTS_TCP_PORT: its TCP port, where that user needs no password.
FAULTS_CRASH_HOST, FAULTS_CRASH_PORT, FAULTS_CRASH_RESTART: a second server, and a command that ends it as a crash does and starts it
again; without them those cases are left out. Every case has a database of its own.

After each fault the same is asked: `status` tells the truth, the next apply (or the repair that its message names) completes, every
migration has had its effect exactly once (each writes into `ledger`, and some add to columns), the catalog is the one of a run
without a fault, no index is invalid, and the history says so.

The kills are exact: PAWL_TEST_STOP=N ends pawl at its N-th crash point (migrations/database/crash_point.h).
"""

import argparse
import concurrent.futures
import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from pgwire import PgError, Session  # noqa: E402

ROWS = 900
LAST = 12


class Wrong(Exception):
    """What a case found wrong."""


def migrations(server_major, broken):
    concurrently = " CONCURRENTLY" if server_major >= 14 else ""
    third = ROWS // 3
    up = {
        "00001_base": f"""
CREATE TABLE ledger (version int NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE accounts (id int PRIMARY KEY, email text NOT NULL, note text, score int NOT NULL);
CREATE TABLE countries (code text PRIMARY KEY, name text NOT NULL);
INSERT INTO accounts SELECT i, 'user' || i || '@example.com', NULL, i % 100 FROM generate_series(1, {ROWS}) i;
INSERT INTO ledger VALUES (1);""",
        "00002_indexes": """
INSERT INTO ledger VALUES (2);
CREATE INDEX CONCURRENTLY accounts_email_idx ON accounts (email);
CREATE INDEX CONCURRENTLY IF NOT EXISTS accounts_score_idx ON public.accounts (score);""",
        "00003_countries": """
COPY countries (code, name) FROM stdin;
at	Österreich
de	Deutschland
fr	France; la République
nl	Nederland
\\.
INSERT INTO ledger VALUES (3);""",
        "00004_mood": """
CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TABLE accounts ADD COLUMN mood mood;
ALTER TABLE accounts ADD COLUMN region text;
ALTER TYPE mood ADD VALUE 'happy';
INSERT INTO ledger VALUES (4);""",
        "00005_scores": f"""
UPDATE accounts SET score = score + 1000 WHERE id <= {third};
UPDATE accounts SET score = score + 1000 WHERE id > {third} AND id <= {2 * third};
UPDATE accounts SET score = score + 1000, region = 'north' WHERE id > {2 * third};
INSERT INTO ledger VALUES (5);""",
        "00006_backfill": f"""
INSERT INTO ledger VALUES (6);
DO $$
DECLARE
  n int;
BEGIN
  LOOP
    UPDATE accounts SET note = 'note ' || id WHERE id IN (SELECT id FROM accounts WHERE note IS NULL ORDER BY id LIMIT {third});
    GET DIAGNOSTICS n = ROW_COUNT;
    COMMIT;
    EXIT WHEN n = 0;
  END LOOP;
END
$$;
ALTER TABLE accounts ADD CONSTRAINT accounts_note_there CHECK (note IS NOT NULL) NOT VALID;""",
        "00007_orders": """
CREATE TABLE orders (id int NOT NULL, placed date NOT NULL) PARTITION BY RANGE (placed);
CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO orders VALUES (1, '2024-05-01'), (2, '2025-05-01');
CREATE TABLE invoices (id int PRIMARY KEY, account_id int NOT NULL);
INSERT INTO invoices SELECT i, i FROM generate_series(1, 50) i;
ALTER TABLE invoices ADD CONSTRAINT invoices_account_fk FOREIGN KEY (account_id) REFERENCES accounts (id) NOT VALID;
""" + ("SELECT 1 / 0;\n" if broken else "") + "INSERT INTO ledger VALUES (7);",
        "00008_detach": f"""
ALTER TABLE orders DETACH PARTITION orders_2024{concurrently};
ALTER TABLE invoices VALIDATE CONSTRAINT invoices_account_fk;
INSERT INTO ledger VALUES (8);""",
        "00009_unique": """
CREATE UNIQUE INDEX CONCURRENTLY accounts_email_key ON accounts (email);
ALTER TABLE accounts ADD CONSTRAINT accounts_email_key UNIQUE USING INDEX accounts_email_key;
INSERT INTO ledger VALUES (9);""",
        "00010_maintenance": """
INSERT INTO ledger VALUES (10);
REINDEX INDEX CONCURRENTLY accounts_score_idx;
VACUUM countries;""",
        "00011_drop": """
DROP INDEX CONCURRENTLY accounts_email_idx;
INSERT INTO ledger VALUES (11);""",
        "00012_schema": """
CREATE SCHEMA app;
SET search_path TO app, public;
CREATE TABLE settings (k text PRIMARY KEY, v text);
CREATE INDEX CONCURRENTLY settings_v_idx ON settings (v);
CREATE FUNCTION setting(name text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT v FROM app.settings WHERE k = name $$;
INSERT INTO ledger VALUES (12);""",
    }
    down = {
        "00008_detach": "ALTER TABLE orders ATTACH PARTITION orders_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\nDELETE FROM ledger WHERE version = 8;",
        "00009_unique": "ALTER TABLE accounts DROP CONSTRAINT accounts_email_key;\nDELETE FROM ledger WHERE version = 9;",
        "00010_maintenance": "DELETE FROM ledger WHERE version = 10;",
        "00011_drop": "CREATE INDEX CONCURRENTLY accounts_email_idx ON accounts (email);\nDELETE FROM ledger WHERE version = 11;",
        "00012_schema": "DROP FUNCTION app.setting(text);\nDROP INDEX CONCURRENTLY app.settings_v_idx;\nDROP TABLE app.settings;\nDROP SCHEMA app;\nDELETE FROM ledger WHERE version = 12;",
    }
    bare = {"00005_scores", "00006_backfill", "00008_detach", "00012_schema"}
    out = {}
    for name, text in up.items():
        head = "-- +goose NO TRANSACTION\n" if name in bare else ""
        out[name + ".sql"] = f"{head}-- +goose Up\n{text.strip()}\n\n-- +goose Down\n{down.get(name, 'DELETE FROM ledger WHERE false;')}\n"
    return out


CATALOG = """
SELECT format('relation %s.%s %s valid=%s', n.nspname, c.relname, c.relkind, i.indisvalid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
  WHERE n.nspname IN ('public', 'app')
UNION ALL SELECT format('column %s.%s %s %s %s', a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE n.nspname IN ('public', 'app') AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
UNION ALL SELECT 'index ' || pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('public', 'app')
UNION ALL SELECT format('constraint %s %s %s valid=%s', conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated) FROM pg_constraint WHERE connamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'app')) AND contype <> 'n'
UNION ALL SELECT format('enum %s %s', enumtypid::regtype, string_agg(enumlabel, ',' ORDER BY enumsortorder)) FROM pg_enum GROUP BY enumtypid
UNION ALL SELECT format('function %s %s', p.oid::regprocedure, md5(prosrc)) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'app')
UNION ALL SELECT format('partition %s of %s', inhrelid::regclass, inhparent::regclass) FROM pg_inherits
ORDER BY 1"""
DATA = {
    "accounts": "SELECT md5(string_agg(a::text, '|' ORDER BY id)) FROM accounts a",
    "countries": "SELECT md5(string_agg(c::text, '|' ORDER BY code)) FROM countries c",
    "orders": "SELECT md5(string_agg(o::text, '|' ORDER BY id)) FROM orders o",
}


def snapshot(session):
    """Catalog and data, as text lines."""
    lines = [r[0] for r in session.query(CATALOG)]
    for table, query in DATA.items():
        if session.value(f"SELECT to_regclass('public.{table}')") is not None:
            lines.append(f"data {table} {session.value(query)}")
    return lines


class World:
    """What all cases share."""

    def __init__(self, args):
        self.pawl = args.pawl
        self.folder = args.folder
        with Session("postgres") as s:
            self.major = int(s.value("SHOW server_version_num")) // 10000
        self.references = {}
        self.lock = threading.Lock()

    def reference(self, upto):
        with self.lock:
            if upto not in self.references:
                case = Case(self, f"reference{upto}")
                case.apply("--to", str(upto), expect=0)
                with case.session() as s:
                    self.references[upto] = snapshot(s)
            return self.references[upto]


class Case:
    """One database and one folder of migrations."""

    def __init__(self, world, name, broken=False, host=None, port=None):
        self.world = world
        self.name = re.sub(r"[^a-z0-9]+", "_", name.lower())[:60]
        self.folder = os.path.join(world.folder, self.name)
        self.host = host or os.environ["PGHOST"]
        self.port = port or os.environ["PGPORT"]
        self.output = ""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(os.path.join(self.folder, "migrations"))
        self.write(broken)
        with open(os.path.join(self.folder, "pawl.toml"), "w") as f:
            f.write('[[set]]\nname = "faults"\npath = "migrations"\nlayout = "goose"\n[lint]\nignore = ["all"]\n')
        with self.session("postgres") as s:
            s.query(f'DROP DATABASE IF EXISTS "{self.name}"')
            s.query(f'CREATE DATABASE "{self.name}"')

    def write(self, broken):
        for name, text in migrations(self.world.major, broken).items():
            with open(os.path.join(self.folder, "migrations", name), "w") as f:
                f.write(text)

    def session(self, database=None):
        saved = os.environ["PGHOST"], os.environ["PGPORT"]
        if (self.host, self.port) == saved:
            return Session(database or self.name)
        with self.world.lock:
            os.environ["PGHOST"], os.environ["PGPORT"] = self.host, str(self.port)
            try:
                return Session(database or self.name)
            finally:
                os.environ["PGHOST"], os.environ["PGPORT"] = saved

    def environment(self, **more):
        e = {k: v for k, v in os.environ.items() if not k.startswith("PG") and k != "DATABASE_URL"}
        e.update(PGHOST=self.host, PGPORT=str(self.port), PGUSER=os.environ.get("PGUSER", "postgres"), PGDATABASE=self.name, PAWL_USER="ada")
        e.update({k: str(v) for k, v in more.items()})
        return e

    def start(self, *words, **env):
        return subprocess.Popen([self.world.pawl, *words], cwd=self.folder, env=self.environment(**env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")

    def run(self, *words, expect=None, **env):
        p = self.start(*words, **env)
        try:
            out = p.communicate(timeout=120)[0]
        except subprocess.TimeoutExpired:
            p.kill()
            raise Wrong(f"pawl {' '.join(words)} hangs: {p.communicate()[0]}")
        self.output = out
        if expect is not None and p.returncode != expect:
            raise Wrong(f"pawl {' '.join(words)}: exit {p.returncode} instead of {expect}: {out}")
        if "internal error" in out or "AddressSanitizer" in out:
            raise Wrong(f"pawl {' '.join(words)}: {out}")
        return p.returncode

    def apply(self, *words, **kw):
        return self.run("apply", "faults", "--yes", "--quiet", *words, **kw)

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        try:
            with self.session("postgres") as s:
                s.query(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)' if self.world.major >= 13 else f'DROP DATABASE IF EXISTS "{self.name}"')
        except (PgError, ConnectionError, OSError):
            pass

    def no_orphans(self, seconds=15):
        """A killed pawl's sessions end by themselves."""
        end = time.time() + seconds
        with self.session() as s:
            while time.time() < end:
                left = s.query("SELECT pid, query FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pawl%'")
                if not left:
                    return
                time.sleep(0.05)
        raise Wrong(f"a session of the killed pawl lives on: {left}")

    def check_status(self):
        """`status` and the database agree."""
        out = subprocess.run([self.world.pawl, "status", "faults", "--json"], cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if out.returncode != 0:
            raise Wrong(f"status: exit {out.returncode}: {out.stderr}")
        told = {int(m["version"]): m for m in json.loads(out.stdout)["migrations"]}
        if sorted(told) != list(range(1, LAST + 1)):
            raise Wrong(f"status tells of {sorted(told)}")
        with self.session() as s:
            ledger = {}
            if s.value("SELECT to_regclass('public.ledger')"):
                ledger = {int(v): int(n) for v, n in s.query("SELECT version, count(*) FROM ledger GROUP BY 1")}
            rows = set()
            if s.value("SELECT to_regclass('public.schema_migrations')"):
                rows = {int(r[0]) for r in s.query("SELECT version FROM schema_migrations")}
        for v, m in told.items():
            done = ledger.get(v, 0)
            if done > 1:
                raise Wrong(f"migration {v} ran {done} times")
            if (m["status"] == "applied") != (v in rows):
                raise Wrong(f"status says {v} is {m['status']}, the history {'has' if v in rows else 'lacks'} it")
            if m["status"] == "applied" and done != 1:
                raise Wrong(f"{v} is called applied and is not")
            if m["status"] in ("pending", "failed") and done != 0:
                raise Wrong(f"{v} is called {m['status']}, and a part of it is committed")
            if m["status"] not in ("applied", "pending", "failed", "interrupted", "running"):
                raise Wrong(f"{v} is {m['status']}")
        return told

    def recover(self, *words):
        """What an operator does: the same command again, and what its message names."""
        for _ in range(8):
            self.check_status()
            code = self.apply(*words)
            if code == 0:
                return
            if code == 1 and "--retry" in self.output:
                version = re.search(r"repair --version (\S+) --retry", self.output).group(1)
                self.run("repair", "faults", "--version", version, "--retry", "--yes", "--reason", "looked", expect=0)
            elif code == 3 and "division by zero" in self.output:
                if "00007_orders.sql:9" not in self.output:
                    raise Wrong(f"the place of the mistake is not told: {self.output}")
                self.write(broken=False)
            else:
                raise Wrong(f"the next apply does not complete: exit {code}: {self.output}")
        raise Wrong(f"no end of repairing: {self.output}")

    def check_end(self, upto=LAST):
        told = self.check_status()
        want = self.world.reference(upto) if self.host == os.environ["PGHOST"] else None
        with self.session() as s:
            ledger = [(int(v), int(n)) for v, n in s.query("SELECT version, count(*) FROM ledger GROUP BY 1 ORDER BY 1")]
            if ledger != [(v, 1) for v in range(1, upto + 1)]:
                raise Wrong(f"the ledger says {ledger}")
            have = snapshot(s)
            want = want or self.world.references[upto]
            if have != want:
                raise Wrong("the schema differs from that of an undisturbed run: " + "; ".join(sorted(set(have) ^ set(want))))
            invalid = s.query("SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid")
            if invalid:
                raise Wrong(f"invalid indexes: {invalid}")
            rows = s.query("SELECT version, status, script <> '', execution_time_ms >= 0 FROM schema_migrations ORDER BY version::int")
            if rows != [["%05d" % v, "applied", "t", "t"] for v in range(1, upto + 1)]:
                raise Wrong(f"schema_migrations has {rows}")
            newest = s.query("SELECT DISTINCT ON (version) version, status FROM schema_migrations_log ORDER BY version, id DESC")
            if [r for r in newest if int(r[0]) <= upto and r[1] != "applied"]:
                raise Wrong(f"the log ends in {newest}")
            running = s.query("SELECT version FROM schema_migrations_log WHERE status = 'running'")
            if running:
                raise Wrong(f"the log calls {running} running for ever")
        if upto == LAST and any(m["status"] != "applied" for m in told.values()):
            raise Wrong(f"status: {told}")
        if upto == LAST:
            self.run("apply", "faults", "--yes", expect=0)
            if "nothing to do" not in self.output:
                raise Wrong(f"a second apply does something: {self.output}")


# ---------------------------------------------------------------------------------------------------- kills at crash points

def crash_points(world, direction):
    """The names of all places that a run passes, in order."""
    case = Case(world, f"points_{direction}", broken=direction == "up")
    try:
        if direction == "up":
            case.apply(PAWL_TEST_STOP="log", expect=3)
            text = case.output
            case.write(broken=False)
            case.apply(PAWL_TEST_STOP="log", expect=0)
            text += case.output
        else:
            case.write(broken=False)
            case.apply(expect=0)
            case.run("rollback", "faults", "--yes", "--quiet", "--accept-data-loss", "--to", "7", PAWL_TEST_STOP="log", expect=0)
            text = case.output
            with case.session() as s:
                world.references["down"] = snapshot(s)
        return re.findall(r"^crash point: (.*)$", text, re.M)
    finally:
        case.close()


def kill_up(world, n):
    case = Case(world, f"kill_{n}", broken=True)
    try:
        code = case.apply(PAWL_TEST_STOP=n)
        if code == 3:  # the failing file came before the kill
            case.write(broken=False)
            left = n - world.points_of_failure
            code = case.apply(PAWL_TEST_STOP=left)
        if code != -signal.SIGKILL:
            raise Wrong(f"it was not killed: exit {code}: {case.output}")
        case.no_orphans()
        case.recover()
        case.check_end()
    finally:
        case.close()


def kill_down(world, n):
    case = Case(world, f"kill_down_{n}")
    try:
        case.apply(expect=0)
        words = ("rollback", "faults", "--yes", "--quiet", "--accept-data-loss", "--to", "7")
        if case.run(*words, PAWL_TEST_STOP=n) != -signal.SIGKILL:
            raise Wrong(f"it was not killed: {case.output}")
        case.no_orphans()
        case.check_status_down()
        case.run(*words)
        for _ in range(4):
            if "--retry" not in case.output:
                break
            version = re.search(r"repair --version (\S+) --retry", case.output).group(1)
            case.run("repair", "faults", "--version", version, "--retry", "--yes", expect=0)
            case.run(*words)
        with case.session() as s:
            have = snapshot(s)
        want = world.references["down"]
        if have != want:
            raise Wrong(f"the rollback did not end as one without a fault: {sorted(set(have) ^ set(want))}; {case.output}")
        case.apply(expect=0)
        case.check_end()
    finally:
        case.close()


def check_status_down(self):
    """In a rollback a row goes with its last part: what has no row has no ledger entry."""
    out = subprocess.run([self.world.pawl, "status", "faults", "--json"], cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if out.returncode != 0:
        raise Wrong(f"status: exit {out.returncode}: {out.stderr}")
    with self.session() as s:
        ledger = {int(r[0]) for r in s.query("SELECT version FROM ledger")}
        rows = {int(r[0]) for r in s.query("SELECT version FROM schema_migrations")}
    for m in json.loads(out.stdout)["migrations"]:
        v = int(m["version"])
        if v in ledger and v not in rows:
            raise Wrong(f"{v} is not in the history, and not undone")
        if m["status"] == "applied" and v not in ledger:
            raise Wrong(f"{v} is called applied, and it is undone")
        if m["status"] == "pending" and v in ledger:
            raise Wrong(f"{v} is called pending, and it is not undone")


Case.check_status_down = check_status_down


# ---------------------------------------------------------------------------------------------------- faults inside statements

# name: (version, what holds it up, what its running statement looks like)
WAITS = {
    "ALTER TABLE": (4, "BEGIN; SELECT count(*) FROM accounts", "%ALTER TABLE accounts ADD COLUMN mood%"),
    "CREATE INDEX CONCURRENTLY": (2, "BEGIN; LOCK TABLE accounts IN ROW EXCLUSIVE MODE", "CREATE INDEX CONCURRENTLY accounts_email_idx%"),
    "CREATE UNIQUE INDEX CONCURRENTLY": (9, "BEGIN; LOCK TABLE accounts IN ROW EXCLUSIVE MODE", "CREATE UNIQUE INDEX%"),
    "UPDATE without transaction": (5, f"BEGIN; SELECT * FROM accounts WHERE id = {ROWS // 2} FOR UPDATE", "UPDATE accounts%"),
    "DO with COMMIT": (6, f"BEGIN; SELECT * FROM accounts WHERE id = {ROWS // 2} FOR UPDATE", "DO %"),
    "DETACH CONCURRENTLY": (8, "BEGIN; SELECT count(*) FROM orders", "ALTER TABLE orders DETACH%"),
    "VALIDATE CONSTRAINT": (8, "BEGIN; LOCK TABLE invoices IN SHARE UPDATE EXCLUSIVE MODE", "%VALIDATE CONSTRAINT%"),
    "REINDEX CONCURRENTLY": (10, "BEGIN; LOCK TABLE accounts IN ROW EXCLUSIVE MODE", "REINDEX%"),
    "VACUUM": (10, "BEGIN; LOCK TABLE countries IN SHARE UPDATE EXCLUSIVE MODE", "VACUUM%"),
    "DROP INDEX CONCURRENTLY": (11, "BEGIN; LOCK TABLE accounts IN ROW EXCLUSIVE MODE", "DROP INDEX CONCURRENTLY%"),
    "COPY": (3, "BEGIN; INSERT INTO countries VALUES ('de', 'mine')", "COPY countries%"),
}


def hold_up(case, kind):
    """Applies all that comes before `kind`'s migration, and makes a session in which that statement will hang."""
    version, sql, _ = WAITS[kind]
    case.apply("--to", str(version - 1), expect=0)
    blocker = case.session()
    blocker.query(sql)
    return blocker


def stop_in(case, kind, process):
    """Waits until pawl's backend hangs in the statement; gives its pid."""
    pattern = WAITS[kind][2]
    with case.session() as s:
        end = time.time() + 30
        while time.time() < end:
            rows = s.query("SELECT pid, query FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pawl%' AND application_name NOT LIKE '%watch%' AND wait_event_type = 'Lock' "
                           f"AND query LIKE '{pattern}'")
            if rows:
                return int(rows[0][0])
            if process.poll() is not None:
                raise Wrong(f"pawl ended before it came to {kind}: {process.communicate()[0]}")
            time.sleep(0.02)
    raise Wrong(f"pawl never hung in {kind}")


class Proxy:
    """TCP to the server, until it is cut."""

    def __init__(self, port):
        self.to = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sockets = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                a = self.listener.accept()[0]
                b = socket.create_connection(("127.0.0.1", self.to))
            except OSError:
                return
            self.sockets += [a, b]
            for x, y in ((a, b), (b, a)):
                threading.Thread(target=self._pump, args=(x, y), daemon=True).start()

    @staticmethod
    def _pump(a, b):
        try:
            while True:
                data = a.recv(65536)
                if not data:
                    break
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.listener.close()
        for s in self.sockets:
            try:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                s.shutdown(socket.SHUT_RDWR)
                s.close()
            except OSError:
                pass


def fault_in(world, kind, fault, crash=None):
    where = {"host": crash["host"], "port": crash["port"]} if crash else {}
    case = Case(world, f"in {kind} {fault}", **where)
    proxy = None
    try:
        blocker = hold_up(case, kind)
        env = {}
        if fault == "cut":
            proxy = Proxy(int(os.environ["FAULTS_TCP_PORT"]))
            env = {"PGHOST": "127.0.0.1", "PGPORT": proxy.port}
        process = case.start("apply", "faults", "--yes", "--lock-timeout", "60s", "--to", str(WAITS[kind][0]), **env)
        pid = stop_in(case, kind, process)
        if fault == "kill":
            process.kill()
        elif fault == "term":
            process.terminate()
        elif fault == "terminate":
            with case.session() as s:
                s.query(f"SELECT pg_terminate_backend({pid})")
        elif fault == "cancel":
            with case.session() as s:
                s.query(f"SELECT pg_cancel_backend({pid})")
        elif fault == "cut":
            proxy.cut()
        elif fault == "crash":
            subprocess.run(crash["restart"], shell=True, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            out = process.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            raise Wrong(f"pawl did not end: {process.communicate()[0]}")
        if fault != "kill":
            if process.returncode != 3:
                raise Wrong(f"exit {process.returncode} instead of 3: {out}")
            if "failed at" not in out or ".sql:" not in out or not re.search(r"same command again|pawl (repair|status)", out):
                raise Wrong(f"the message tells too little: {out}")
        if fault != "crash":
            if fault in ("kill", "cut") and world.major >= 14:
                case.no_orphans()
            case.check_status()
            blocker.query("ROLLBACK")
        blocker.close()
        case.no_orphans()
        case.recover()
        case.check_end()
    finally:
        case.close()


# ---------------------------------------------------------------------------------------------------- several at once, locks

def several(world, count, prepared):
    case = Case(world, f"{count} at once {prepared}")
    try:
        if prepared:
            case.apply("--to", "1", expect=0)
        running = [case.start("apply", "faults", "--yes", "--quiet", "--wait", "60s") for _ in range(count)]
        outs = [p.communicate(timeout=120)[0] for p in running]
        for p, out in zip(running, outs):
            if p.returncode != 0:
                raise Wrong(f"one of {count} ends with {p.returncode}: {out}")
        case.check_end()
    finally:
        case.close()


def not_waiting(world):
    """--wait 0 tells who holds the lock, and exits 5."""
    case = Case(world, "not waiting")
    try:
        case.apply("--to", "3", expect=0)
        with case.session() as blocker:
            blocker.query("BEGIN; SELECT count(*) FROM accounts")
            first = case.start("apply", "faults", "--yes", "--lock-timeout", "60s")
            stop_in(case, "ALTER TABLE", first)
            began = time.time()
            case.apply("--wait", "0", expect=5)
            if "another pawl" not in case.output or "pid " not in case.output:
                raise Wrong(f"it does not say who: {case.output}")
            if time.time() - began > 5:
                raise Wrong("it waited")
            told = case.check_status()
            if told[4]["status"] not in ("pending", "running"):
                raise Wrong(f"status says {told[4]}")
            blocker.query("ROLLBACK")
            out = first.communicate(timeout=60)[0]
            if first.returncode != 0:
                raise Wrong(f"the first one failed: {out}")
        case.check_end()
    finally:
        case.close()


def lost_watcher(world):
    """The session that holds the run lock goes away while the other works: a second pawl must still not come between."""
    case = Case(world, "lost watcher")
    try:
        case.apply("--to", "3", expect=0)
        with case.session() as blocker:
            blocker.query("BEGIN; SELECT count(*) FROM accounts")
            first = case.start("apply", "faults", "--yes", "--lock-timeout", "60s")
            stop_in(case, "ALTER TABLE", first)
            blocker.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'pawl%watch%'")
            time.sleep(0.3)
            case.apply("--wait", "0", expect=5)
            blocker.query("ROLLBACK")
            out = first.communicate(timeout=60)[0]
            if first.returncode not in (0, 3):
                raise Wrong(f"the first one: exit {first.returncode}: {out}")
        case.recover()
        case.check_end()
    finally:
        case.close()


def readers_wait(world):
    """A held lock: users never wait longer than lock_timeout and a little, and the run completes once it is free."""
    case = Case(world, "readers wait")
    try:
        case.apply("--to", "3", expect=0)
        waits, stop = [], threading.Event()

        def read():
            with case.session() as s:
                while not stop.is_set():
                    began = time.time()
                    s.query("SELECT count(*) FROM accounts")
                    waits.append(time.time() - began)
                    time.sleep(0.01)

        with case.session() as blocker:
            blocker.query("BEGIN; SELECT count(*) FROM accounts")
            readers = [threading.Thread(target=read) for _ in range(3)]
            for r in readers:
                r.start()
            process = case.start("apply", "faults", "--yes", "--lock-timeout", "300ms", "--retries", "50")
            time.sleep(4)
            blocker.query("ROLLBACK")
            out = process.communicate(timeout=60)[0]
            stop.set()
            for r in readers:
                r.join()
        if process.returncode != 0:
            raise Wrong(f"exit {process.returncode}: {out}")
        if "trying again" not in out or "lock timeout" not in out:
            raise Wrong(f"it does not tell that it waits: {out}")
        if max(waits) > 1.3:
            raise Wrong(f"a reader waited {max(waits):.2f} s")
        case.check_end()
    finally:
        case.close()


def held_for_ever(world):
    """A lock that is never given back: the run ends by itself, names the holder, and nothing is half done."""
    case = Case(world, "held for ever")
    try:
        case.apply("--to", "3", expect=0)
        with case.session() as blocker:
            blocker.query("BEGIN; SELECT count(*) FROM accounts")
            case.apply("--lock-timeout", "1500ms", "--retries", "1", "--log", "events", expect=3)
            if "55P03" not in case.output or "00004_mood.sql:" not in case.output:
                raise Wrong(f"it does not tell what failed: {case.output}")
            events = open(os.path.join(case.folder, "events")).read()
            if f"pid {blocker.pid}" not in events:
                raise Wrong(f"it does not tell who holds the lock: {events}")
            blocker.query("ROLLBACK")
        case.recover()
        case.check_end()
    finally:
        case.close()


def invalid_leftover(world):
    """Somebody's concurrent build failed before: IF NOT EXISTS would record its ruin as applied."""
    case = Case(world, "invalid leftover")
    try:
        case.apply("--to", "1", expect=0)
        with case.session() as blocker, case.session() as builder:
            blocker.query("BEGIN; LOCK TABLE accounts IN ROW EXCLUSIVE MODE")
            builder.query("SET statement_timeout = '300ms'")
            try:
                builder.query("CREATE INDEX CONCURRENTLY accounts_score_idx ON accounts (score)")
            except PgError:
                pass
            blocker.query("ROLLBACK")
            if builder.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'accounts_score_idx'::regclass") != "f":
                raise Wrong("the test made no invalid index")
        case.apply(expect=1)
        told = re.search(r"DROP INDEX CONCURRENTLY [a-z_.]+", case.output)
        if "invalid" not in case.output or told is None:
            raise Wrong(f"it does not say what to do: {case.output}")
        with case.session() as s:
            s.query(told.group(0))
        case.apply(expect=0)
        case.check_end()
    finally:
        case.close()


# ---------------------------------------------------------------------------------------------------- which, and how

def cases(world, everything):
    """(name, function) of what is to run."""
    up = crash_points(world, "up")
    world.points_of_failure = count_until_failure(world)
    down = crash_points(world, "down")
    step_up, step_down = (1, 1) if everything else (max(1, len(up) // 14), max(1, len(down) // 5))
    for n in range(1, len(up) + 1, step_up):
        yield f"kill -9 at step {n} of {len(up)}: {up[n - 1]}", lambda n=n: kill_up(world, n)
    for n in range(1, len(down) + 1, step_down):
        yield f"kill -9 of a rollback at step {n} of {len(down)}: {down[n - 1]}", lambda n=n: kill_down(world, n)
    crash = None
    if os.environ.get("FAULTS_CRASH_RESTART"):
        crash = {"host": os.environ["FAULTS_CRASH_HOST"], "port": os.environ["FAULTS_CRASH_PORT"], "restart": os.environ["FAULTS_CRASH_RESTART"]}
    faults = ["kill", "terminate", "cancel", "term", "cut"]
    held = list(WAITS)
    for i, kind in enumerate(held):
        if kind == "DETACH CONCURRENTLY" and world.major < 14:
            continue
        for j, fault in enumerate(faults):
            if everything or (i + j) % 5 in (0, 2):
                yield f"{fault} in {kind}", lambda kind=kind, fault=fault: fault_in(world, kind, fault)
    for count, prepared in ((2, False), (2, True), (5, False), (5, True)):
        yield f"{count} pawls at once on {'a prepared' if prepared else 'an empty'} database", lambda c=count, p=prepared: several(world, c, p)
    yield "a second pawl with --wait 0 is told who is at work", lambda: not_waiting(world)
    yield "the session with the run lock is lost", lambda: lost_watcher(world)
    yield "a held lock: users wait no longer than lock_timeout", lambda: readers_wait(world)
    yield "a lock held for ever ends the run and is named", lambda: held_for_ever(world)
    yield "somebody's invalid index is not recorded as applied", lambda: invalid_leftover(world)
    if crash is not None:
        for i, kind in enumerate(held):
            if everything or i % 3 == 0:
                yield f"server crash in {kind}", lambda kind=kind: crash_case(world, kind, crash)


crash_lock = threading.Lock()


def crash_case(world, kind, crash):
    with crash_lock:  # one server, which is down for all
        fault_in(world, kind, "crash", crash)


def count_until_failure(world):
    case = Case(world, "points until failure", broken=True)
    try:
        case.apply(PAWL_TEST_STOP="log", expect=3)
        return len(re.findall(r"^crash point: ", case.output, re.M))
    finally:
        case.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("pawl")
    parser.add_argument("folder")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=4)
    args = parser.parse_args()
    world = World(args)
    world.reference(LAST)
    failed = 0

    def guarded(name, function):
        try:
            function()
            return name, None
        except Wrong as e:
            return name, str(e)
        except Exception as e:  # of the harness itself: a failed case too
            return name, f"{type(e).__name__}: {e}"

    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        todo = [(n, f) for n, f in cases(world, args.all) if args.only in n]
        for name, wrong in pool.map(lambda c: guarded(*c), todo):
            if wrong is None:
                print(f"ok {name}", flush=True)
            else:
                failed += 1
                for line in wrong.splitlines()[:40]:
                    print(f"# {line}")
                print(f"not ok {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
