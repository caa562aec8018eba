#!/usr/bin/env python3
"""Compares our parser with Neo4j's, statement by statement.

  verdicts.py record ORACLE44 ORACLE5 ORACLE25   writes verdicts.tsv: what Neo4j's parsers say of every statement of corpus/
  verdicts.py compare OURS ORACLE44 ORACLE5 ORACLE25 [TCK]  runs all over the corpus, the TCK's queries and mutations of both; prints agreement,
                                                 and every disagreement with -v; exit code 1 below the bars

ORACLE44, ORACLE5, ORACLE25: commands that read statements ended by NUL bytes and print one line each, "ok" or "error...". OURS: the binary
//tools/bench:cypher_parse. A corpus file has one statement a line; empty lines do not count.
"""
import glob, os, random, re, shlex, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
SEED = 20261121
MUTATIONS = 3000          # of each source and version
BARS = {"corpus": 100.0, "TCK": 100.0, "mutated corpus": 98.0, "mutated TCK": 98.0}
BARS_OF_44 = dict(BARS, corpus=99.0, TCK=99.9)    # verdicts_test.cc lists what differs


def corpus():
    out = []
    for path in sorted(glob.glob(os.path.join(HERE, "corpus", "*.cypher"))):
        with open(path, encoding="utf-8") as f:
            out += [(os.path.basename(path), n, line.rstrip("\n")) for n, line in enumerate(f, 1) if line.strip()]
    return out


def ask(command, statements):
    r = subprocess.run(command, input=b"".join(s.encode() + b"\0" for s in statements), stdout=subprocess.PIPE, check=True)
    lines = r.stdout.decode(errors="replace").split("\n")[:-1]
    if len(lines) != len(statements):
        sys.exit(f"{command[0]} gave {len(lines)} answers to {len(statements)} statements")
    return lines


TOKEN = re.compile(r"""\s+|//[^\n]*|/\*.*?\*/|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`[^`]*`|\w+(?:\.\d+)?|<>|<=|>=|=~|\+=|\.\.|::|\|\||.""", re.S)


def mutate(statement, rng):
    """One token dropped, doubled, or swapped with the next."""
    tokens = TOKEN.findall(statement)
    at = [i for i, t in enumerate(tokens) if not t.isspace() and not t.startswith(("//", "/*"))]
    if len(at) < 3:
        return None
    kind, k = rng.randrange(3), rng.randrange(len(at) - 1)
    i, j = at[k], at[k + 1]
    if kind == 0:
        tokens[i] = ""
    elif kind == 1:
        tokens.insert(i, tokens[i] + " ")
    else:
        tokens[i], tokens[j] = tokens[j], tokens[i]
    return "".join(tokens)


def mutants(statements):
    rng = random.Random(SEED)
    return [m for m in (mutate(rng.choice(statements), rng) for _ in range(MUTATIONS)) if m and m.strip() and ";" not in m]


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    verbose = "-v" in sys.argv
    if args[0] == "record":
        rows = corpus()
        statements = [s for _, _, s in rows]
        verdicts = [ask(shlex.split(c), statements) for c in args[1:4]]
        with open(os.path.join(HERE, "verdicts.tsv"), "w", encoding="utf-8") as f:
            f.write("file\tline\tneo4j4.4\tcypher5\tcypher25\n")
            for (name, line, _), *of in zip(rows, *verdicts):
                f.write("\t".join([name, str(line)] + ["accept" if v == "ok" else "reject" for v in of]) + "\n")
        print(len(rows), "statements; accepted by 4.4, 5, 25:", *[sum(a == "ok" for a in v) for v in verdicts])
        return 0
    ours = args[1]
    sources = {"corpus": [s for _, _, s in corpus()]}
    if len(args) > 5:
        sources["TCK"] = [open(p, encoding="utf-8").read() for p in sorted(glob.glob(os.path.join(args[5], "*.cypher")))]
    for name in list(sources):
        sources["mutated " + name] = mutants(sources[name])
    failed = False
    for version, oracle in (("44", args[2]), ("5", args[3]), ("25", args[4])):
        for name, statements in sources.items():
            theirs, mine = ask(shlex.split(oracle), statements), ask([ours, version, "-0"], statements)
            wrong = [(s, a, b) for s, a, b in zip(statements, theirs, mine) if (a == "ok") != (b == "ok")]
            agreement = 100.0 * (1 - len(wrong) / len(statements))
            failed |= agreement < (BARS_OF_44 if version == "44" else BARS)[name]
            refused = sum(a == "ok" for _, a, _ in wrong)
            print(f"{'Neo4j 4.4' if version == '44' else 'Cypher ' + version}, {name}: {len(statements)} statements, {sum(a == 'ok' for a in theirs)} accepted by Neo4j; "
                  f"{refused} refused wrongly, {len(wrong) - refused} accepted wrongly; {agreement:.2f} % agreement")
            if verbose:
                for s, a, b in wrong:
                    print("  ", " ".join(s.split())[:300], "\n     Neo4j:", a[:150], "\n     ours: ", b[:150])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
