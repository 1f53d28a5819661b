"""A practice fleet and the binary for end-to-end tests. Every test session has its own state directory and keeper."""

import json
import os
import pathlib
import socket
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HERDER_BUILD", ROOT / "build/dev"))
HERDER = BUILD / "herder"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Fleet:
    def __init__(self, home, hosts):
        self.home = home
        self.hosts = hosts
        self.state = home / "lab"
        self.inventory = self.state / "hosts.ini"
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("HERDER_", "ANSIBLE_", "SSH_"))}
        self.env.update(HOME=str(home), XDG_RUNTIME_DIR=str(runtime), HERDER_INVENTORY=str(self.inventory))

    def run(self, *words, stdin=None, timeout=120, env=None, **more):
        """Runs herder; gives the finished process with text output."""
        return subprocess.run([HERDER, *map(str, words)], env={**self.env, **(env or {})}, input=stdin, capture_output=True,
                              text=more.pop("text", True), timeout=timeout, **more)

    def start(self, *words, **more):
        return subprocess.Popen([HERDER, *map(str, words)], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)

    def records(self, *words, **more):
        """Results by host, from NDJSON."""
        done = self.run(*words[:1], "-o", "ndjson", *words[1:], **more)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return done, {line["host"]: line for line in lines if line["type"] == "host"}

    def lab(self, *words):
        done = self.run("lab", *words, "--state", self.state)
        assert done.returncode == 0, done.stderr
        return done


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    made = Fleet(tmp_path_factory.mktemp("fleet"), 12)
    made.lab("up", made.hosts, "--port", free_port())
    yield made
    made.run("keeper", "stop")
    made.lab("down", "--purge")


@pytest.fixture
def mended(fleet):
    """The fleet without faults, before and after."""
    yield fleet
    fleet.run("keeper", "stop")
    fleet.lab("mend", "all")
