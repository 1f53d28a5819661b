"""Runs one program and says what it cost: wall time, CPU of it and its children, peak memory; for all scripts of bench/."""

import dataclasses
import os
import pathlib
import subprocess
import threading
import time

SAMPLE_SECONDS = 0.2


@dataclasses.dataclass
class Cost:
    wall_s: float
    cpu_s: float
    server_s: float
    peak_mb: float  # proportional set size of the whole process tree, sampled
    code: int
    out: bytes


def process_cpu(pid):
    """CPU seconds of a living process and of its children that it has waited for."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(fields[i]) for i in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")


def tree(pid):
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents.setdefault(int((entry / "stat").read_text().rpartition(")")[2].split()[1]), []).append(int(entry.name))
            except (OSError, IndexError):
                continue
    todo, out = [pid], []
    while todo:
        one = todo.pop()
        out.append(one)
        todo += parents.get(one, [])
    return out


def memory_mb(pids):
    total = 0
    for pid in pids:
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


def run(argv, env=None, fleet=None, companions=lambda: [], timeout=600, stdin=None):
    """`companions()` gives pids of long-lived helpers (a keeper) whose CPU and memory count too; one that appears during the run
    counts from its start."""
    before_helpers = {pid: process_cpu(pid) for pid in companions()}
    server = fleet.cpu_seconds() if fleet else 0.0
    peak = 0.0
    done = threading.Event()
    begun = time.monotonic()
    child = subprocess.Popen(argv, env=env, stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def sample():
        nonlocal peak
        while not done.wait(SAMPLE_SECONDS):
            peak = max(peak, memory_mb(set(tree(child.pid)) | set(companions())))

    sampler = threading.Thread(target=sample)
    sampler.start()
    killer = threading.Timer(timeout, child.kill)
    killer.start()
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - begun
    killer.cancel()
    done.set()
    sampler.join()
    child.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    for pid in companions():
        cpu += process_cpu(pid) - before_helpers.get(pid, 0.0)
    return Cost(wall, cpu, (fleet.cpu_seconds() - server) if fleet else 0.0, max(peak, usage.ru_maxrss / 1024 if peak == 0 else peak),
                child.returncode, out)


def table(rows, header):
    widths = [max(len(str(r[i])) for r in [header] + rows) for i in range(len(header))]
    line = lambda cells: "| " + " | ".join(str(c).ljust(w) for c, w in zip(cells, widths)) + " |"
    return "\n".join([line(header), "|" + "|".join("-" * (w + 2) for w in widths) + "|"] + [line(r) for r in rows])
