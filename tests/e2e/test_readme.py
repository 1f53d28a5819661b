"""The README's first real use works as printed."""

import pathlib
import re
import subprocess

from conftest import HERDER, ROOT

import pytest


@pytest.fixture
def own_lab(tmp_path, fleet):
    """The README's lab is the default one; HOME is the test's."""
    env = dict(fleet.env, HOME=str(tmp_path), XDG_STATE_HOME=str(tmp_path / ".local/state"))
    env.pop("HERDER_INVENTORY")
    yield env
    subprocess.run([HERDER, "lab", "down", "--purge"], env=env, capture_output=True)
    subprocess.run([HERDER, "keeper", "stop"], env=env, capture_output=True)


def first_use():
    text = (ROOT / "README.md").read_text()
    block = text.split("tests/e2e/test_readme.py -->", 1)[1].split("\n\n", 2)
    lines = [line[4:] for line in block[0].splitlines() + block[1].splitlines() if line.startswith("    ")]
    commands, expected = [], []
    for line in lines:
        if line.startswith("$ "):
            commands.append(line[2:])
            expected.append([])
        else:
            expected[-1].append(line)
    return commands, expected


def test_first_real_use(own_lab, tmp_path):
    commands, expected = first_use()
    assert len(commands) >= 8
    assert commands[0] == "alias herder=build/release/herder"
    from conftest import free_port
    script = [f"herder() {{ {HERDER} \"$@\"; }}", "set -e"]
    for number, command in enumerate(commands[1:], 1):
        if command == "herder lab up 20":
            command += f" --port {free_port()}"  # tests run side by side
        script += [f"echo '=== {number}'", command]
    done = subprocess.run(["bash", "-c", "\n".join(script)], env=own_lab, cwd=tmp_path, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr
    parts = re.split(r"=== (\d+)\n", done.stdout)
    printed = dict(zip(map(int, parts[1::2]), parts[2::2]))
    for number, lines in enumerate(expected):
        if lines:
            assert printed[number].splitlines() == lines, commands[number]
    assert (tmp_path / "fetched/db04/motd").read_text() == "Welcome\n"


def test_links_lead_somewhere():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name}: {link}"
