#!/usr/bin/env bash
# CPU time of a lint run against its floor, PostgreSQL's parser alone on the same files (raw_parse), and, where it is
# installed, against squawk.   tools/bench/lint.sh FOLDER [RUNS]
# Prints medians of the whole process's user + system time, and the ratios that count.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../setup.sh"
(cd "$ROOT" && "${BAZEL[@]}" build --noshow_progress --ui_event_filters=-info --show_result=0 //tools:pawl //tools/bench:raw_parse)
folder="${1:?usage: tools/bench/lint.sh FOLDER [RUNS]}"
runs="${2:-9}"
list="$(mktemp)"
trap 'rm -f "$list"' EXIT
find "$folder" -name '*.sql' -type f | sort >"$list"
python3 - "$ROOT/bazel-bin/tools" "$list" "$folder" "$runs" <<'P'
import resource, shutil, statistics, subprocess, sys
bin, listing, folder, runs = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
def cpu(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
commands = {"raw parser": [bin + "/bench/raw_parse", listing], "pawl": [bin + "/pawl", "lint", "--isolated", "--format", "json", folder]}
if shutil.which("squawk"):
    commands["squawk"] = ["squawk", "--reporter", "json", *open(listing).read().split("\n")[:-1]]
times = {name: [] for name in commands}
for i in range(runs + 1):          # the first round warms the page cache
    for name, command in commands.items():
        t = cpu(command)
        if i:
            times[name].append(t)
for name, t in times.items():
    print(f"{name:11} {statistics.median(t):.3f} s CPU (min {min(t):.3f}, max {max(t):.3f})")
ratio = lambda a, b: statistics.median(x / y for x, y in zip(times[a], times[b]))
print(f"pawl / raw parser {ratio('pawl', 'raw parser'):.2f}")
if "squawk" in times:
    print(f"squawk / pawl {ratio('squawk', 'pawl'):.2f}")
P
