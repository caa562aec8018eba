"""What `pawl locks` says about every case, for one server version: one run over a folder with a migration set for each case."""

import json
import os
import shutil
import subprocess

from measure import RANK


class Predicted:
    def __init__(self):
        self.locks, self.work, self.held, self.index, self.found = {}, {}, {}, {}, False


def write_sets(cases, worlds, folder):
    """A migration set for each case."""
    shutil.rmtree(folder, ignore_errors=True)
    for i, case in enumerate(cases):
        at = os.path.join(folder, "case-%04d" % i)  # a bare number would be one release of a set above
        os.makedirs(at)
        with open(os.path.join(at, "1_setup.sql"), "w", encoding="utf-8") as f:
            f.write("\n".join(worlds[case.world] + [s if s.endswith(";") else s + ";" for s in case.setup]) + "\n")
        with open(os.path.join(at, "2_case.sql"), "w", encoding="utf-8") as f:
            f.write("".join(s.rstrip(";") + ";\n" for s in case.session) + case.sql + "\n")


def predict(pawl, cases, worlds, version, folder):
    """A list parallel to `cases`."""
    write_sets(cases, worlds, folder)
    try:
        return read_sets(pawl, cases, version, folder)
    finally:
        shutil.rmtree(folder)


def read_sets(pawl, cases, version, folder):
    """The same when write_sets was called already."""
    run = subprocess.run([pawl, "locks", "--format", "json", "--server-version", str(version), folder], capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError("pawl locks failed with %d: %s" % (run.returncode, run.stderr.strip()))
    document = json.loads(run.stdout)
    predictions = [Predicted() for _ in cases]
    for t in document["transactions"]:
        head, name = os.path.split(t["file"])
        if not name.startswith("2_"):
            continue
        p = predictions[int(os.path.basename(head)[5:])]
        p.found = True
        for s in t["statements"]:
            for l in s["locks"]:
                o = l["object"]
                if RANK[l["mode"]] > RANK[p.locks.get(o, "none")]:
                    p.locks[o] = l["mode"]
                p.work[o] = max(p.work.get(o, "none"), l["work"], key=WORK.index)
                p.held[o] = p.held.get(o, False) or l["held"] == "transaction"
                if l.get("index"):
                    p.index[o] = l["table"]
    return predictions


WORK = ["none", "metadata", "rows", "scan", "build", "rewrite"]
