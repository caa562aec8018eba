#!/usr/bin/env python3
"""extract_tck.py TCK.jar OUT: every distinct query of the openCypher TCK as OUT/NNNN.cypher, and OUT/index.tsv (file, feature, expected).

`expected` is "parses", or the error that the scenario demands, as "SyntaxError@compile time:...". Scenario outlines are expanded.
"""
import os, re, sys, zipfile


def cells(line):
    """The cells of a Gherkin table's row; \\| \\\\ and \\n are escapes."""
    out, cell, i, line = [], "", 1, line.strip()
    while i < len(line):
        if line[i] == "\\" and i + 1 < len(line) and line[i + 1] in "|\\n":
            cell += {"|": "|", "\\": "\\", "n": "\n"}[line[i + 1]]
            i += 2
            continue
        if line[i] == "|":
            out.append(cell.strip())
            cell = ""
        else:
            cell += line[i]
        i += 1
    return out


def scenarios(text):
    """Yields (steps, tables of examples); a step is [words, text block or None]."""
    lines, background, out, current, table, i = text.split("\n"), [], [], None, None, 0
    while i < len(lines):
        s = lines[i].strip()
        if s.startswith(("Scenario Outline:", "Scenario:", "Background:")):
            current, table = ([], []), None
            if s.startswith("Background:"):
                background = current[0]
            else:
                out.append(current)
        elif s.startswith("Examples:"):
            table = []
            current[1].append(table)
        elif s.startswith("|") and table is not None:
            table.append(cells(s))
        elif s.startswith('"""'):
            indent, block, i = len(lines[i]) - len(lines[i].lstrip()), [], i + 1
            while not lines[i].strip().startswith('"""'):
                block.append(lines[i][indent:] if not lines[i][:indent].strip() else lines[i].lstrip())
                i += 1
            current[0][-1][1] = "\n".join(block)
        elif current is not None and re.match(r"(Given|When|Then|And|But)\b", s):
            current[0].append([s.split(" ", 1)[1], None])
            table = None
        i += 1
    for steps, tables in out:
        yield background + steps, tables


def main():
    jar, out = sys.argv[1:3]
    os.makedirs(out, exist_ok=True)
    rows = {}
    with zipfile.ZipFile(jar) as z:
        for name in sorted(n for n in z.namelist() if n.endswith(".feature")):
            for steps, tables in scenarios(z.read(name).decode("utf-8").replace("\r\n", "\n")):
                examples = [dict(zip(t[0], r)) for t in tables for r in t[1:]] or [{}]
                for values in examples:
                    fill = lambda s: re.sub(r"<([^<>]+)>", lambda m: values.get(m.group(1), m.group(0)), s) if s and values else s
                    filled = [(fill(a), fill(b)) for a, b in steps]
                    errors = [a for a, _ in filled if re.match(r"an? \w+ should be raised at", a)]
                    for words, block in filled:
                        if block is None or not words.startswith(("executing query", "having executed", "executing control query")):
                            continue
                        expected = "parses"
                        if errors and words.startswith("executing query"):
                            expected = "%s@%s:%s" % re.match(r"an? (\w+) should be raised at (compile time|runtime|any time): ?(.*)", errors[0]).groups()
                        rows.setdefault((block, expected), os.path.basename(name))
    with open(os.path.join(out, "index.tsv"), "w", encoding="utf-8") as index:
        index.write("file\tfeature\texpected\n")
        for n, ((query, expected), feature) in enumerate(rows.items(), 1):
            with open(os.path.join(out, "%04d.cypher" % n), "w", encoding="utf-8") as f:
                f.write(query + "\n")
            index.write("%04d.cypher\t%s\t%s\n" % (n, feature, expected))
    print(len(rows), "distinct queries")


if __name__ == "__main__":
    main()
