"""Runs a case on a server and reads what it did: which relations it locked how, and what work it did on them.

How each fact is read:
  locks    pg_locks of the backend, before the statement's transaction ends. Where the server refuses a transaction, a second
           session holds a lock on one relation, from the weakest mode on, until the statement is seen waiting for that very
           relation: pg_locks then tells the mode that it asks for. One more run, with everything else held in ACCESS EXCLUSIVE,
           tells whether it wants anything besides.
  rewrite  pg_class.relfilenode is another one, and the relation is not empty now (TRUNCATE makes new files too).
  build    an index of the relation has a relfilenode that no index had.
  scan     pg_stat_get_xact_numscans grew, of the relation or of an index of it, or at least as many of its blocks were read as it
           has (ANALYZE and VACUUM count no scans).
Only relations count that were there before: nobody can wait for a new one.
"""

import time

from pgwire import PgError, Session

MODES = ["none", "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock", "ShareRowExclusiveLock",
         "ExclusiveLock", "AccessExclusiveLock"]
RANK = {m: i for i, m in enumerate(MODES)}
SQL_MODE = {"AccessShareLock": "ACCESS SHARE", "RowShareLock": "ROW SHARE", "RowExclusiveLock": "ROW EXCLUSIVE",
            "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE", "ShareLock": "SHARE", "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
            "ExclusiveLock": "EXCLUSIVE", "AccessExclusiveLock": "ACCESS EXCLUSIVE"}
HOLD = "LOCK TABLE ONLY %(name)s IN %(mode)s MODE"
HOLD_VIEW = {"AccessShareLock": "SELECT FROM %(name)s LIMIT 0",  # LOCK takes no materialized view
             "ShareUpdateExclusiveLock": "COMMENT ON MATERIALIZED VIEW %(name)s IS ''",
             "AccessExclusiveLock": "ALTER MATERIALIZED VIEW %(name)s RENAME TO held"}
NO_TRANSACTION = "25001"  # active_sql_transaction: cannot run inside a transaction block

RELATIONS = """
SELECT c.oid, n.nspname || '.' || c.relname, c.relkind, c.relfilenode, pg_relation_size(c.oid) / 8192,
       coalesce(i.indrelid, t.oid, d.refobjid), EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = c.oid
LEFT JOIN pg_class t ON t.reltoastrelid = c.oid
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
                         AND c.relkind = 'S'
WHERE c.oid >= 16384 AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_temp%' AND c.relkind <> 'c'
"""
LOCKS = """
SELECT relation, mode FROM pg_locks
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND granted AND relation >= 16384
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
COUNTERS = "SELECT oid, pg_stat_get_xact_numscans(oid), pg_stat_get_xact_blocks_fetched(oid) FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'm', 'i')"
FILES = """
SELECT c.oid, c.relfilenode, i.indrelid FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 'i')
"""


class WorldError(Exception):
    """A world cannot be made: no case of it can run."""


class Relation:
    def __init__(self, row):
        self.oid, self.name, self.kind, self.file = int(row[0]), row[1], row[2], row[3]
        self.pages = int(row[4] or 0)
        self.owner = int(row[5]) if row[5] else None  # the table of an index, TOAST table or sequence
        self.child = row[6] == "t"


class Facts:
    """What one statement did: name -> lock mode; name -> rewrite, build, scan or none."""

    def __init__(self):
        self.locks, self.work, self.kinds, self.owners, self.held = {}, {}, {}, {}, True
        self.error = None


def relations(session):
    out = {}
    for row in session.query(RELATIONS):
        out.setdefault(int(row[0]), Relation(row))
    return out


def fold(locks, known):
    """Locks by oid -> by name. What belongs to a table is worth a word only if its lock is stronger than the table's."""
    out = {}
    for oid, mode in locks.items():
        r = known.get(oid)
        if r is None:
            continue
        if r.kind in "iItS":
            if RANK[mode] < RANK["ShareUpdateExclusiveLock"]:
                continue
            owner, toast = r, r.kind == "t"
            while owner is not None and owner.kind in "iItS" and owner.owner:
                owner = known.get(owner.owner)
                toast = toast or (owner is not None and owner.kind == "t")
            if toast or (owner is not None and owner is not r and RANK[locks.get(owner.oid, "none")] >= RANK[mode]):
                continue
        out[r.name] = mode
    return out


def work_of(known, before, after, files, size_of):
    """before, after: oid -> (scans, blocks). files: oid -> (relfilenode, table of the index)."""
    out = {}
    changed = {}
    kept = {r.file for r in known.values() if r.kind == "i"}  # ALTER TYPE makes an index anew on the old one's file where it can
    for oid, (file, table) in files.items():
        old = known.get(oid)
        if old is None:
            if table in known and file not in kept:
                changed.setdefault(table, set()).add("build")
        elif old.file != file:
            changed.setdefault(table if table else oid, set()).add("build" if table else "file")
    for oid, r in known.items():
        if r.kind not in "rm":
            continue
        what = changed.get(oid, set())
        if "file" in what:
            if r.pages == 0 or size_of(oid) > 0:
                out[r.name] = "rewrite"
        elif "build" in what:
            out[r.name] = "build"
        else:
            def grew(o, i):
                return after.get(o, (0, 0))[i] - before.get(o, (0, 0))[i]
            scans = grew(oid, 0) + sum(grew(o, 0) for o, i in known.items() if i.kind == "i" and i.owner == oid)
            if scans > 0 or (r.pages > 0 and grew(oid, 1) >= r.pages):
                out[r.name] = "scan"
    return out


class Server:
    """One server: makes each world once, and runs cases on copies of it."""

    def __init__(self, version, worlds):
        self.version, self.worlds = version, worlds
        self.admin = Session("postgres")
        self.admin.query("SET client_min_messages = error")
        self.ready, self.shared, self.copies = set(), {}, 0
        full = int(self.admin.value("SHOW server_version_num")) // 10000
        if full != version:
            raise RuntimeError("asked for PostgreSQL %d, found %d" % (version, full))

    def _world(self, name):
        if name not in self.ready:
            self.admin.query('CREATE DATABASE "w_%s"' % name)
            with Session("w_" + name) as s:
                s.query("SET client_min_messages = error")
                for sql in self.worlds[name]:
                    try:
                        s.query(sql)
                    except PgError as e:
                        raise WorldError("PostgreSQL %d: world %s: %s: %s" % (self.version, name, e, sql)) from e
            self.ready.add(name)
        return "w_" + name

    @staticmethod
    def _run(session, sql, what):
        try:
            session.query(sql)
        except PgError as e:
            raise RuntimeError("%s: %s: %s" % (what, e, sql)) from e

    def _copy(self, case):
        """A database for this case alone."""
        self.copies += 1
        name = "c_%d" % self.copies
        fast = " STRATEGY file_copy" if self.version >= 15 else ""
        self.admin.query('CREATE DATABASE "%s" TEMPLATE "%s"%s' % (name, self._world(case.world), fast))
        with Session(name) as s:
            s.query("SET client_min_messages = error")
            for sql in case.setup:
                self._run(s, sql, "setup")
        return name

    def _drop(self, name):
        for _ in range(100):  # a closed session may take a moment to be gone
            try:
                self.admin.query('DROP DATABASE "%s"' % name)
                return
            except PgError as e:
                if e.code != "55006":
                    raise
                time.sleep(0.01)

    def measure(self, case):
        facts = Facts()
        try:
            if case.setup:
                name = self._copy(case)
                try:
                    with Session(name) as s:
                        s.query("SET client_min_messages = error")
                        self._in_transaction(case, s, relations(s), facts)
                finally:
                    self._drop(name)
            else:
                if case.world not in self.shared:
                    s = Session(self._copy(case))
                    s.query("SET client_min_messages = error")
                    self.shared[case.world] = (s, relations(s))
                s, known = self.shared[case.world]
                self._in_transaction(case, s, known, facts)
        except PgError as e:
            if e.code == NO_TRANSACTION:
                facts = Facts()
                facts.held = False
                try:
                    self._alone(case, facts)
                except (PgError, RuntimeError) as e2:
                    facts.error = str(e2)
            else:
                facts.error = str(e)
        except RuntimeError as e:
            facts.error = str(e)
        return facts

    def _in_transaction(self, case, s, known, facts):
        for sql in case.session:
            self._run(s, sql, "session")
        s.query("BEGIN")
        try:
            before = {int(r[0]): (int(r[1]), int(r[2])) for r in s.query(COUNTERS)}
            s.query(case.sql)
            s.query("RESET ROLE")
            locks = {}
            for oid, mode in s.query(LOCKS):
                if RANK[mode] > RANK[locks.get(int(oid), "none")]:
                    locks[int(oid)] = mode
            after = {int(r[0]): (int(r[1]), int(r[2])) for r in s.query(COUNTERS)}
            files = {int(r[0]): (r[1], int(r[2]) if r[2] else None) for r in s.query(FILES)}
            facts.work = work_of(known, before, after, files, lambda oid: int(s.value("SELECT pg_relation_size(%d)" % oid) or 0))
        finally:
            s.query("ROLLBACK")
            s.query("RESET ALL")
            s.query("SET client_min_messages = error")
        facts.locks = fold(locks, known)
        facts.kinds = {r.name: r.kind for r in known.values()}
        facts.owners = {r.name: known[r.owner].name for r in known.values() if r.owner in known}

    # ---- Statements that run outside of a transaction block ------------------------------------------------------------------

    def _alone(self, case, facts):
        name = self._copy(case)
        try:
            with Session(name) as s:
                known = relations(s)
                for sql in case.session:
                    s.query(sql)
                before = self._counters(s)
                s.query(case.sql)
            with Session(name) as s:
                after = self._counters_after(s, before)
                files = {int(r[0]): (r[1], int(r[2]) if r[2] else None) for r in s.query(FILES)}
                facts.work = work_of(known, {}, {o: (after[o][0] - before.get(o, (0, 0, 0))[0], 0) for o in after}, files,
                                     lambda oid: int(s.value("SELECT pg_relation_size(%d)" % oid) or 0))
                for o, c in after.items():
                    if o in known and c[2] > before.get(o, (0, 0, 0))[2]:
                        facts.work.setdefault(known[o].name, "scan")
        finally:
            self._drop(name)
        facts.kinds = {r.name: r.kind for r in known.values()}
        # Nobody can hold an index or a sequence alone by LOCK; those are not looked at.
        tables = {r.name: r for r in known.values() if r.kind in "rpm"}
        locks = {}
        todo = [n for n in tables if n in case.expected]
        others = [n for n in tables if n not in case.expected]
        while True:
            hit = self._probe(case, others, "AccessExclusiveLock", tables)
            if hit is None:
                break
            others.remove(hit[0])
            todo.append(hit[0])
        for n in todo:
            for hold in MODES[1:]:
                hit = self._probe(case, [n], hold, tables)
                if hit is not None:
                    locks[tables[n].oid] = hit[1]
                    break
        facts.locks = fold(locks, known)

    @staticmethod
    def _counters(s):
        return {int(r[0]): (int(r[1] or 0), 0, int(r[2])) for r in s.query(
            "SELECT oid, pg_stat_get_numscans(oid), pg_stat_get_vacuum_count(oid) + pg_stat_get_analyze_count(oid) FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'm', 'i')")}

    def _counters_after(self, s, before):
        for _ in range(30 if self.version < 15 else 5):  # before 15 another process writes them down
            now = self._counters(s)
            if any(now[o] != before.get(o, (0, 0, 0)) for o in now):
                time.sleep(0.05)
                s.query("SELECT pg_stat_clear_snapshot()")
                return self._counters(s)
            time.sleep(0.03)
            s.query("SELECT pg_stat_clear_snapshot()")
        return now

    def _probe(self, case, names, hold, tables):
        """Runs the case while another session holds `names`. (relation, mode) that it waits for, or None."""
        how = [h for h in (HOLD_VIEW.get(hold, "") if tables[n].kind == "m" else HOLD for n in names) if h]
        locks = [h % {"name": ".".join('"%s"' % p for p in n.split(".", 1)), "mode": SQL_MODE[hold]} for n, h in zip(names, how)]
        if not locks:
            return None
        database = self._copy(case)
        holders = []

        def take():
            h = Session(database)
            holders.append(h)
            h.query("BEGIN")
            for lock in locks:
                h.query(lock)

        try:
            with Session(database) as s, Session(database) as watcher:
                for sql in case.session:
                    s.query(sql)
                take()
                s.send(case.sql)
                while not s.ready(0.002):
                    # By name: what the case's setup makes has other OIDs in each copy.
                    waits = watcher.query("SELECT l.locktype, n.nspname || '.' || c.relname, l.mode FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation "
                                          "LEFT JOIN pg_namespace n ON n.oid = c.relnamespace WHERE l.pid = %d AND NOT l.granted" % s.pid)
                    if not waits:
                        continue
                    kind, name, wanted = waits[0]
                    if kind == "relation":
                        watcher.query("SELECT pg_cancel_backend(%d)" % s.pid)
                        try:
                            s.finish()
                        except PgError:
                            pass
                        return (name, wanted) if name in names else None
                    # It waits for those who hold such locks now. Another takes over, so that what it asks for later is seen too.
                    if RANK[hold] < RANK["ShareUpdateExclusiveLock"] and len(holders) < 2:
                        take()
                    if holders:
                        holders.pop(0).close()
                    time.sleep(0.003)
                s.finish()
                return None
        finally:
            for h in holders:
                h.close()
            self._drop(database)
