#!/usr/bin/env python3
"""Compares what `pawl locks` predicts with what servers do. Started by tools/proof.sh, which starts the servers.

proof.py --pawl PAWL --cases FOLDER --work FOLDER [--only WORD] [--tap] [--results FILE] VERSION=HOST:PORT...
proof.py --pawl PAWL --cases FOLDER --work FOLDER --page FILE [--check]     writes docs/locks.md, or compares it; no server needed
"""

import argparse
import difflib
import json
import multiprocessing
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))

import cases as case_files  # noqa: E402
import measure  # noqa: E402
import page  # noqa: E402
import predict  # noqa: E402

RANK = measure.RANK


def compare(case, facts, predicted):
    """The differences, in words; none: they agree."""
    if facts.error:
        return ["does not run: " + facts.error]
    out = []
    kinds = facts.kinds
    locks = dict(predicted.locks)
    predicted_work = dict(predicted.work)
    for index, table in predicted.index.items():
        # As in measure.fold: an index is worth a word only where its lock is stronger than its table's.
        if not facts.held or RANK[locks[index]] < RANK["ShareUpdateExclusiveLock"] or RANK[locks.get(table, "none")] >= RANK[locks[index]]:
            del locks[index]
        if predicted_work[index] in ("build", "rewrite") and table:
            predicted_work[table] = max(predicted_work.get(table, "none"), "build", key=predict.WORK.index)
    for name in [n for n in locks if kinds.get(n) == "S"]:
        owner = facts.owners.get(name)
        if not facts.held or RANK[locks[name]] < RANK["ShareUpdateExclusiveLock"] or (owner and RANK[locks.get(owner, "none")] >= RANK[locks[name]]):
            del locks[name]
    measured = facts.locks
    for name in sorted(set(locks) | set(measured)):
        want, got = locks.get(name, "none"), measured.get(name, "none")
        if facts.held and got == "none" and want != "none" and not predicted.held[name]:
            continue  # let go at the statement's end, as predicted
        if want != got:
            out.append("%s: predicted %s, measured %s" % (name, want, got))
        elif facts.held and not predicted.held[name]:
            out.append("%s: predicted to be let go at the statement's end, but is held" % name)
    for name in sorted(set(predicted_work) | set(facts.work)):
        if kinds.get(name, "r") not in ("r", "m", "p") or name in predicted.index:
            continue
        want, got = predicted_work.get(name, "none"), facts.work.get(name, "none")
        if kinds.get(name) == "p":
            # It holds no rows: what is said of it is said of its partitions.
            most = max(list(facts.work.values()) + ["none"], key=predict.WORK.index)
            if want in ("scan", "build", "rewrite") and predict.WORK.index(want) > predict.WORK.index(most):
                out.append("%s: predicted %s, measured at most %s" % (name, want, most))
            continue
        if want == "rows" and got in ("none", "scan"):
            continue
        if want in ("none", "metadata"):
            want = "none"
        if want != got:
            out.append("%s: predicted %s, measured %s" % (name, want, got))
    return out


def run_version(job):
    version, host, port, options, all_cases, worlds = job
    os.environ.update(PGHOST=host, PGPORT=port, PGUSER="postgres")
    mine = [c for c in all_cases if version in c.versions]
    predictions = predict.predict(options.pawl, mine, worlds, version, os.path.join(options.work, "predict-%d" % version))
    server = measure.Server(version, worlds)
    out = []
    for case, predicted in zip(mine, predictions):
        case.expected = set(predicted.locks)
        facts = server.measure(case)
        out.append((case.name, version, compare(case, facts, predicted), facts.locks, facts.work, facts.held, facts.kinds))
    return out


def write_page(options):
    text = page.render(options.pawl, options.cases, options.work)
    if not options.check:
        with open(options.page, "w", encoding="utf-8") as f:
            f.write(text)
        return 0
    with open(options.page, encoding="utf-8") as f:
        old = f.read()
    if old == text:
        print("ok proof: %s is fresh" % options.page)
        return 0
    changes = [l for l in difflib.unified_diff(old.splitlines(), text.splitlines(), "page", "build", lineterm="", n=0)]
    for line in changes[:20]:
        print("# " + line)
    print("# run tools/proof.sh --all, then tools/proof.sh --write-page")
    print("not ok proof: %s is fresh" % options.page)
    return 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pawl", required=True)
    parser.add_argument("--cases", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--tap", action="store_true")
    parser.add_argument("--results", default="")
    parser.add_argument("--page", default="")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("servers", nargs="*")
    options = parser.parse_args()
    if options.page:
        sys.exit(write_page(options))
    if not options.servers:
        sys.exit("proof: no server given")
    everything = case_files.read_all(options.cases)
    chosen = [c for c in everything if options.only in c.sql or options.only in c.name]
    if not chosen:
        sys.exit("proof: no case holds `%s`" % options.only)
    worlds = {name: case_files.read_world(options.cases, name) for name in {c.world for c in chosen}}
    jobs = []
    for s in options.servers:
        version, _, address = s.partition("=")
        host, _, port = address.rpartition(":")
        jobs.append((int(version), host, port, options, chosen, worlds))
    by_name = {c.name: c for c in chosen}
    failed = passed = excepted = 0
    stale = {}
    results = []
    with multiprocessing.Pool(options.jobs) as pool:
        for rows in pool.imap(run_version, jobs):
            version_passed = version_failed = version_excepted = 0
            for name, version, differences, locks, work, held, kinds in rows:
                case = by_name[name]
                results.append({"case": name, "version": version, "locks": locks, "work": work, "held": held, "differences": differences})
                allowed = version in case.exceptions
                if differences and allowed:
                    version_excepted += 1
                elif differences:
                    version_failed += 1
                    for d in differences:
                        print("# %d: %s" % (version, d))
                    print("not ok proof %d %s: %s" % (version, name, case.one_line))
                else:
                    version_passed += 1
                    if allowed:
                        stale.setdefault(name, []).append(version)
                    if options.tap:
                        print("ok proof %d %s: %s" % (version, name, case.one_line))
            print("# PostgreSQL %d: %d agree, %d differ, %d listed exceptions" % (rows[0][1], version_passed, version_failed, version_excepted), flush=True)
            passed += version_passed
            failed += version_failed
            excepted += version_excepted
    for name, versions in sorted(stale.items()):
        print("# %s: an exception is listed, but it agrees on %s" % (name, versions))
        print("not ok proof %s: needless exception" % name)
        failed += 1
    if options.results:
        with open(options.results, "w", encoding="utf-8") as f:
            json.dump(results, f)
    print("# %d cases, %d runs: %d agree, %d differ, %d listed exceptions" % (len(chosen), passed + failed + excepted, passed, failed, excepted))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
