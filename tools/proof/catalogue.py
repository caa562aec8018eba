"""Applies histories to a real server and compares its catalogs with what `pawl schema dump` predicts from the same files.

A statement that the server refuses (an extension that is not installed, a role that is not there) is blanked in a copy of the files,
and the copy is what is predicted from: what did not happen on the server happens in no prediction either. Everything is counted.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests"))
from pgwire import PgError, Session  # noqa: E402

# Refused only because others share the transaction: they are run between two.
ALONE = {"25001", "55P04", "55006", "0A000"}


def copy_files(source, files, target, replacements):
    for path in files:
        to = os.path.join(target, os.path.relpath(path, source))
        os.makedirs(os.path.dirname(to), exist_ok=True)
        data = open(path, "rb").read()
        for old, new in replacements:
            data = re.sub(old.encode(), new.encode(), data)
        with open(to, "wb") as f:
            f.write(data)


def sets_of(scripts, folder):
    out = subprocess.run([scripts, folder], check=True, capture_output=True).stdout
    return json.loads(out)


class Runner:
    def __init__(self, database):
        self.database = database
        self.ran = 0
        self.refused = []  # (file, statement, why)

    def script(self, script):
        path = script["file"]
        data = bytearray(open(path, "rb").read())
        blank = []
        with Session(self.database) as s:
            s.query("SET client_min_messages = error; SET statement_timeout = '60s'")
            s.query("SELECT 1")
            if script["transaction"]:
                s.query("BEGIN")
            for at in script["statements"]:
                text = bytes(data[at["begin"]:at["end"]])
                why = self.statement(s, at, text)
                if why is None:
                    self.ran += 1
                else:
                    blank.append(at)
                    self.refused.append((path, " ".join(text.decode(errors="replace").split())[:100], why))
            if s.status != "I":
                s.query("COMMIT")
        for at in blank:
            for i in range(at["begin"], max(at["end"], at["full_end"])):
                if data[i:i + 1] not in (b"\n", b"\r"):
                    data[i] = 32
        if blank:
            with open(path, "wb") as f:
                f.write(data)

    def statement(self, s, at, text):
        """None if it ran, else why not."""
        if at["kind"] != "sql":
            return {"client": "a command of psql", "copy": "COPY data", "error": "not SQL that PostgreSQL parses"}[at["kind"]]
        try:
            sql = text.decode()
        except UnicodeDecodeError:
            return "not UTF-8"
        if s.status == "T":
            s.query("SAVEPOINT pawl_proof")
            try:
                s.query(sql)
                if s.status == "T" and not re.match(r"(?i)\s*(commit|rollback|begin|savepoint|release)", sql):
                    s.query("RELEASE SAVEPOINT pawl_proof")
                return None
            except PgError as e:
                if s.status == "E":
                    s.query("ROLLBACK TO SAVEPOINT pawl_proof")
                if e.code not in ALONE:
                    return str(e)
            s.query("COMMIT")
            try:
                s.query(sql)
                return None
            except PgError as e:
                return str(e)
            finally:
                s.query("BEGIN")
        try:
            s.query(sql)
            return None
        except PgError as e:
            return str(e)


def prove(args, name, source, files, replacements):
    """One project: a list of results, one a set."""
    folder = os.path.join(args.work, re.sub(r"\W", "_", name))
    shutil.rmtree(folder, ignore_errors=True)
    copy_files(source, files, folder, replacements)
    results, roots = [], set()
    for n, found in enumerate(sets_of(args.scripts, folder)):
        if found["root"] in roots:  # strays beside a set, which its runner would not run
            continue
        roots.add(found["root"])
        database = "catalogue_%s_%d" % (re.sub(r"\W", "_", name).lower()[:40], n)
        with Session("postgres") as s:
            s.query('DROP DATABASE IF EXISTS "%s"' % database)
            s.query('CREATE DATABASE "%s"' % database)
        runner = Runner(database)
        for script in found["scripts"]:
            runner.script(script)
        url = "postgresql://postgres@127.0.0.1:%s/%s" % (os.environ["PGPORT"], database)
        root = found["root"]
        checked = subprocess.run([args.pawl, "schema", "check", root, "--layout", found["layout"], "--isolated", "--url", url, "--json", "-q"], capture_output=True, text=True)
        try:
            report = json.loads(checked.stdout)
        except ValueError:
            report = {"summary": {"objects": {}, "values": 0, "unknown": 0}, "differences": [{"kind": "run", "object": "pawl", "message": checked.stderr.strip()}]}
        with Session("postgres") as s:
            if not args.keep:
                s.query('DROP DATABASE "%s"' % database)
        results.append({"project": name, "set": os.path.relpath(root, folder), "layout": found["layout"], "scripts": len(found["scripts"]), "ran": runner.ran, "refused": runner.refused, **report})
    return results


def read_exceptions():
    """Listed differences: (part of the project's name, pattern, why)."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "catalogue_exceptions.tsv")
    return [line.rstrip("\n").split("\t") for line in open(path) if not line.startswith("#")]


def explain(result, exceptions):
    for d in result["differences"]:
        what = "%s %s %s" % (d["kind"], d["object"], d.get("property", ""))
        for project, pattern, why in exceptions:
            if project in result["project"] and re.fullmatch(pattern, what.strip()):
                d["why"] = why
                break


REASONS = [
    (r"does not exist", "something that is not there: a role or schema that another program makes, or what an earlier refused statement would have made"),
    (r"is not available", "an extension that the server does not have"),
    (r"not SQL that|syntax error", "not PostgreSQL's SQL: another database's file, a template"),
    (r"COPY data|command of psql|not UTF-8", "data of COPY, commands of psql"),
    (r"already exists|duplicate", "it is there already: the file is a second copy, or is run by hand"),
    (r"", "other errors"),
]


def write_page(path, results):
    """docs/catalogue-proof.md: what is between its marks is written anew."""
    def cell(s):
        return str(s).replace("|", "\\|")
    lines = ["| history | scripts | statements run | refused | objects | properties | not known | differences |", "|---|--:|--:|--:|--:|--:|--:|--:|"]
    reasons, explained, open_ones = {}, {}, []
    total = [0] * 7
    for r in results:
        objects = sum(r["summary"]["objects"].values())
        if objects < 10:  # nothing that could be compared: data alone, or the other database's
            continue
        row = [r["scripts"], r["ran"], len(r["refused"]), objects, r["summary"]["values"], r["summary"]["unknown"], len(r["differences"])]
        total = [a + b for a, b in zip(total, row)]
        lines.append("| %s `%s` | %s |" % (r["project"].replace("+", "/"), cell(r["set"]), " | ".join(map(str, row))))
        for _, _, why in r["refused"]:
            reason = next(text for pattern, text in REASONS if re.search(pattern, why))
            reasons[reason] = reasons.get(reason, 0) + 1
        for d in r["differences"]:
            if d.get("why"):
                explained.setdefault((r["project"].replace("+", "/"), d["why"]), []).append("%s %s" % (d["kind"], d["object"]))
            else:
                open_ones.append("- %s: %s" % (r["project"].replace("+", "/"), d["message"]))
    lines.append("| **all** | %s |" % " | ".join(map(str, total)))
    kinds = {}
    for r in results:
        for kind, n in r["summary"]["objects"].items():
            kinds[kind] = kinds.get(kind, 0) + n
    lines += ["", "Objects by kind: %s." % ", ".join("%d %s" % (n, k) for k, n in sorted(kinds.items(), key=lambda x: -x[1]))]
    lines += ["", "### Differences and why", "", "| project | what | how many | why |", "|---|---|--:|---|"]
    for (project, why), objects in explained.items():
        lines.append("| %s | %s%s | %d | %s |" % (project, cell(", ".join("`%s`" % o for o in objects[:2])), " ..." if len(objects) > 2 else "", len(objects), cell(why)))
    lines += ["", "Not explained: %s" % ("none." if not open_ones else "")] + open_ones
    lines += ["", "### Statements that the server refused", "", "| why | statements |", "|---|--:|"]
    lines += ["| %s | %d |" % (cell(k), n) for k, n in sorted(reasons.items(), key=lambda x: -x[1])]
    text = open(path).read()
    begin, end = "<!-- results: tools/proof_catalogue.sh --page -->", "<!-- end of results -->"
    head, rest = text.split(begin)
    with open(path, "w") as f:
        f.write(head + begin + "\n\n" + "\n".join(lines) + "\n\n" + end + rest.split(end)[1])


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--pawl", required=True)
    p.add_argument("--scripts", required=True)
    p.add_argument("--work", required=True)
    p.add_argument("--tap", action="store_true", help="one line a set, for tools/test.sh")
    p.add_argument("--keep", action="store_true", help="leave the databases there")
    p.add_argument("--json", help="write all results to this file")
    p.add_argument("--page", help="write the results as a page to this file")
    p.add_argument("--replace", action="append", default=[], help="REGEX=>TEXT in every file before it is read, for templates")
    p.add_argument("--list", help="a file of paths, one a line: only these files of each folder")
    p.add_argument("folders", nargs="+")
    args = p.parse_args()
    status = 0
    results = []
    for folder in args.folders:
        folder = os.path.abspath(folder)
        name = os.path.basename(folder)
        if args.list:
            files = [f for f in (line.rstrip("\n") for line in open(args.list)) if f.startswith(folder + "/")]
        else:
            files = sorted(os.path.join(d, f) for d, _, names in os.walk(folder) for f in names)
        results += prove(args, name, folder, files, [r.split("=>", 1) for r in args.replace])
    exceptions = read_exceptions()
    for r in results:
        explain(r, exceptions)
        differences = [d for d in r["differences"] if not d.get("why")]
        objects = sum(r["summary"]["objects"].values())
        label = "%s/%s" % (r["project"], r["set"])
        good = not differences and objects > 0
        status |= not good
        if args.tap:
            for d in differences[:20]:
                print("# %s: %s" % (label, d["message"]))
            for f, s, why in r["refused"]:
                print("# refused in %s: %s: %s" % (os.path.basename(f), s, why))
            print("%s catalogue %s: %d objects, %d properties" % ("ok" if good else "not ok", label, objects, r["summary"]["values"]))
        else:
            print("%s: %d scripts, %d statements ran, %d refused; %d objects, %d properties, %d unknown, %d differences, %d explained" %
                  (label, r["scripts"], r["ran"], len(r["refused"]), objects, r["summary"]["values"], r["summary"]["unknown"], len(differences), len(r["differences"]) - len(differences)))
    if args.json:
        with open(args.json, "w") as f:
            json.dump(results, f, indent=1)
    if args.page:
        write_page(args.page, results)
    sys.exit(status)


if __name__ == "__main__":
    main()
