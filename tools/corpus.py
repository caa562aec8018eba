#!/usr/bin/env python3
"""Runs pawl on folders of checked-out repositories and reports crashes, what did not parse, and the slowest files.

    tools/corpus.py FOLDER...                 each FOLDER holds checked-out projects, or is one
    tools/corpus.py --sample 50 FOLDER...     also prints 50 findings, spread over rules, to be judged by hand

Not a test: public repositories are reference input and none of them is kept here. Exits 1 on a crash or hang.
"""
import argparse
import collections
import json
import os
import random
import resource
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def scripts(folders):
    for folder in folders:
        for root, dirs, files in os.walk(folder):
            dirs[:] = sorted(d for d in dirs if d not in (".git", "node_modules"))
            for name in sorted(files):
                if name.endswith(".sql"):
                    yield os.path.join(root, name)


def run(pawl, args, limit):
    """(exit status, seconds of CPU, output); negative status: a signal; None: over the time limit."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        p = subprocess.run([pawl, "lint", "--isolated", *args], capture_output=True, timeout=limit)
        status, out = p.returncode, p.stdout
    except subprocess.TimeoutExpired:
        status, out = None, b""
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return status, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--pawl", default=os.path.join(HERE, "..", "bazel-bin", "tools", "pawl"))
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", action="store_true", help="also run every file alone and name the slowest")
    options = parser.parse_args()

    files = list(scripts(options.folders))
    size = sum(os.path.getsize(f) for f in files if os.path.exists(f))
    print(f"{len(files)} files, {size / 1e6:.1f} MB")
    begin = time.time()
    status, cpu, out = run(options.pawl, ["--format", "json", *options.folders], 600)
    print(f"one call: exit {status}, {cpu:.2f} s CPU, {time.time() - begin:.2f} s, peak "
          f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")
    bad = status is None or status < 0 or status > 2
    if not bad:
        report = json.loads(out)
        print("summary:", json.dumps(report["summary"]))
        for p in report["problems"]:
            print(f"problem: {p['path']}: {p['message']}")
        rules = collections.Counter((f["severity"], f["rule"]) for f in report["findings"])
        for (severity, rule), n in rules.most_common():
            print(f"  {n:6} {severity:8} {rule}")
        unparsed = {f["file"] for f in report["findings"] if f["rule"] == "syntax-error"}
        print(f"files with syntax errors: {len(unparsed)} ({100 * len(unparsed) / max(1, len(files)):.2f} %)")
        for f in sorted(unparsed):
            print("  " + f)
        if options.sample:
            by_rule = collections.defaultdict(list)
            for f in report["findings"]:
                by_rule[f["rule"]].append(f)
            rng = random.Random(options.seed)
            picked = []
            while len(picked) < options.sample and any(by_rule.values()):
                for rule in sorted(by_rule):
                    if by_rule[rule] and len(picked) < options.sample:
                        picked.append(by_rule[rule].pop(rng.randrange(len(by_rule[rule]))))
            for f in picked:
                print(f"\n{f['file']}:{f['start']['line']}:{f['start']['column']}: {f['severity']}[{f['rule']}] {f['message']}")
    if options.each:
        slow = []
        for f in files:
            status, cpu, _ = run(options.pawl, ["--format", "concise", f], 60)
            slow.append((cpu, f))
            if status is None or status < 0 or status > 2:
                bad = True
                print(f"{'hang' if status is None else f'exit {status}'}: {f}")
        for cpu, f in sorted(slow, reverse=True)[:10]:
            print(f"  {cpu * 1000:7.1f} ms  {f}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
