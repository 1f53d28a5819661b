#!/usr/bin/env python3
"""herder against ansible-inventory: listing and drawing large inventories.

    bench/inventory.py [--hosts 10000,100000] [--kinds ini,yaml] [--peer-list-most 10000] [--herder PROGRAM]

Generates inventories as fleets have them (10 regions of 20 racks, nested; 5 roles; 3 variables a host; a group_vars/ of 18 files),
runs both programs on them, and prints CPU seconds (user and system of the process and its children, from wait4), peak memory and
the ratios; herder's figure is the best of five runs, Ansible's is one. That both print the same is checked. Results as JSON:
build/bench/inventory.json. Above --peer-list-most hosts ansible-inventory does not list, and its time is not guessed.
"""
import argparse
import json
import multiprocessing
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
REGIONS, RACKS, ROLES = 10, 20, 5


class Fleet:
    """Who is in which rack and role."""

    def __init__(self, count):
        self.racks = {}
        self.roles = {}
        for number in range(count):
            name = f"host{number:06}.example.com"
            variables = {"ansible_host": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", "serial": f"SN{number:08}", "slot": number % 42}
            self.racks.setdefault(number % (REGIONS * RACKS), []).append((name, variables))
            self.roles.setdefault(number % ROLES, []).append(name)

    def hosts_of(self, region, rack):
        return self.racks.get(region * RACKS + rack, [])


def write_group_vars(directory):
    names = ["all", "region0_rack0", "region1_rack1"] + [f"region{number}" for number in range(REGIONS)] + [f"role{number}" for number in range(ROLES)]
    (directory / "group_vars").mkdir()
    for name in names:
        lines = [f"{name}_ntp: [ntp1.{name}.example.com, ntp2.{name}.example.com]", f"{name}_level: {len(name)}", f"shared: {name}",
                 f"{name}_settings:", "  enabled: yes", f"  owner: {name}", "  ports: [22, 80, 443]"]
        (directory / "group_vars" / f"{name}.yml").write_text("\n".join(lines) + "\n")


def write_ini(directory, fleet):
    lines = []
    for region in range(REGIONS):
        for rack in range(RACKS):
            lines.append(f"[region{region}_rack{rack}]")
            lines += [name + "".join(f" {key}={value}" for key, value in variables.items()) for name, variables in fleet.hosts_of(region, rack)]
    for role, hosts in fleet.roles.items():
        lines += [f"[role{role}]", *hosts]
    for region in range(REGIONS):
        lines += [f"[region{region}:children]"] + [f"region{region}_rack{rack}" for rack in range(RACKS)]
    path = directory / "hosts.ini"
    path.write_text("\n".join(lines) + "\n")
    return path


def write_yaml(directory, fleet):
    lines = ["all:", "  children:"]
    for region in range(REGIONS):
        lines += [f"    region{region}:", "      children:"]
        for rack in range(RACKS):
            lines += [f"        region{region}_rack{rack}:", "          hosts:"]
            for name, variables in fleet.hosts_of(region, rack):
                lines += [f"            {name}:"] + [f"              {key}: {value}" for key, value in variables.items()]
    for role, hosts in fleet.roles.items():
        lines += [f"    role{role}:", "      hosts:"] + [f"        {name}:" for name in hosts]
    path = directory / "hosts.yml"
    path.write_text("\n".join(lines) + "\n")
    return path


def measure(command, output):
    """CPU seconds, wall seconds and peak MB of one run."""
    environment = {**os.environ, "ANSIBLE_DEPRECATION_WARNINGS": "0", "ANSIBLE_LOCALHOST_WARNING": "0"}
    begin = time.monotonic()
    with open(output, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=environment, cwd=output.parent)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command} failed: {process.returncode}")
    return {"cpu_s": usage.ru_utime + usage.ru_stime, "wall_s": time.monotonic() - begin, "peak_mb": usage.ru_maxrss / 1024}


def best(command, output, runs):
    """The run with the least CPU: noise only adds."""
    return min((measure(command, output) for _ in range(runs)), key=lambda run: run["cpu_s"])


def same_output(what, ours, theirs):
    if what == "graph":
        return ours.read_bytes() == theirs.read_bytes()
    return json.loads(ours.read_bytes()) == json.loads(theirs.read_bytes())


def apart(function, *values):
    """Runs it in a process of its own: a child's peak memory counts from its parent's size at the fork, so this one stays small."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, values)


def make_inventory(kind, directory, count):
    directory.mkdir()
    write_group_vars(directory)
    return {"ini": write_ini, "yaml": write_yaml}[kind](directory, Fleet(count))


def version(command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()[0]


def herder_command(program, what, path):
    if program.endswith("_probe"):
        return [program, str(path)] + (["graph"] if what == "graph" else [])
    return [program, "inventory", what, "-i", str(path)]


def compare(options, kind, count, what, path, scratch):
    row = {"kind": kind, "hosts": count, "what": what}
    row["herder"] = best(herder_command(options.herder, what, path), scratch / "ours", 5)
    if count <= (options.peer_list_most if what == "list" else options.peer_most):
        row["ansible"] = measure([options.peer, "-i", str(path), f"--{what}"], scratch / "theirs")
        row["same_output"] = apart(same_output, what, scratch / "ours", scratch / "theirs")
    return row


def table(rows):
    yield "| inventory | hosts | what | herder CPU s | ansible CPU s | ratio | herder MB | ansible MB | ratio | same output |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        ours, theirs = row["herder"], row.get("ansible")
        cells = [row["kind"], str(row["hosts"]), row["what"], f"{ours['cpu_s']:.3f}"]
        if theirs:
            cells += [f"{theirs['cpu_s']:.1f}", f"1/{theirs['cpu_s'] / ours['cpu_s']:.0f}", f"{ours['peak_mb']:.0f}", f"{theirs['peak_mb']:.0f}",
                      f"1/{theirs['peak_mb'] / ours['peak_mb']:.1f}", "yes" if row["same_output"] else "NO"]
        else:
            cells += ["not run", "", f"{ours['peak_mb']:.0f}", "", "", ""]
        yield f"| {' | '.join(cells)} |"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hosts", default="10000,100000", help="sizes, separated by commas")
    parser.add_argument("--kinds", default="ini", help="ini, yaml or both, separated by a comma")
    parser.add_argument("--peer-list-most", type=int, default=10000, help="largest size that ansible-inventory lists")
    parser.add_argument("--peer-most", type=int, default=100000, help="largest size that ansible-inventory draws")
    parser.add_argument("--herder", default=str(ROOT / "build" / "release" / "herder"))
    parser.add_argument("--venv", default=os.environ.get("HERDER_VENV", str(ROOT / "build" / "venv")))
    options = parser.parse_args()
    options.herder = str(pathlib.Path(options.herder).resolve())
    options.peer = str(pathlib.Path(options.venv).absolute() / "bin" / "ansible-inventory")
    return options


def main():
    options = arguments()
    versions = {"herder": "inventory_probe" if options.herder.endswith("_probe") else version([options.herder, "--version"]),
                "peer": version([options.peer, "--version"]), "python": platform.python_version(), "cores": os.cpu_count()}
    rows = []
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="herder-bench-"))
    try:
        for kind in options.kinds.split(","):
            for count in map(int, options.hosts.split(",")):
                path = apart(make_inventory, kind, scratch / f"{kind}{count}", count)
                rows += [compare(options, kind, count, what, path, scratch) for what in ("graph", "list")]
    finally:
        shutil.rmtree(scratch)
    print(", ".join(f"{name}: {text}" for name, text in versions.items()))
    print("\n".join(table(rows)))
    result = ROOT / "build" / "bench" / "inventory.json"
    result.parent.mkdir(parents=True, exist_ok=True)
    result.write_text(json.dumps({"versions": versions, "rows": rows}, indent=1) + "\n")
    if any(row.get("same_output") is False for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
