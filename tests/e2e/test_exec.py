"""herder exec on a practice fleet: results, limits, faults. Every host ends in exactly one outcome."""

import base64
import os
import pathlib
import signal
import subprocess
import time
import urllib.parse

import pytest

SECRET = "c4nary-Pa55word/with+odd=chars"


def outcomes(results):
    return {host: record["status"] for host, record in results.items()}


def test_runs_everywhere_and_says_so(fleet):
    done, results = fleet.records("exec", "all", "--", "echo $HERDER_LAB_HOST")
    assert done.returncode == 0, done.stderr
    assert len(results) == fleet.hosts
    assert all(record["stdout"] == host + "\n" for host, record in results.items())
    assert f"{fleet.hosts} hosts: {fleet.hosts} ok" in fleet.run("exec", "all", "--", "true").stderr


def test_a_second_command_uses_the_kept_connections(fleet):
    fleet.run("keeper", "stop")
    assert fleet.run("exec", "all", "-q", "--", "true").returncode == 0
    assert "a keeper runs" in fleet.run("keeper", "status").stdout
    fleet.lab("break", "web01", "--auth-fail")  # new connections only
    try:
        done, results = fleet.records("exec", "web01", "--", "echo kept")
        assert done.returncode == 0 and results["web01"]["stdout"] == "kept\n"
        done = fleet.run("exec", "web01", "--no-keep", "--", "true")
        assert done.returncode == 4
    finally:
        fleet.lab("mend", "web01")
    assert fleet.run("keeper", "stop").returncode == 0
    assert "no keeper" in fleet.run("keeper", "status").stdout


def test_failures_give_two_and_are_named_last(fleet):
    done = fleet.run("exec", "all", "--fold", "--", "test $HERDER_LAB_HOST != web02 || { echo broken >&2; exit 7; }; echo fine")
    assert done.returncode == 2
    assert "web02: exit code 7" in done.stdout and "broken" in done.stdout
    assert done.stdout.index("fine") < done.stdout.index("web02: exit code 7")


@pytest.mark.parametrize("keep", [[], ["--no-keep"]])
def test_each_fault_ends_in_one_outcome(mended, keep):
    mended.run("keeper", "stop")
    faults = {"web01": ["--refuse"], "web02": ["--hang"], "web03": ["--hang-kex"], "web04": ["--cut-after", "1000B"],
              "web05": ["--bad-host-key"], "web06": ["--auth-fail"], "db01": ["--flood"], "db02": ["--slow", "50ms"]}
    for host, words in faults.items():
        mended.lab("break", host, *words)
    done, results = mended.records("exec", "all", *keep, "--connect-timeout", "3s", "--timeout", "20s", "--", "head -c 20000 /dev/zero | tr '\\0' x")
    assert len(results) == mended.hosts
    expected = dict.fromkeys(results, "ok")
    expected.update(dict.fromkeys(["web01", "web02", "web03", "web04", "web05", "web06", "db01"], "unreachable"))
    assert outcomes(results) == expected, done.stderr
    assert done.returncode == 4
    assert "host key" in str(results["web05"]["error"]).lower()


def test_a_command_that_takes_too_long_is_stopped(fleet):
    done, results = fleet.records("exec", "web[0:1]", "--timeout", "1s", "--", "sleep 60")
    assert done.returncode == 2
    assert set(outcomes(results).values()) == {"timeout"}


def test_hostile_output_never_reaches_the_terminal(fleet):
    command = r"printf '\033]0;owned\007\033[2Jred\233m\377\n'"
    for words in ([], ["--fold"], ["--no-fold"]):
        done = fleet.run("exec", "web01", *words, "--", command, text=False)
        assert b"\x1b" not in done.stdout + done.stderr
        assert b"\x07" not in done.stdout and b"red" in done.stdout


def test_large_output_stays_within_bounds(fleet, tmp_path):
    done = fleet.run("exec", "web01", "--output-limit", "1MiB", "--output-dir", tmp_path, "-o", "json", "--", "head -c 100000000 /dev/zero", timeout=300, text=False)
    assert done.returncode == 0
    assert len(done.stdout) < 20_000_000
    assert (tmp_path / "web01.out").stat().st_size >= 1 << 20


def test_one_long_line(fleet):
    done = fleet.run("exec", "web01", "-o", "ndjson", "--output-limit", "1MiB", "--", "head -c 100000000 /dev/zero | tr '\\0' a", timeout=300)
    assert done.returncode == 0
    assert len(done.stdout) < 3_000_000


def test_standard_input_and_scripts_arrive_whole(fleet, tmp_path):
    data = tmp_path / "data"
    data.write_bytes(os.urandom(3_000_000))
    digest = subprocess.run(["sha256sum"], stdin=data.open(), capture_output=True, text=True).stdout.split()[0]
    _, results = fleet.records("exec", "db", "--stdin", data, "--", "sha256sum")
    assert {record["stdout"].split()[0] for record in results.values()} == {digest}
    script = tmp_path / "script"
    script.write_text("#!/usr/bin/env python3\nimport sys\nprint('args', sys.argv[1:], len(sys.stdin.buffer.read()))\n")
    _, results = fleet.records("exec", "db01", "--script", script, "--stdin", data, "--", "a b", "c")
    assert results["db01"]["stdout"] == "args ['a b', 'c'] 3000000\n"


def test_environment_and_directory(fleet):
    _, results = fleet.records("exec", "db01", "--env", "GREETING=it's $HOME", "--chdir", "/usr", "--", 'echo "$GREETING" $(pwd)')
    assert results["db01"]["stdout"] == "it's $HOME /usr\n"


def test_too_many_failures_start_nothing_new(fleet):
    done, results = fleet.records("exec", "all", "--serial", "2", "--max-fail", "1", "--", "false")
    states = list(outcomes(results).values())
    assert states.count("failed") == 2 and states.count("skipped") == fleet.hosts - 2
    assert done.returncode == 2


def test_interrupt_once_reports_what_is_unfinished(fleet):
    run = fleet.start("exec", "all", "-o", "ndjson", "--", "sleep 60")
    time.sleep(2)
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 130
    assert out.count('"status": "cancelled"') == fleet.hosts


def test_sigterm_loses_no_host(fleet):
    run = fleet.start("exec", "all", "-o", "ndjson", "--forks", "3", "--", "sleep 60")
    time.sleep(2)
    run.send_signal(signal.SIGTERM)
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 130
    assert out.count('"type": "host"') == fleet.hosts
    assert out.count('"status": "cancelled"') == 3 and out.count('"status": "skipped"') == fleet.hosts - 3


def test_the_keeper_killed_in_the_middle(fleet):
    run = fleet.start("exec", "all", "-o", "ndjson", "--", "sleep 60")
    time.sleep(2)
    pid = int(fleet.run("keeper", "status").stdout.split("process ")[1].split(")")[0])
    os.kill(pid, signal.SIGKILL)
    out, _ = run.communicate(timeout=30)
    assert run.returncode == 4
    assert out.count('"status": "unreachable"') == fleet.hosts
    assert fleet.run("exec", "all", "-q", "--", "true").returncode == 0


def test_a_full_disk_is_an_error_of_herder(fleet):
    with open("/dev/full", "w") as full:
        done = subprocess.run([fleet_binary(), "exec", "all", "--no-fold", "--", "head -c 200000 /dev/zero | tr '\\0' x"], env=fleet.env, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
    assert done.returncode == 1
    assert "No space left" in done.stderr


def test_a_closed_pipe_ends_the_run_quietly(fleet):
    line = f"{fleet_binary()} exec all --no-fold -- 'yes | head -n 200000' | head -n 1"
    done = subprocess.run(["sh", "-c", line], env=fleet.env, capture_output=True, text=True, timeout=120)
    assert done.stdout.count("\n") == 1


def fleet_binary():
    from conftest import HERDER
    return str(HERDER)


def spellings(secret):
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield urllib.parse.quote(secret, safe="").encode()
    for offset in range(3):
        encoded = base64.b64encode(b"x" * offset + raw)
        yield encoded[4:-4]


def test_a_secret_is_in_no_output_log_argument_or_file(fleet, tmp_path):
    """The canary: herder is given a password, and hosts print it in every spelling, as a taken-over host or a careless script would."""
    password = tmp_path / "password"
    password.write_text(SECRET + "\n")
    password.chmod(0o600)
    repeat = tmp_path / "repeat"
    repeat.write_text(f"""p=$(head -n 1 {password})
printf '%s\\n' "$p"; printf %s "$p" | base64; printf %s "x$p" | base64; printf %s "xx$p" | base64 -w 20
printf %s "$p" | od -An -tx1 | tr -d ' \\n'; echo "'$p'" >&2; printf '%s\\n' "$p" | fold -w 9
printf %s "$p" | sed 's,/,%2F,g; s,+,%2B,g; s,=,%3D,g'; echo; ps axww
""")
    seen = []
    for form in (["-o", "text"], ["-o", "json"], ["-o", "ndjson"], ["-o", "yaml"], ["-o", "csv"], ["--fold"], ["-vvv"]):
        done = fleet.run("exec", "web[0:1]", *form, "--output-dir", tmp_path / "out", "-b", "--become-password-file", password, "--", f"sh {repeat}", text=False)
        assert done.returncode == 0, done.stderr
        assert b"********" in done.stdout
        seen.append(done.stdout + done.stderr)
    for path in [*tmp_path.joinpath("out").rglob("*"), *fleet.home.rglob("*")]:
        if path.is_file() and not path.is_symlink():
            seen.append(path.read_bytes())
    for process in pathlib.Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                seen.append((process / "cmdline").read_bytes())
            except OSError:
                continue
    found = {spelling for spelling in spellings(SECRET) for text in seen if spelling in text}
    assert not found
    assert not any(SECRET.encode() in text.replace(b"\n", b"") for text in seen)
