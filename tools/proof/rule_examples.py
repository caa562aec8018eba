#!/usr/bin/env python3
"""Runs the examples of the rule pages on servers and writes down what they lock and do. Started by tools/rule_pages.sh.

rule_examples.py PAWL FOLDER [--check] VERSION=HOST:PORT...

FOLDER/setup.sql says what the examples need, FOLDER/measured.json takes the results; with --check they are compared with it. Rules
are those in MEASURED: of the others nothing on a server can be seen, or it needs more than one session.
"""

import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE), os.path.join(os.path.dirname(HERE), "tests")]

import cases as case_files  # noqa: E402
import measure  # noqa: E402
import rule_pages  # noqa: E402

MEASURED = """
index-not-concurrent drop-index-not-concurrent reindex-not-concurrent concurrently-in-transaction index-on-partitioned-parent
refresh-not-concurrent detach-partition-not-concurrent attach-partition-without-check attach-partition-scans-default
foreign-key-without-not-valid check-without-not-valid validate-in-same-transaction unique-constraint-without-index
primary-key-without-index primary-key-implicit-not-null exclusion-constraint set-not-null-scan domain-constraint create-trigger
disable-trigger drop-trigger lock-table work-under-exclusive-lock locks-several-tables missing-lock-timeout volatile-default-rewrite
serial-column-rewrite identity-column-rewrite stored-generated-rewrite column-type-rewrite set-logged-unlogged vacuum-full cluster
combine-alter-table create-table-as schema-and-data-in-one-transaction enum-value-used-in-transaction not-null-without-default
not-null-without-backfill unbatched-update unbatched-delete drop-table drop-column truncate truncate-cascade drop-constraint
drop-primary-key drop-column-drops-constraint drop-index-of-constraint drop-depended-object column-type-narrowing
column-type-drops-statistics duplicate-assignment rename-table rename-column set-schema drop-view-or-routine drop-not-null
change-column-default partition-bound-mismatch partitioned-key-lacks-column replica-identity unknown-object
""".split()
# What the examples are about is that the server refuses them in a transaction.
IN_TRANSACTION = ("concurrently-in-transaction", "enum-value-used-in-transaction")


def read_setup(path):
    """'' -> statements for all; (rule) -> its own; (rule, 'good') -> those of its good example alone."""
    parts, key = {"": ""}, ""
    with open(path, encoding="utf-8") as f:
        for line in f:
            m = re.match(r"-- (rule|good): (\S+)$", line)
            if m:
                key = m[2] if m[1] == "rule" else (m[2], "good")
                parts[key] = ""
            else:
                parts[key] += line
    return {k: [sql for _, sql, _ in case_files.statements(text)] for k, text in parts.items()}


def units(text):
    """An example as what runs together, (statements, whether they are BEGIN ... COMMIT). SET only bounds waiting."""
    out, block = [], None
    for _, sql, _ in case_files.statements(text):
        if re.match(r"SET\b", sql):
            continue
        if re.match(r"BEGIN\b", sql):
            block = []
        elif re.match(r"COMMIT\b", sql):
            out.append((block, True))
            block = None
        elif block is not None:
            block.append(sql)
        else:
            out.append(([sql], False))
    return out


def measure_example(server, rule, text, setup):
    rows, before = [], list(setup)
    for unit, together in units(text):
        case = measure_case(unit, before)
        facts = server.measure(case)
        if together and rule in IN_TRANSACTION and not facts.held:
            facts = measure.Facts()
            facts.error = refusal(server, case)
        sql = "; ".join(rule_pages.one_line(s) for s in unit)
        if together:
            sql = "BEGIN; " + sql + "; COMMIT"
        error = re.sub(r" \[\w{5}\]$", "", re.sub(r"^\w+: ", "", facts.error.splitlines()[0])) if facts.error else None
        rows.append({"sql": sql, "locks": {} if error else facts.locks, "work": {} if error else {k: v for k, v in facts.work.items() if v != "none"}, "held": facts.held, "error": error})
        if error:
            break
        before += unit
    return rows


def measure_case(unit, setup):
    case = case_files.Case("", 0, "pages", "")
    case.setup, case.sql = list(setup), ";\n".join(s.rstrip().rstrip(";") for s in unit)
    # Which tables are probed one by one where the statement takes no transaction: those that it names.
    case.expected = {"public." + word for word in re.findall(r"\w+", case.sql)}
    return case


def refusal(server, case):
    name = server._copy(case)
    try:
        with measure.Session(name) as s:
            s.query("BEGIN")
            try:
                s.query(case.sql)
            except measure.PgError as e:
                return str(e)
            raise RuntimeError("not refused: " + case.sql)
    finally:
        server._drop(name)


def main():
    args = [a for a in sys.argv[1:] if a != "--check"]
    pawl, folder, addresses = args[0], args[1], args[2:]
    setup = read_setup(os.path.join(folder, "setup.sql"))
    rules = {r["name"]: r for r in rule_pages.load_rules(pawl)}
    unknown = [n for n in MEASURED if n not in rules]
    if unknown:
        sys.exit("rule_examples: no such rules: " + " ".join(unknown))
    out = {"setup": {}, "rules": {}}
    for n in MEASURED:
        own = "\n".join(setup.get(n, []) + ["--"] + setup.get((n, "good"), []))
        out["setup"][n] = own
        out["rules"][n] = {"digest": rule_pages.digest(rules[n], own), "servers": {}}
    for a in addresses:
        version, _, address = a.partition("=")
        os.environ["PGHOST"], _, os.environ["PGPORT"] = address.rpartition(":")
        os.environ["PGUSER"] = "postgres"
        server = measure.Server(int(version), {"pages": setup[""]})
        for n in MEASURED:
            examples = rules[n]["examples"]
            out["rules"][n]["servers"][version] = {
                "bad": measure_example(server, n, examples["bad"], setup.get(n, [])),
                "good": measure_example(server, n, examples["good"], setup.get(n, []) + setup.get((n, "good"), [])),
            }
    path = os.path.join(folder, "measured.json")
    text = json.dumps(out, indent=1, sort_keys=True) + "\n"
    if "--check" in sys.argv:
        with open(path, encoding="utf-8") as f:
            old = json.load(f)
        def known(rules, n):  # of servers that were asked both times: what is installed may be another version elsewhere
            r = rules.get(n, {"servers": {}})
            return {v: s for v, s in r["servers"].items() if v in old["rules"].get(n, out["rules"][n])["servers"]}
        different = [n for n in MEASURED if n not in old["rules"] or any(old["rules"][n]["servers"][v] != s for v, s in known(out["rules"], n).items())]
        for n in different:
            print("not ok rule page %s: servers do something else than testdata/rule_pages/measured.json says" % n)
        if not different:
            print("ok rule pages: %d rules measured on %s as written down" % (len(MEASURED), " and ".join(a.partition("=")[0] for a in addresses)))
        sys.exit(1 if different else 0)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


if __name__ == "__main__":
    main()
