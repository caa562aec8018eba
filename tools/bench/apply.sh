#!/usr/bin/env bash
# Wall time of an apply of many small migrations against its floor (apply_floor) and, where they are installed, against other
# runners (tern, goose, sqlx); of status and of an apply with nothing to do; and of one file of 105,000 INSERTs.
#   tools/bench/apply.sh [RUNS [MIGRATIONS]]
# A server of its own, in memory and without fsync, so that what differs is what the runners do. Medians; the runs alternate.
# PAWL and FLOOR: the binaries, else they are built. The exit status is 1 if a bar is missed.
set -euo pipefail
here="$(dirname "${BASH_SOURCE[0]}")"
runs="${1:-5}"
count="${2:-1000}"
if [ -z "${PAWL:-}" ]; then
  . "$here/../setup.sh"
  (cd "$ROOT" && "${BAZEL[@]}" build --noshow_progress --ui_event_filters=-info --show_result=0 //tools:pawl //tools/bench:apply_floor)
  PAWL="$ROOT/bazel-bin/tools/pawl"
  FLOOR="$ROOT/bazel-bin/tools/bench/apply_floor"
fi
. "$here/../tests/postgres.sh"
work="$(mktemp -d)"
trap 'pg_stop_all; rm -rf "$work"' EXIT
pg_start bench shared_buffers=128MB
BENCH_DATA="$(pg_data bench)"
export PAWL FLOOR BENCH_DATA
python3 - "$work" "$runs" "$count" <<'P'
import os, resource, shutil, statistics, subprocess, sys, time
work, runs, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
pawl, floor = os.environ["PAWL"], os.environ["FLOOR"]
def folder(name):
    path = os.path.join(work, name)
    os.makedirs(path)
    return path
plain, goose, tern, sqlx = folder("plain"), folder("goose"), folder("tern"), folder("sqlx")
for i in range(1, count + 1):
    sql = f"CREATE TABLE t{i} (id bigint PRIMARY KEY, name text NOT NULL, at timestamptz);\nCREATE INDEX t{i}_name ON t{i} (name);\n"
    open(f"{plain}/{i:06}_t{i}.up.sql", "w").write(sql)
    open(f"{goose}/{i:05}_t{i}.sql", "w").write("-- +goose Up\n" + sql)
    open(f"{tern}/{i:03}_t{i}.sql", "w").write(sql)
    open(f"{sqlx}/{20200101000000 + i}_t{i}.sql", "w").write(sql)
files = sorted(os.path.join(plain, f) for f in os.listdir(plain))
url = f"postgresql://postgres@127.0.0.1:{os.environ['PGPORT']}/bench?sslmode=disable"
commands = {"floor": [floor, *files], "pawl": [pawl, "apply", plain, "--yes", "--quiet", "--isolated"]}
if shutil.which("tern"):
    commands["tern"] = ["tern", "migrate", "--conn-string", url, "-m", tern]
if shutil.which("goose"):
    commands["goose"] = ["goose", "-dir", goose, "postgres", url, "up"]
if shutil.which("sqlx"):
    commands["sqlx"] = ["sqlx", "migrate", "run", "--source", sqlx, "--database-url", url]
def sql(text):
    subprocess.run(["psql", "-XAtq", "-d", "postgres", "-c", text], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
def fresh():
    sql("DROP DATABASE IF EXISTS bench WITH (FORCE)")
    sql("CREATE DATABASE bench")
postmaster = int(open(os.environ["BENCH_DATA"] + "/postmaster.pid").readline())
def server_cpu():  # of its sessions that have ended
    fields = open(f"/proc/{postmaster}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
def sessions():
    return subprocess.run(["psql", "-XAtq", "-d", "postgres", "-c", "SELECT count(*) FROM pg_stat_activity WHERE datname = 'bench'"], capture_output=True, text=True).stdout.strip()
def measure(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    p = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "PGDATABASE": "bench"})
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if p.returncode:
        sys.exit(f"{command[0]}: exit {p.returncode}: {p.stderr.decode()[-500:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
times = {name: [] for name in commands}
cpu = {name: [] for name in commands}
served = {name: [] for name in commands}
for i in range(runs + 1):  # the first round warms the caches
    for name, command in commands.items():
        fresh()
        before = server_cpu()
        wall, used = measure(command)
        while sessions() != "0":
            time.sleep(0.05)
        if i:
            times[name].append(wall)
            cpu[name].append(used)
            served[name].append(server_cpu() - before)
print(f"{count} small migrations, load {os.getloadavg()[0]:.1f}:")
for name, t in times.items():
    print(f"  {name:6} {statistics.median(t):6.3f} s wall (min {min(t):.3f}), CPU: {statistics.median(cpu[name]):.3f} s client, {statistics.median(served[name]):.2f} s server")
missed = []
ratio = min(statistics.median(times["pawl"]) / statistics.median(times["floor"]), min(times["pawl"]) / min(times["floor"]))
print(f"  pawl / floor {ratio:.2f} of wall time, {(min(cpu['pawl']) + min(served['pawl'])) / (min(cpu['floor']) + min(served['floor'])):.2f} of CPU time")
if ratio > 1.4:
    missed.append(f"apply is {ratio:.2f} times the floor, the bar is 1.4")
for name in times:
    if name not in ("floor", "pawl") and min(times[name]) < min(times["pawl"]):
        missed.append(f"{name} is faster")
fresh()
measure(commands["pawl"])
for name, words in (("status", ["status", plain, "--isolated"]), ("apply with nothing to do", ["apply", plain, "--yes", "--isolated"])):
    t = [measure([pawl, *words]) for _ in range(3 * runs)]
    wall, used = min(x[0] for x in t), min(x[1] for x in t)
    print(f"{name}: {statistics.median(x[0] for x in t) * 1000:.1f} ms (min {wall * 1000:.1f}, client CPU {used * 1000:.1f})")
    if wall > 0.030:
        missed.append(f"{name}: {wall * 1000:.0f} ms, the bar is 30")
big = folder("big")
with open(f"{big}/1_big.sql", "w") as f:
    f.write("CREATE TABLE big (k int PRIMARY KEY, v text);\n")
    for i in range(105000):
        f.write(f"INSERT INTO big (k, v) VALUES ({i}, '{'x' * 70} {i}');\n")
best, peak = 1e9, 0
for _ in range(max(2, runs // 2)):
    fresh()
    begin = time.perf_counter()
    pid = os.spawnve(os.P_NOWAIT, pawl, [pawl, "apply", big, "--yes", "--quiet", "--isolated"], {**os.environ, "PGDATABASE": "bench"})
    _, status, usage = os.wait4(pid, 0)
    best, peak = min(best, time.perf_counter() - begin), usage.ru_maxrss // 1024
    if status:
        sys.exit("the large file failed")
print(f"105,000 INSERTs in {os.path.getsize(big + '/1_big.sql') / 1e6:.0f} MB: {best:.2f} s, {peak} MB")
if best > 2:
    missed.append(f"the large file took {best:.2f} s, the bar is 2")
if peak > 100:
    missed.append(f"the large file took {peak} MB, the bar is 100")
for m in missed:
    print("MISSED:", m)
sys.exit(bool(missed))
P
