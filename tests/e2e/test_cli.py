"""The command line itself: help, errors, completion, man pages, version, doctor, shims."""
import json
import os
import pty
import re
import select
import shutil
import socket
import stat
import subprocess
import threading
import time

import pytest
from binary import HERDER, environment, herder


def commands(home):
    text = herder("help", home=home).stdout
    return re.findall(r"^  ([a-z]+(?: [a-z]+)*)  +\S", text, re.M)


def test_help_of_every_command(tmp_path):
    names = commands(tmp_path)
    assert {"exec", "ping", "doctor", "completion", "man", "version"} <= set(names)
    for name in names:
        done = herder(*name.split(), "--help", home=tmp_path)
        assert done.returncode == 0 and done.stderr == ""
        assert done.stdout.startswith(f"Usage: herder {name}")
        assert "Examples:" in done.stdout or "General:" in done.stdout


@pytest.mark.parametrize("words,says", [
    ([], "Commands:"),
    (["exce"], "did you mean 'exec'?"),
    (["exec", "all", "--forks=many", "--", "x"], "--forks: 'many' is not a whole number"),
    (["exec", "all", "--fork=3", "--", "x"], "options are not abbreviated; did you mean --forks?"),
    (["exec", "all", "uptime"], "write -- before it: herder exec all -- uptime ..."),
    (["exec", "all", "-o", "jsno", "--", "x"], "did you mean 'json'?"),
    (["shims"], "shims install"),
    (["shims", "instal", "x"], "did you mean 'shims install'?"),
    (["--json", "version"], "write it after the command"),
])
def test_wrong_words_end_with_5(tmp_path, words, says):
    done = herder(*words, home=tmp_path)
    assert done.returncode == 5
    assert done.stdout == ""
    assert says in done.stderr


def test_version(tmp_path):
    text = herder("version", home=tmp_path)
    assert re.fullmatch(r"herder \d+\.\d+\.\d+\n", text.stdout)
    assert herder("--version", home=tmp_path).stdout == text.stdout
    data = json.loads(herder("version", "--json", home=tmp_path).stdout)
    assert text.stdout == f"herder {data['herder']}\n" and data["events"] and data["compiler"]


def test_wrong_environment_names_the_variable(tmp_path):
    done = herder("exec", "all", "--", "x", home=tmp_path, HERDER_FORKS="lots")
    assert done.returncode == 5
    assert "environment variable HERDER_FORKS: 'lots' is not a whole number" in done.stderr


def test_a_full_disk_is_an_error(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run([HERDER, "man", "exec"], env=environment(tmp_path), stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr


def test_a_reader_that_goes_away_is_no_crash(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([HERDER, "man", "exec"], env=environment(tmp_path), stdout=writing, stderr=subprocess.PIPE, check=False, text=True)
    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == ""


def test_man_pages_have_no_warnings(tmp_path):
    assert herder("man", "--dir", tmp_path / "man", home=tmp_path).returncode == 0
    pages = sorted((tmp_path / "man/man1").iterdir())
    assert {page.name for page in pages} == {"herder.1"} | {f"herder-{name.replace(' ', '-')}.1" for name in commands(tmp_path)}
    for page in pages:
        done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", page], env=environment(tmp_path, MANWIDTH=80), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=True, text=True)
        assert done.stderr == "", page
        assert "EXIT STATUS" in re.sub(r".\x08", "", done.stdout)
    text = subprocess.run(["man", "-l", "-Tascii", tmp_path / "man/man1/herder-exec.1"], env=environment(tmp_path, MANWIDTH=100), stdout=subprocess.PIPE,
                          check=True, text=True).stdout
    text = re.sub(r".\x08", "", text)
    assert "-f, --forks N" in text and "herder exec all -- uptime" in text


BASH = """
source <({herder} completion bash)
ask() {{
  COMP_LINE=$1 COMP_POINT=${{#1}} COMPREPLY=()
  local breaks=$'[ \\t\\n"\\'><=;|&(:]'
  read -ra COMP_WORDS <<< "${{1//=/ = }}"; [[ $1 == *' ' ]] && COMP_WORDS+=('')
  COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
  _herder
  printf '%s\\n' "${{COMPREPLY[@]}}"; echo .
}}
"""


def bash_answers(tmp_path, lines):
    link = tmp_path / "herder"
    link.symlink_to(HERDER)
    script = BASH.format(herder=link) + "".join(f"ask '{line}'\n" for line in lines)
    done = subprocess.run(["bash", "-c", script], env=environment(tmp_path, PATH=f"{tmp_path}:/usr/bin:/bin"), cwd=tmp_path, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=True, text=True)
    assert "error" not in done.stderr
    return [block.split() for block in done.stdout.split(".\n")[:-1]]


def test_bash_completion_in_bash(tmp_path):
    (tmp_path / "hosts.ini").write_text("web1\nweb2\n[db]\ndb1\n")
    (tmp_path / "folder").mkdir()
    answers = bash_answers(tmp_path, ["herder comp", "herder shims ", "herder exec --outp", "herder exec -o ", "herder exec --output=nd", "herder exec -i ho",
                                      "herder exec all --output-dir f", "herder exec -i hosts.ini we", "herder exec all -- --out"])
    assert answers == [["completion"], ["install"], ["--output", "--output-dir", "--output-limit"], ["text", "json", "ndjson", "yaml", "csv"], ["ndjson"],
                       ["hosts.ini"], ["folder"], ["web1", "web2"], []]


def test_completion_runs_no_inventory_scripts(tmp_path):
    script = tmp_path / "inv.sh"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\necho '{{\"all\": [\"from-script\"]}}'\n")
    script.chmod(0o755)
    done = herder("__complete", "words", "--", "exec", "-i", script, "", home=tmp_path)
    assert done.returncode == 0 and "from-script" not in done.stdout
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_valid(tmp_path, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(herder("completion", shell, home=tmp_path).stdout)
    done = subprocess.run([shell, "-n", script], env=environment(tmp_path), stderr=subprocess.PIPE, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_fish_completion_in_fish(tmp_path):
    if not shutil.which("fish"):
        pytest.skip("fish is not installed")
    (tmp_path / "herder").symlink_to(HERDER)
    script = "herder completion fish | source; complete -C 'herder exec --output='; complete -C 'herder comp'; complete -C 'herder exec --ou'"
    done = subprocess.run(["fish", "--no-config", "-c", script], env=environment(tmp_path, PATH=f"{tmp_path}:/usr/bin:/bin"), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=True, text=True)
    words = [line.split("\t")[0] for line in done.stdout.splitlines()]
    assert "--output=ndjson" in words and "completion" in words and "--output-dir" in words


def test_zsh_completion_in_zsh(tmp_path):
    if not shutil.which("zsh"):
        pytest.skip("zsh is not installed")
    (tmp_path / "herder").symlink_to(HERDER)
    # Completion functions run in the line editor only: zpty gives zsh one.
    script = ("zmodload zsh/zpty; zpty z zsh -f -i; zpty -w z 'autoload -Uz compinit && compinit -u -d $HOME/dump; PS1=READY; unsetopt menucomplete; "
              "source <(herder completion zsh); echo LOA''DED'; "
              "zpty -r z line '*LOADED*'; zpty -w -n z $'herder exec --output=nd\\t'; zpty -r z line '*--output=ndjson*'; print -r -- \"$line\"; zpty -d z")
    done = subprocess.run(["zsh", "-f", "-c", script], env=environment(tmp_path, PATH=f"{tmp_path}:/usr/bin:/bin", TERM="xterm"), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, text=True, timeout=60, errors="replace")
    assert "--output=ndjson" in done.stdout


def private_home(tmp_path):
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh").chmod(0o700)
    return home


def test_doctor_finds_what_is_unsafe(tmp_path):
    home = private_home(tmp_path)
    (tmp_path / "tmp").mkdir()
    assert herder("doctor", home=home, TMPDIR=tmp_path / "tmp").returncode == 0
    key = home / ".ssh/id_ed25519"
    key.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nx\n")
    key.chmod(0o644)
    done = herder("doctor", home=home, TMPDIR=tmp_path / "tmp")
    assert done.returncode == 2
    assert re.search(r"FIX .*id_ed25519 can be read by others", done.stdout)
    assert f"help: chmod 600 {key}" in done.stdout
    assert "1 to fix" in done.stdout
    data = json.loads(herder("doctor", "-o", "json", home=home, TMPDIR=tmp_path / "tmp").stdout)
    assert data["fix"] == 1 and [one["check"] for one in data["findings"] if one["level"] == "fix"] == ["ssh files"]
    quiet = herder("doctor", "-q", home=home, TMPDIR=tmp_path / "tmp")
    assert quiet.returncode == 2 and not re.search(r"^ok", quiet.stdout, re.M)


def test_doctor_does_not_hang_on_an_agent_that_says_nothing(tmp_path):
    home = private_home(tmp_path)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "agent"))
        silent.listen()
        done = herder("doctor", home=home, SSH_AUTH_SOCK=tmp_path / "agent", timeout=30)
    assert done.returncode == 2
    assert "does not answer as an agent does" in done.stdout


def test_shims_leave_strange_files_alone(tmp_path):
    first = herder("shims", "install", tmp_path / "bin", home=tmp_path)
    assert first.returncode == 0
    links = sorted((tmp_path / "bin").iterdir())
    assert all(link.is_symlink() and os.path.samefile(link, HERDER) for link in links)
    assert herder("shims", "install", tmp_path / "bin", home=tmp_path).returncode == 0
    for link in links:
        link.unlink()
        link.write_text("mine\n")
        refused = herder("shims", "install", tmp_path / "bin", home=tmp_path)
        assert refused.returncode == 1 and "--force" in refused.stderr and link.read_text() == "mine\n"
        assert herder("shims", "install", "--force", tmp_path / "bin", home=tmp_path).returncode == 0
        assert link.is_symlink()


# What exec shows: the report on real outputs, over the local connection.

def on_fleet(tmp_path, *words, hosts="web[01:05],db1,", **more):
    return herder("exec", "-i", hosts, "-c", "local", "all", *words, home=tmp_path, **more)


def test_exec_writes_lines_without_a_terminal(tmp_path):
    done = on_fleet(tmp_path, "--", "echo out; echo err >&2")
    assert done.returncode == 0
    hosts = ["db1", "web01", "web02", "web03", "web04", "web05"]
    assert sorted(done.stdout.splitlines()) == [f"{host}: out" for host in hosts]
    assert {f"{host}: err" for host in hosts} <= set(done.stderr.splitlines())
    assert re.search(r"^6 hosts: 6 ok in ", done.stderr, re.M)


def test_exec_folds_on_request(tmp_path):
    done = on_fleet(tmp_path, "--fold", "--", "echo same; exit 4")
    assert done.returncode == 2
    assert done.stdout == "web[01-05],db1 (6 hosts): exit code 4\nsame\n" or done.stdout == "db1,web[01-05] (6 hosts): exit code 4\nsame\n"


def test_exec_output_of_hosts_cannot_write_to_the_terminal(tmp_path):
    hostile = r"printf '\033[2J\033]0;title\007\302\2335A\r\b\177\377 visible\n'"
    for form in (["--fold"], ["--no-fold"], ["-o", "json"], ["-o", "ndjson"], ["-o", "yaml"], ["-o", "csv"]):
        done = on_fleet(tmp_path, *form, "--", "sh", "-c", hostile)
        assert done.returncode == 0
        assert "visible" in done.stdout
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\udc80-\udcff]", done.stdout), form


def test_exec_writes_files_per_host(tmp_path):
    done = on_fleet(tmp_path, "--output-dir", tmp_path / "out", "--", "sh", "-c", r"printf 'raw\377\n'; echo e >&2", hosts="a,b,")
    assert done.returncode == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.err", "a.out", "b.err", "b.out"]
    assert (tmp_path / "out/a.out").read_bytes() == b"raw\xff\n"
    assert (tmp_path / "out/b.err").read_bytes() == b"e\n"


def test_exec_keeps_large_outputs_within_bounds(tmp_path):
    (tmp_path / "tmp").mkdir()
    done = on_fleet(tmp_path, "-o", "ndjson", "--output-limit", "300KiB", "--", "head -c 1000000 /dev/zero | tr '\\0' x", hosts="a,b,c,", TMPDIR=tmp_path / "tmp")
    assert done.returncode == 0
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert records[0]["type"] == "version" and records[-1]["type"] == "summary"
    hosts = [record for record in records if record["type"] == "host"]
    assert [(len(host["stdout"]), host["stdout_dropped"]) for host in hosts] == [(307200, 692800)] * 3
    assert list((tmp_path / "tmp").iterdir()) == []


def test_exec_says_when_the_disk_is_full(tmp_path):
    done = on_fleet(tmp_path, "--fold", "--", "head -c 1000000 /dev/zero", hosts="a,b,", TMPDIR="/proc")
    assert done.returncode == 1
    assert "keep the hosts' output" in done.stderr and "TMPDIR" in done.stderr


def read_terminal(fd, until, seconds=30):
    text = b""
    end = time.monotonic() + seconds
    while not re.search(until, text) and time.monotonic() < end:
        ready, _, _ = select.select([fd], [], [], 0.2)
        if not ready:
            continue
        try:
            piece = os.read(fd, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    return text


def test_exec_shows_progress_on_a_terminal_and_gives_the_cursor_back(tmp_path):
    master, slave = pty.openpty()
    process = subprocess.Popen([HERDER, "exec", "-i", "web[1:30],", "-c", "local", "all", "--", "sleep 1.5; echo done"],
                               env=environment(tmp_path, TERM="xterm"), stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    text = read_terminal(master, rb"\x1b\[\?25h").decode()
    process.wait(30)
    os.close(master)
    assert process.returncode == 0
    assert "\x1b[?25l" in text and re.search(r"\d+/30 hosts", text)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")
    assert "web[1-30] (30 hosts): ok\ndone\n30 hosts: 30 ok in" in plain


def test_exec_on_a_dumb_terminal_moves_no_cursor(tmp_path):
    master, slave = pty.openpty()
    process = subprocess.Popen([HERDER, "exec", "-i", "a,b,", "-c", "local", "all", "--", "sleep 1; echo done"], env=environment(tmp_path, TERM="dumb"),
                               stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    text = read_terminal(master, rb"ok in")
    process.wait(30)
    os.close(master)
    assert b"\x1b" not in text and b"a,b (2 hosts): ok" in text


def test_exec_stops_when_its_reader_goes_away(tmp_path):
    process = subprocess.Popen([HERDER, "exec", "-i", "a,b,", "-c", "local", "all", "--", "while :; do echo line; sleep 0.05; done"],
                               env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert b"line" in process.stdout.readline()
    process.stdout.close()
    killer = threading.Timer(60, process.kill)
    killer.start()
    process.wait()
    killer.cancel()
    assert process.returncode == 1
