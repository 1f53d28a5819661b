"""A practice lab for end-to-end tests: `with Lab(tmp_path) as lab: lab.up(5)`. Its own directory and port; nothing stays behind."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERDER = pathlib.Path(os.environ.get("HERDER_BUILD", ROOT / "build" / "dev")) / "herder"


class Lab:
    def __init__(self, directory):
        self.state = pathlib.Path(directory) / "lab"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.state.exists():
            self.herder("down", "--purge")

    def herder(self, verb, *words, check=True, timeout=120):
        done = subprocess.run([HERDER, "lab", verb, "--state", self.state, *words], capture_output=True, text=True, timeout=timeout)
        assert not check or done.returncode == 0, done.stderr
        return done

    def up(self, hosts, *words, check=True):
        port = [] if (self.state / "lab.conf").exists() else ["--port", "0"]
        return self.herder("up", str(hosts), *port, *words, check=check)

    def listing(self):
        return json.loads(self.herder("list", "--json").stdout)

    def ssh(self, host, command=None, *options, data=None, timeout=60):
        words = ["ssh", "-F", self.state / "ssh_config", "-o", "BatchMode=yes", *options, host]
        return subprocess.run(words + ([command] if command else []), input=data, capture_output=True, text=True, timeout=timeout)

    def pid(self):
        """Of the process that serves; 0 when there is none."""
        return self.listing()["pid"]

    def pid_of_lock(self):
        """The same without asking that process."""
        return int((self.state / "lock").read_text())

    @property
    def inventory(self):
        return self.state / "hosts.ini"


def processes_of(state):
    """Numbers of all processes that belong to a lab: those that serve it and those that its hosts run."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                mine = f"HERDER_LAB={state}".encode() in (entry / "environ").read_bytes().split(b"\0")
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if mine or (b"serve" in words and str(state).encode() in words):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
