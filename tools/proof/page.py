"""docs/locks.md from the cases and the predictions of this build (tools/proof.sh compares those with servers)."""

import cases as case_files
import predict
from measure import RANK

NAMES = {"AccessShareLock": "ACCESS SHARE", "RowShareLock": "ROW SHARE", "RowExclusiveLock": "ROW EXCLUSIVE", "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
         "ShareLock": "SHARE", "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE", "ExclusiveLock": "EXCLUSIVE", "AccessExclusiveLock": "ACCESS EXCLUSIVE"}
WORDS = {"none": "", "metadata": "", "rows": "rows", "scan": "scans", "build": "builds an index on", "rewrite": "rewrites"}

HEAD = """# What each statement locks, and what work it does

<!-- Written by tools/proof.sh --write-page; do not edit. A test compares it with the predictions of the current build. -->

Measured on PostgreSQL 12, 13, 14, 15, 16, 17 and 18: every row below was run on each of these servers where its syntax exists, and
the locks (`pg_locks`), rewrites and builds (`relfilenode`) and scans (counters of `pg_stat`) that the server showed are what
`pawl locks` predicts; where a prediction is known to be off, the row says why in italics. `tools/proof.sh --all` does it again. The
tables that the statements run on are in
[testdata/proof/worlds](../testdata/proof/worlds), how it is measured in [testing](testing.md#proof-on-real-servers).

How to read it:

- Each line names the relations that were there before and are locked, the strongest lock first. What is not named is not locked.
  Locks on indexes, TOAST tables and owned sequences are named only where they are stronger than their table's.
- **Reads and writes wait** behind ACCESS EXCLUSIVE; **writes wait** behind SHARE, SHARE ROW EXCLUSIVE and EXCLUSIVE; behind weaker
  locks only other schema changes, VACUUM and LOCK wait. The lock is held until the transaction ends, except where it says
  *until the statement ends*.
- *scans* reads every row while the lock is held, *builds an index on* reads and sorts them, *rewrites* copies the table and builds all of
  its indexes anew. Without a word the work does not grow with the table.
- A cell with versions holds for these only; no versions: for all of 12 to 18 on which the statement exists.
- Triggers, rules, functions and procedures that the history defines are followed into their bodies, in whichever file they are made, and
  dynamic SQL as far as its text is written down: literals, variables, `format()`, loops over literals, literal arguments of a call. What
  a condition guards is told as if it ran. A deferred foreign key or trigger acts at COMMIT; it is told with the statement.
- Not followed: functions that the history does not define or that are neither SQL nor PL/pgSQL; those that views, defaults of older
  columns, constraints and policies call when rows are read or written; MERGE's triggers; names that a query gives to dynamic SQL
  (`FOR r IN SELECT ... LOOP EXECUTE`).
- Which partitions the rows of an INSERT go to, and which a condition leaves over, is told as far as constants tell it: not by the hash of a
  value, through a view or a foreign key, nor where a bound is of another kind than numbers, dates and times in ISO form, and texts that
  are equal. Then an INSERT names the partitioned table only, the others name all partitions. That a CHECK implies the bound of a
  partition is seen where it compares the columns of the key with such constants; beside a key that is an expression any CHECK counts.

"""


def blocks(mode):
    if RANK[mode] == 8:
        return "reads and writes"
    return "writes" if RANK[mode] >= 5 else ""


def span(versions):
    parts, start, previous = [], None, None
    for v in sorted(versions) + [None]:
        if start is not None and v != previous + 1 if v is not None else start is not None:
            parts.append("%d" % start if start == previous else "%d-%d" % (start, previous))
            start = None
        if start is None:
            start = v
        previous = v
    return ", ".join(parts)


def one(predicted):
    """(locks, blocks, work) of a prediction, as cells."""
    shown = {}
    for o, mode in predicted.locks.items():
        if o in predicted.index and (RANK[mode] < 4 or RANK[predicted.locks.get(predicted.index[o], "none")] >= RANK[mode]):
            continue
        shown[o] = mode
    if not shown:
        return "none", "", ""
    by_mode = {}
    for o in sorted(shown):
        held = "" if predicted.held[o] else " *until the statement ends*"
        by_mode.setdefault((shown[o], held), []).append("`%s`" % (o[7:] if o.startswith("public.") else o))
    order = sorted(by_mode, key=lambda k: (-RANK[k[0]], k[1]))
    locks = "; ".join("%s on %s%s" % (NAMES[k[0]], ", ".join(by_mode[k]), k[1]) for k in order)
    work = {}
    for o, w in predicted.work.items():
        if WORDS[w] and o in shown:
            work.setdefault(w, []).append("`%s`" % (o[7:] if o.startswith("public.") else o))
    strongest = max(shown.values(), key=lambda m: RANK[m])
    words = "; ".join("%s %s" % (WORDS[w], ", ".join(sorted(work[w]))) for w in reversed(predict.WORK) if w in work)
    return locks, blocks(strongest), words


def anchor(heading):
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def render(pawl, folder, work):
    chosen = [c for c in case_files.read_all(folder) if c.heading and not c.heading.startswith("Kept back")]
    worlds = {name: case_files.read_world(folder, name) for name in {c.world for c in chosen}}
    cells = {}
    predict.write_sets(chosen, worlds, work + "/page")
    for version in case_files.ALL:
        for case, predicted in zip(chosen, predict.read_sets(pawl, chosen, version, work + "/page")):
            if version in case.versions:
                cells.setdefault(case.name, {})[version] = one(predicted)
    headings = []
    for c in chosen:
        if c.heading not in headings:
            headings.append(c.heading)
    out = [HEAD]
    out += ["- [%s](#%s)\n" % (h, anchor(h)) for h in headings]
    for h in headings:
        out.append("\n## %s\n\n| statement | locks | who waits | work |\n|---|---|---|---|\n" % h)
        for c in (c for c in chosen if c.heading == h):
            groups = {}
            for version, cell in cells[c.name].items():
                groups.setdefault(cell, []).append(version)
            first = True
            for cell, versions in sorted(groups.items(), key=lambda g: -max(g[1])):
                text = "`%s`" % c.one_line.replace("|", "\\|") if first else ""
                if first and c.setup:
                    text += "<br>after " + ", ".join("`%s`" % s.rstrip("; ").replace("|", "\\|") for s in c.setup)
                if first and c.session:
                    text += "<br>with " + ", ".join("`%s`" % s for s in c.session)
                if first and c.exceptions:
                    text += "<br>*%s*" % "; ".join("%s: %s" % (span([v for v in c.exceptions if c.exceptions[v] == why]), why) for why in sorted(set(c.exceptions.values())))
                if len(groups) > 1 or len(c.versions) < len(case_files.ALL):
                    text += ("<br>" if text else "") + "**%s**" % span(versions)
                out.append("| %s | %s | %s | %s |\n" % (text, cell[0], cell[1], cell[2]))
                first = False
    return "".join(out)
