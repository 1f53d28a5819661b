"""Connections as Ansible would make them: a stand-in for ssh notes what Ansible calls it with, ssh -G says what that means."""
import json
import os
import pathlib
import random
import stat
import subprocess

import pytest
from probe import ROOT, Refused, ask

VENV = pathlib.Path(os.environ.get("HERDER_VENV", ROOT / "build" / "venv"))
SEED = int(os.environ.get("HERDER_SEED", "0")) or random.randrange(1, 2**31)
HOSTS = 60

CONFIG = """
Host alias*
  HostName %h.example.com
  User aliased
  Port 2022
Host jumped
  ProxyJump bastion
Host bastion
  User gate
  Port 2200
Match user deploy
  IdentityFile ~/.ssh/deploy
  ServerAliveInterval 21
Host *
  IdentityFile ~/.ssh/usual
  ConnectTimeout 44
  UserKnownHostsFile ~/.ssh/special
"""

#: The file behind -i exists, since ssh leaves out one that does not (herder keeps it, so that its failure can name it).
VARS = {
    "ansible_host": ["10.1.2.3", "alias1", "jumped", "aliasX", "::1", "127.1"],
    "ansible_ssh_host": ["10.9.9.9", "alias2"],
    "ansible_port": [22, 2022, "8022"],
    "ansible_ssh_port": [2222],
    "ansible_user": ["deploy", "root", "a.b"],
    "ansible_ssh_user": ["other"],
    "ansible_private_key_file": ["/keys/one", "~/two"],
    "ansible_ssh_private_key_file": ["/keys/three"],
    "ansible_host_key_checking": [True, False, "no", "yes"],
    "ansible_ssh_host_key_checking": [False, "true"],
    "ansible_ssh_timeout": [7, "8"],
    "ansible_ssh_args": ["-o ServerAliveInterval=5", "-C -o ConnectTimeout=66", ""],
    "ansible_ssh_common_args": ["-o ProxyJump=u@jump:2201", "-J jump2", "-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/dev/null", "-p 99 -l wanted -i /etc/passwd",
                                "-o ProxyCommand='nc %h %p'", "-o ProxyCommand=\"ssh -W %h:%p -q gate@bastion\"", "-o IdentitiesOnly=yes"],
    "ansible_ssh_extra_args": ["-o ServerAliveInterval=6", "-C", "-o User=extra"],
    "ansible_connection": ["ssh", "smart"],
}


def host_vars(rng):
    return {name: rng.choice(choices) for name, choices in VARS.items() if rng.random() < 0.3}


def ansible_calls(directory, inventory, extra, environment):
    """What Ansible gives to ssh, by inventory name."""
    calls = directory / "calls"
    calls.mkdir()
    fake = directory / "fake-ssh"
    fake.write_text(f"#!/bin/sh\nfor word in \"$@\"; do printf '%s\\0' \"$word\"; done > {calls}/call.$$\n")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    config = directory / "ansible.cfg"
    config.write_text("[defaults]\nhost_key_checking = True\n")
    argv = [VENV / "bin" / "ansible", "all", "-i", inventory, "-m", "raw", "-a", "marker-{{ inventory_hostname }}-end", "-f", "10", *extra]
    subprocess.run(argv, cwd=directory, stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
                   env=environment | {"ANSIBLE_SSH_EXECUTABLE": str(fake), "ANSIBLE_CONFIG": str(config), "ANSIBLE_SSH_CONTROL_PATH": "none"})
    out = {}
    for call in calls.iterdir():
        words = call.read_bytes().decode().split("\0")[:-1]
        name = next(word for word in words if "marker-" in word).split("marker-")[1].split("-end")[0]
        out[name] = words
    return out


def meaning(words, config):
    """ssh -G of a call: its options and host, without the command."""
    command = next(index for index, word in enumerate(words) if "marker-" in word)
    options, host = words[: command - 1], words[command - 1]
    options = [word for word in options if word not in ("-tt",)]
    done = subprocess.run(["ssh", "-G", *options, "-F", config, host], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, (words, done.stderr)
    out = {}
    for line in done.stdout.splitlines():
        key, _, value = line.partition(" ")
        out.setdefault(key, []).append(value)
    return out


def compare(name, found, ours):
    home = os.path.expanduser("~")
    first = {key: values[0] for key, values in found.items()}
    assert ours["address"] == first["hostname"], name
    assert ours["port"] == int(first["port"]), name
    assert ours["user"] == first["user"], name
    policy = {"ask": "strict", "true": "strict", "yes": "strict", "accept-new": "accept-new", "false": "off", "no": "off", "off": "off"}
    assert ours["host_keys"] == policy[first["stricthostkeychecking"]], name
    assert ours["user_known_hosts"] == first["userknownhostsfile"].split(), name
    assert ours["identity_files"] == [path.replace("~", home, 1) for path in found["identityfile"]], name
    assert ours["identities_only"] == (first["identitiesonly"] == "yes"), name
    assert ours["compression"] == (first["compression"] == "yes"), name
    if first["serveraliveinterval"] != "0":
        assert ours["alive_interval"] == int(first["serveraliveinterval"]), name
    jump = first.get("proxyjump", "")
    if not jump and "ssh -W" in first.get("proxycommand", ""):
        jump = "gate@bastion"
    if jump == "bastion":
        jump = "gate@bastion:2200"
    if jump:
        user, _, rest = jump.rpartition("@")
        host, _, port = rest.partition(":")
        last = ours["jumps"][-1]
        assert f"@{host}:" in last and (not user or last.startswith(user + "@")) and (not port or last.endswith(":" + port)), (name, jump, last)
    else:
        assert ours["jumps"] == [] and ours["proxy_command"] == first.get("proxycommand", "").replace("%h", first["hostname"]).replace("%p", first["port"]), name


SCENARIOS = [
    ([], {}, {}),
    (["-u", "lineuser", "--private-key", "/keys/line", "-T", "17"], {}, {"user": "lineuser", "private_key": "/keys/line", "timeout": 17}),
    ([], {"ANSIBLE_REMOTE_USER": "envuser", "ANSIBLE_REMOTE_PORT": "2525", "ANSIBLE_TIMEOUT": "19", "ANSIBLE_HOST_KEY_CHECKING": "False",
          "ANSIBLE_PRIVATE_KEY_FILE": "/keys/env", "ANSIBLE_SSH_ARGS": "-o ServerAliveInterval=9", "ANSIBLE_SSH_EXTRA_ARGS": "-o IdentitiesOnly=yes"}, {}),
]


@pytest.mark.parametrize("number", range(len(SCENARIOS)))
def test_targets_are_ansibles(tmp_path, monkeypatch, number):
    print(f"seed {SEED}")
    extra, variables, settings = SCENARIOS[number]
    rng = random.Random(SEED + number)
    hosts = {f"host{i}": host_vars(rng) for i in range(HOSTS)}
    inventory = tmp_path / "hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    config = tmp_path / "ssh_config"
    config.write_text(CONFIG)
    clean = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_") and key != "SSH_AUTH_SOCK"}
    # Ansible's own default for ssh_args (-C, ControlMaster) is no wish of the user's.
    environment = clean | {"ANSIBLE_SSH_ARGS": ""} | variables
    calls = ansible_calls(tmp_path, inventory, extra, environment)
    assert len(calls) == HOSTS
    for key in list(os.environ):
        if key.startswith("ANSIBLE_"):
            monkeypatch.delenv(key)
    for key, value in variables.items():
        monkeypatch.setenv(key, value)
    answers = ask([{"op": "target", "name": name, "vars": values, "config": str(config)} | settings for name, values in hosts.items()], "ssh_config_probe")
    for (name, values), ours in zip(hosts.items(), answers):
        assert not isinstance(ours, Refused), (values, ours.answer)
        found = meaning(calls[name], config)
        compare(f"{name} {values} {calls[name]}", found, ours)
        # Ansible always gives a timeout, 10 s when nobody asks for one; herder then leaves it to ssh_config.
        asked = variables.get("ANSIBLE_TIMEOUT") or settings.get("timeout") or "ansible_ssh_timeout" in values or "ConnectTimeout" in str(values)
        assert ours["connect_timeout"] == (int(found["connecttimeout"][0]) if asked else 44), name
