#!/usr/bin/env python3
"""One command on many hosts: herder beside the tools people use, against one real sshd in the same run.

    bench/exec_fleet.py [--hosts 1000] [--slow-hosts 100] [--rounds 1] [--only NAME,...]

All with ed25519 keys, strict host keys and curve25519-sha256. `server` is the CPU of sshd and the commands. Tools that need more
than 50 ms of CPU a host run on --slow-hosts hosts. The first line of the table is herder without its keeper; ratios are against it.
Needs: build/release/herder, build/venv (./test makes it), clustershell and pdsh (packaging/apt-packages-test)."""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import measure
from sshd_fleet import SshdFleet

ROOT = pathlib.Path(__file__).resolve().parent.parent
HERDER = ROOT / "build/release/herder"
PYTHON = ROOT / "build/venv/bin/python"

ASYNCSSH = """
import asyncio, asyncssh, sys
hosts, port, key, known, limit = sys.argv[1].split(','), int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5])
async def main():
    gate = asyncio.Semaphore(limit)
    async def one(host):
        async with gate:
            async with asyncssh.connect(host, port, client_keys=[key], known_hosts=known, config=None, kex_algs=['curve25519-sha256']) as c:
                r = await c.run('uptime', check=True)
                return bool(r.stdout)
    print('answered', sum(await asyncio.gather(*map(one, hosts))))
asyncio.run(main())
"""
PARALLEL_SSH = """
import sys
from pssh.clients import ParallelSSHClient
hosts, port, key = sys.argv[1].split(','), int(sys.argv[2]), sys.argv[3]
client = ParallelSSHClient(hosts, port=port, pkey=key, pool_size=100, allow_agent=False, num_retries=3)
n = 0
for host in client.run_command('uptime', stop_on_errors=False):
    n += bool(host.stdout and list(host.stdout))
print('answered', n)
"""


def keeper_pids():
    out = subprocess.run([HERDER, "keeper", "status"], capture_output=True, text=True).stdout
    found = re.search(r"process (\d+)", out)
    return [int(found[1])] if found else []


def contenders(fleet, n, slow):
    hosts = fleet.addresses
    inventory = str(fleet.dir / "hosts.ini")
    base = [str(HERDER), "exec", "-i", inventory, "-o", "ndjson"]
    few = fleet.addresses[:slow]
    ssh = ["ssh", "-F", str(fleet.dir / "ssh_config")]
    clush_env = dict(os.environ, CLUSTERSHELL_CFGDIR=str(fleet.dir))
    known = str(fleet.dir / "known_hosts.full")
    rows = [
        ("herder --no-keep", base + ["--no-keep", "all", "--", "uptime"], n, None),
        ("herder, first (starts the keeper)", base + ["all", "--", "uptime"], n, None),
        ("herder, second (kept connections)", base + ["all", "--", "uptime"], n, None),
        ("asyncssh, 100 at a time", [PYTHON, "-c", ASYNCSSH, ",".join(hosts), str(fleet.port), str(fleet.dir / "id_ed25519"), known, "100"], n, None),
        ("parallel-ssh, pool 100 (no host key check)", [PYTHON, "-c", PARALLEL_SSH, ",".join(hosts), str(fleet.port), str(fleet.dir / "id_ed25519")], n, None),
        ("xargs -P50 ssh", ["sh", "-c", f"xargs -P50 -I@ {' '.join(ssh)} @ uptime < {fleet.dir}/hosts.txt"], n, None),
        ("clush -f64", ["clush", "-f64", "-q", "-o", f"-F {fleet.dir}/ssh_config", "-w", ",".join(hosts), "uptime"], n, clush_env),
        ("pdsh -f64", ["pdsh", "-R", "ssh", "-f64", "-w", ",".join(few), "uptime"], slow,
         dict(os.environ, PDSH_SSH_ARGS_APPEND=f"-F {fleet.dir}/ssh_config")),
        ("ansible -m raw -f50", [ROOT / "build/venv/bin/ansible", "-i", inventory, "-f", "50", "-m", "raw", "-a", "uptime", "--limit", f"all[0:{slow - 1}]", "all"], slow,
         dict(os.environ, ANSIBLE_PIPELINING="1", HOME=str(fleet.dir / "home"))),
        ("ansible -m command -f50", [ROOT / "build/venv/bin/ansible", "-i", inventory, "-f", "50", "-m", "command", "-a", "uptime", "--limit", f"all[0:{slow - 1}]", "all"], slow,
         dict(os.environ, ANSIBLE_PIPELINING="1", HOME=str(fleet.dir / "home"))),
    ]
    loop = ROOT / "build/release/src/libssh_loop_bench"
    if loop.exists():
        rows.insert(1, ("bare libssh loop, one at a time", [loop, str(fleet.dir / "hosts.txt"), str(fleet.port), str(fleet.dir / "id_ed25519"), "uptime"], n, None))
    return rows


def kept_cost(fleet, seconds):
    """CPU of herder, its keeper and the servers from an empty fleet to closed connections, with so many commands. The cost of a
    second command is the difference: sshd's share of an open connection is not exact before it ends."""
    subprocess.run([HERDER, "keeper", "stop"], capture_output=True)
    fleet.wait_idle()
    server, client, wall = fleet.cpu_seconds(), 0.0, []
    for _ in range(seconds):
        cost = measure.run([str(HERDER), "exec", "-i", str(fleet.dir / "hosts.ini"), "-o", "ndjson", "all", "--", "uptime"], companions=keeper_pids)
        client += cost.cpu_s
        wall.append(cost.wall_s)
    subprocess.run([HERDER, "keeper", "stop"], capture_output=True)
    fleet.wait_idle()
    return client + fleet.cpu_seconds() - server, wall


def answered(out):
    return max(len(re.findall(rb"load average", out)), *[int(x) for x in re.findall(rb"answered (\d+)", out)] or [0])


def versions():
    found = {}
    for name, argv in {"herder": [HERDER, "version"], "ssh": ["ssh", "-V"], "clush": ["clush", "--version"], "pdsh": ["pdsh", "-V"],
                       "ansible": [ROOT / "build/venv/bin/ansible", "--version"]}.items():
        if shutil.which(str(argv[0])):
            text = subprocess.run(argv, capture_output=True, text=True)
            found[name] = (text.stdout + text.stderr).strip().splitlines()[0][:60]
    for package in ("asyncssh", "parallel-ssh"):
        text = subprocess.run([PYTHON, "-c", f"import importlib.metadata as m; print(m.version('{package}'))"], capture_output=True, text=True)
        found[package] = text.stdout.strip()
    return found


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--hosts", type=int, default=1000)
    args.add_argument("--slow-hosts", type=int, default=100)
    args.add_argument("--rounds", type=int, default=1)
    args.add_argument("--only", default="")
    args = args.parse_args()
    slow = min(args.slow_hosts, args.hosts)
    results = {}
    with SshdFleet(args.hosts) as fleet:
        subprocess.run([HERDER, "keeper", "stop"], capture_output=True)
        for _ in range(args.rounds):
            for name, argv, count, env in contenders(fleet, args.hosts, slow):
                if args.only and not any(part in name for part in args.only.split(",")):
                    continue
                if not shutil.which(str(argv[0])):
                    print(f"{name}: {argv[0]} is missing", file=sys.stderr)
                    continue
                cost = measure.run([str(a) for a in argv], env=env, fleet=fleet, companions=keeper_pids if name.startswith("herder,") else lambda: [])
                if "first" not in name and "second" not in name:
                    fleet.wait_idle()
                got = answered(cost.out)
                if got != count:
                    print(f"{name}: {got} of {count} answered, exit code {cost.code}\n{textwrap.shorten(cost.out.decode(errors='replace'), 400)}", file=sys.stderr)
                results.setdefault(name, []).append((cost, count, got))
                print(f"{name}: {cost.wall_s:.2f} s wall, {cost.cpu_s:.2f} s CPU", file=sys.stderr)
            subprocess.run([HERDER, "keeper", "stop"], capture_output=True)
        if not args.only or "second" in args.only:
            one, _ = kept_cost(fleet, 1)
            both, wall = kept_cost(fleet, 2)
            print(f"A second command on kept connections, servers included and connections closed at the end: {both - one:.2f} CPU s after {one:.2f} "
                  f"({(both - one) / one:.2f} x), wall {wall[1]:.2f} s after {wall[0]:.2f} ({wall[1] / wall[0]:.2f} x).\n")
    rows = []
    first = None
    for name, costs in results.items():
        cost, count, got = min(costs, key=lambda c: c[0].cpu_s)
        per_host = 1000 * cost.cpu_s / count
        first = first or per_host
        rows.append([name, f"{got}/{count}", f"{cost.wall_s:.2f}", f"{per_host:.2f}", f"{per_host / first:.2f}", f"{1000 * cost.server_s / count:.1f}", f"{cost.peak_mb:.0f}"])
    print(measure.table(rows, ["tool", "answered", "wall s", "CPU ms a host", "x herder", "server CPU ms a host", "peak MB"]))
    print("\n" + ", ".join(f"{k}: {v}" for k, v in versions().items()))
    out = ROOT / "build/bench"
    out.mkdir(parents=True, exist_ok=True)
    (out / "exec_fleet.json").write_text(json.dumps({n: [(c.wall_s, c.cpu_s, c.server_s, c.peak_mb, k, g) for c, k, g in v] for n, v in results.items()}, indent=1))


if __name__ == "__main__":
    main()
