#!/usr/bin/env python3
"""Writes docs/rules: each rule's page as `pawl explain` prints it, with what pawl says of its examples, and what servers did with them.

rule_pages.py PAWL OUT MEASURED       writes the pages into the folder OUT. MEASURED: testdata/rule_pages/measured.json

What pawl says is run here. What servers did was measured by tools/rule_pages.sh; of an example that has changed since, nothing may be
said: that is an error.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

LOCK_WORDS = {"AccessShareLock": "ACCESS SHARE", "RowShareLock": "ROW SHARE", "RowExclusiveLock": "ROW EXCLUSIVE", "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
              "ShareLock": "SHARE", "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE", "ExclusiveLock": "EXCLUSIVE", "AccessExclusiveLock": "ACCESS EXCLUSIVE"}
WORK_WORDS = {"scan": "every row is read", "build": "an index is built", "rewrite": "the table is written anew"}


def load_rules(pawl):
    return json.loads(subprocess.run([pawl, "rules", "--format", "json"], check=True, capture_output=True, text=True).stdout)


def digest(rule, setup):
    """Of everything that a measurement depends on."""
    text = json.dumps([rule["examples"]["bad"], rule["examples"]["good"], setup], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def files_of(text):
    """An example of several files: (name, text, whether it is what main has). None if it is one file."""
    if not re.match(r"-- (file|at main): ", text):
        return None
    out = []
    for line in text.splitlines(keepends=True):
        m = re.match(r"-- (file|at main): (\S+)\n?$", line)
        if m:
            out.append([m[2], "", m[1] == "at main"])
        else:
            out[-1][1] += line
    return out


def git(folder, *args):
    when = "2026-01-01T00:00:00Z"  # the same names of commits each time
    env = dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", GIT_CONFIG_SYSTEM="/dev/null", GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)
    subprocess.run(["git", "-C", folder, "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main", *args], check=True, capture_output=True, env=env)


def pawl_says(pawl, rule, text):
    """What `pawl lint` prints of an example with this rule alone."""
    cypher = "neo4j" in rule["examples"]["options"]
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "migrations"))
        where = os.path.join(folder, "migrations")
        options = ["lint", "--isolated", "--color", "never", "--format", "full", "--exit-zero", "--quiet", "--select", rule["name"], *rule["examples"]["options"]]
        if rule["examples"]["config"]:
            with open(os.path.join(folder, "pawl.toml"), "w", encoding="utf-8") as f:
                f.write(rule["examples"]["config"])
            options.remove("--isolated")
        several = files_of(text)
        if several is None:
            name = "V1__example.cypher" if cypher else "0001_example.sql"
            with open(os.path.join(where, name), "w", encoding="utf-8") as f:
                f.write(text)
            path = "migrations" if "complete" in rule["examples"] and rule["examples"]["complete"] else "migrations/" + name
            options += [] if cypher or path == "migrations" else ["--layout", "plain"]
        else:
            if any(at_main for _, _, at_main in several):
                git(folder, "init")
            for at_main in (True, False):
                for name, content, main in several:
                    if main == at_main:
                        with open(os.path.join(where, name), "w", encoding="utf-8") as f:
                            f.write(content)
                if at_main and any(m for _, _, m in several):
                    git(folder, "add", ".")
                    git(folder, "commit", "-m", "x")
                    options += ["--since", "main"]
                    for name, _, main in several:
                        if main and not any(n == name and not m for n, _, m in several):
                            os.unlink(os.path.join(where, name))
            path = "migrations"
        got = subprocess.run([pawl, *options, path], cwd=folder, capture_output=True, text=True)
        if got.returncode != 0:
            raise RuntimeError("%s: pawl lint: exit status %d\n%s%s" % (rule["name"], got.returncode, got.stdout, got.stderr))
        return re.sub(r"\n{3,}", "\n\n", got.stdout.strip())


def one_line(sql):
    return " ".join(sql.split()).rstrip(";")


def measured_words(fact):
    """One statement's facts on one server, as words."""
    if fact.get("error"):
        return "refused: " + fact["error"]
    parts = []
    for name, mode in sorted(fact["locks"].items(), key=lambda kv: (-list(LOCK_WORDS).index(kv[1]), kv[0])):
        work = fact["work"].get(name)
        parts.append("`%s`: %s%s" % (name.removeprefix("public."), LOCK_WORDS[mode], ", " + WORK_WORDS[work] if work in WORK_WORDS else ""))
    if not parts:
        return "no lock on a table that others use"
    return "; ".join(parts) + ("" if fact["held"] else "; let go at the statement's end")


def measured_section(entry):
    servers = sorted(entry["servers"], key=int)
    out = ["\n## On a server\n", "Measured on PostgreSQL %s, with the tables of the examples filled: what each statement locks, and what it does to the table.\n" % " and ".join(servers)]
    for which, title in (("bad", "Bad"), ("good", "Good")):
        rows = entry["servers"][servers[0]][which]
        if not rows:
            continue
        out.append("| %s | |\n|---|---|" % title)
        for i, row in enumerate(rows):
            by_words = {}
            for v in servers:
                by_words.setdefault(measured_words(entry["servers"][v][which][i]), []).append(v)
            words = "; ".join(w if len(by_words) == 1 else "%s: %s" % (" and ".join(vs), w) for w, vs in by_words.items())
            out.append("| `%s` | %s |" % (one_line(row["sql"]).replace("|", "\\|"), words.replace("|", "\\|")))
        out.append("")
    return "\n".join(out).rstrip() + "\n"


def page(pawl, rule, measured):
    text = subprocess.run([pawl, "explain", rule["name"]], check=True, capture_output=True, text=True).stdout
    for which, title in (("bad", "## Bad"), ("good", "## Good")):
        said = pawl_says(pawl, rule, rule["examples"][which])
        start = text.index("\n" + title + "\n")
        end = text.index("\n```\n", start) + len("\n```\n")
        if said:
            block = "\n`pawl lint` says:\n\n```text\n%s\n```\n" % said
        elif which == "good":
            block = "\n`pawl lint` has nothing to say about it.\n"
        else:
            block = ""
        if which == "bad" and rule["examples"]["config"]:
            block = "\nWith this in `pawl.toml`:\n\n```toml\n%s```\n%s" % (rule["examples"]["config"], block)
        text = text[:end] + block + text[end:]
        after_good = end + len(block)
    entry = measured.get(rule["name"])
    if entry:
        text = text[:after_good] + measured_section(entry) + text[after_good:]
    return text


def write_index(rules, out):
    groups = []
    for r in rules:
        if r["group"] not in groups:
            groups.append(r["group"])
    with open(os.path.join(out, "README.md"), "w", encoding="utf-8") as f:
        f.write("# Rules\n\nWritten by `tools/docs.sh` from the rules themselves.\n")
        for g in groups:
            f.write("\n## %s\n\n| rule | default | |\n|---|---|---|\n" % g)
            for r in rules:
                if r["group"] == g:
                    f.write("| [%s](%s.md) | %s | %s |\n" % (r["name"], r["name"], r["severity"], r["summary"].replace("|", "\\|")))


def main():
    pawl, out, path = sys.argv[1:4]
    pawl = os.path.abspath(pawl)
    rules = load_rules(pawl)
    with open(path, encoding="utf-8") as f:
        measured = json.load(f)
    setup = measured["setup"]
    stale = [r["name"] for r in rules if r["name"] in measured["rules"] and measured["rules"][r["name"]]["digest"] != digest(r, setup.get(r["name"], ""))]
    stale += sorted(set(measured["rules"]) - {r["name"] for r in rules})
    if stale:
        sys.exit("rule_pages: the examples of %s changed since servers were asked: run tools/rule_pages.sh" % ", ".join(stale))
    for r in rules:
        with open(os.path.join(out, r["name"] + ".md"), "w", encoding="utf-8") as f:
            f.write(page(pawl, r, measured["rules"]))
    write_index(rules, out)


if __name__ == "__main__":
    main()
