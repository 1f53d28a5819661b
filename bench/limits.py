#!/usr/bin/env python3
"""herder at its limits on a practice fleet of its own: half of the hosts hung, and many sessions at the same time.

    bench/limits.py [--hosts 2000] [--sessions 1000] [--port 23022]

Prints wall time, CPU and peak memory of `herder exec --no-keep`. Needs build/release/herder."""

import argparse
import os
import pathlib
import re
import subprocess
import tempfile
import time

HERDER = pathlib.Path(__file__).resolve().parent.parent / "build/release/herder"


def run(what, *words):
    begun = time.monotonic()
    child = subprocess.Popen([HERDER, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    last = child.stderr.read().strip().splitlines()[-1]
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    print(f"{what}: {time.monotonic() - begun:.2f} s wall, {usage.ru_utime + usage.ru_stime:.2f} s CPU, {usage.ru_maxrss / 1024:.0f} MiB peak; {last}")


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--hosts", type=int, default=2000)
    args.add_argument("--sessions", type=int, default=1000)
    args.add_argument("--port", type=int, default=23022)
    args = args.parse_args()
    with tempfile.TemporaryDirectory(prefix="herder-limits-") as state:
        lab = lambda *words: subprocess.run([HERDER, "lab", *map(str, words), "--state", state], check=True, capture_output=True)
        try:
            lab("up", args.hosts, "--port", args.port)
            inventory = pathlib.Path(state, "hosts.ini")
            names = re.findall(r"^(\S+) ansible_host=", inventory.read_text(), re.M)
            lab("break", ",".join(names[::2]), "--hang")
            run(f"{len(names)} hosts, every other one hung, time-out 10 s", "exec", "-i", inventory, "--no-keep", "--forks", len(names), "--connect-timeout", "10s", "-q", "all", "--", "true")
            lab("mend", "all")
            run(f"{args.sessions} sessions at the same time", "exec", "-i", inventory, "--no-keep", "--forks", args.sessions, "-q", f"all[0:{args.sessions - 1}]", "--", "sleep 8")
        finally:
            lab("down", "--purge")


if __name__ == "__main__":
    main()
