"""Reads testdata/proof/*.sql: statements under test, each with what it needs.

A file is plain SQL. Each statement (up to a `;` at a line's end) is one case. Comments in front of it say more:

    -- # Heading              a section of the page; holds until the next
    -- world: NAME            the schema that the cases run on, testdata/proof/worlds/NAME.sql; holds until the next
    -- setup: SQL             for the next statement only: more of the history
    -- session: SQL           for the next statement only: run in its session, before its transaction
    -- versions: 14- | -13 | 13-16 | 18
    -- except VERSIONS: why   the prediction may be wrong here, and why that is accepted
"""

import os
import re

OLDEST, NEWEST = 12, 18
ALL = tuple(range(OLDEST, NEWEST + 1))


class Case:
    def __init__(self, file, line, world, heading):
        self.file, self.line, self.world, self.heading = file, line, world, heading
        self.setup, self.session, self.sql = [], [], ""
        self.versions = ALL
        self.exceptions = {}  # version -> reason

    @property
    def name(self):
        return "%s:%d" % (self.file, self.line)

    @property
    def one_line(self):
        return " ".join(self.sql.split()).rstrip(";").strip()


def versions_of(text):
    text = text.strip()
    m = re.fullmatch(r"(\d*)(-?)(\d*)", text)
    if not m or not text:
        raise ValueError("no versions: %s" % text)
    low = int(m[1]) if m[1] else OLDEST
    high = int(m[3]) if m[3] else (NEWEST if m[2] else low)
    return tuple(v for v in ALL if low <= v <= high)


def statements(text):
    """Splits SQL at semicolons that end a line, outside of $$ ... $$. Gives (line, statement, comment lines in front of it)."""
    out, lines, comments, start, dollars = [], [], [], 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not lines and (not stripped or stripped.startswith("--")):
            if stripped:
                comments.append(stripped[2:].strip())
            continue
        if not lines:
            start = number
        lines.append(line.rstrip())
        dollars += line.count("$$")
        if stripped.endswith(";") and dollars % 2 == 0:
            out.append((start, "\n".join(lines), comments))
            lines, comments, dollars = [], [], 0
    if lines:
        raise ValueError("line %d: the statement does not end" % start)
    return out


def read(path):
    cases, world, heading = [], "shop", ""
    name = os.path.basename(path)
    with open(path, encoding="utf-8") as f:
        text = f.read()
    for line, sql, comments in statements(text):
        case = Case(name, line, world, heading)
        for c in comments:
            word, _, rest = c.partition(" ")
            if word == "#":
                heading = case.heading = rest.strip()
            elif word == "world:":
                world = case.world = rest.strip()
            elif word == "setup:":
                case.setup.append(rest.strip())
            elif word == "session:":
                case.session.append(rest.strip())
            elif word == "versions:":
                case.versions = versions_of(rest)
            elif word == "except":
                which, _, why = rest.partition(":")
                if not why.strip():
                    raise ValueError("%s:%d: an exception needs a reason" % (name, line))
                for v in versions_of(which):
                    case.exceptions[v] = why.strip()
        case.sql = sql
        cases.append(case)
    return cases


def read_all(folder):
    out = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".sql"):
            out += read(os.path.join(folder, name))
    return out


def read_world(folder, name):
    with open(os.path.join(folder, "worlds", name + ".sql"), encoding="utf-8") as f:
        return [sql for _, sql, _ in statements(f.read())]
