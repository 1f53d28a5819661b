#!/usr/bin/env python3
"""What herder's SSH transport adds to libssh: the same connects, commands and host key checks by a bare blocking libssh loop
(bench/libssh_loop.cpp) and by the transport room alone (src/transport/ssh_connect_probe.cpp), against one real sshd.

    bench/ssh_connect.py [--hosts 300] [--sessions 1000] [--instructions 40]

CPU is getrusage of the client, best of --rounds; instructions are callgrind's, the difference of two runs, so without start-up;
memory of an idle session is the growth of the resident set from 100 held sessions to --sessions. Needs a release build."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import measure
from sshd_fleet import SshdFleet

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
LOOP = BUILD / "libssh_loop"
PROBE = BUILD / "src/ssh_connect_probe"


def build():
    subprocess.run(["ninja", "-C", BUILD, "ssh_connect_probe"], check=True, stdout=subprocess.DEVNULL)
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libssh"], check=True, capture_output=True, text=True).stdout.split()
    subprocess.run(["clang++-19", "-O2", "-std=c++23", "-o", LOOP, ROOT / "bench/libssh_loop.cpp", *flags], check=True)


def arguments(fleet, count, command):
    return [str(fleet.dir / "hosts.txt"), str(count), str(fleet.port), os.environ.get("USER", "root"), str(fleet.dir / "id_ed25519"),
            str(fleet.dir / "known_hosts"), command]


def run(argv, fleet):
    done = subprocess.run(argv, capture_output=True, text=True)
    fleet.wait_idle()
    if done.returncode:
        sys.exit(f"{argv[0]} failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def best(argv, fleet, rounds):
    runs = [run(argv, fleet) for _ in range(rounds)]
    return min(runs, key=lambda r: r["user_s"] + r["sys_s"])


def cpu_ms(result):
    return (result["user_s"] + result["sys_s"]) * 1000 / result["hosts"]


def instructions(binary, fleet, count, command, tail):
    """Per host, from the difference of `count` and three times as many."""
    with tempfile.TemporaryDirectory() as directory:
        plain = pathlib.Path(directory) / "binary"  # valgrind 3.19 cannot read clang 19's debug information
        subprocess.run(["objcopy", "--strip-debug", binary, plain], check=True)

        def collect(n):
            argv = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={directory}/out", plain, *arguments(fleet, n, command), *tail]
            done = subprocess.run(argv, capture_output=True, text=True)
            fleet.wait_idle()
            if done.returncode:
                sys.exit(f"callgrind of {binary} failed: {done.stderr[-2000:]}")
            return int(done.stderr.split("Collected :")[1].split()[0])

        return (collect(3 * count) - collect(count)) / (2 * count)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=300)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--instructions", type=int, default=20, help="hosts of the smaller callgrind run; 0: none")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    build()
    rows = []
    with SshdFleet(max(args.hosts, args.sessions, 3 * args.instructions)) as fleet:
        for command, what in (("", "connect, authenticate"), ("uptime", "the same and `uptime`")):
            loop = best([LOOP, *arguments(fleet, args.hosts, command)], fleet, args.rounds)
            one = best([PROBE, *arguments(fleet, args.hosts, command), "1"], fleet, args.rounds)
            many = best([PROBE, *arguments(fleet, args.hosts, command), "100"], fleet, args.rounds)
            for name, result in (("libssh loop", loop), ("herder, one at a time", one), ("herder, 100 at a time", many)):
                rows.append([what, name, f"{cpu_ms(result):.2f}", f"{cpu_ms(result) / cpu_ms(loop):.2f}",
                             f"{result['wall_s'] * 1000 / result['hosts']:.1f}", f"{result['rss_kib'] / 1024:.1f}"])
        print(measure.table(rows, ["what", "who", "CPU ms a host", "ratio", "wall ms a host", "peak MiB"]))
        if args.instructions:
            loop = instructions(LOOP, fleet, args.instructions, "uptime", [])
            probe = instructions(PROBE, fleet, args.instructions, "uptime", ["10"])
            print(f"\ninstructions a host with `uptime`: libssh loop {loop / 1e6:.2f} M, herder {probe / 1e6:.2f} M, ratio {probe / loop:.3f}")
        few = run([PROBE, *arguments(fleet, 100, "uptime"), "64", "hold"], fleet)
        held = run([PROBE, *arguments(fleet, args.sessions, "uptime"), "64", "hold"], fleet)
        each = (held["held_kib"] - few["held_kib"]) / (args.sessions - 100)
        print(f"idle sessions: {each:.1f} KiB each, {held['rss_kib'] / 1024:.1f} MiB at {args.sessions}")


if __name__ == "__main__":
    main()
