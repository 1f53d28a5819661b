"""Machine-readable results read back by Python's parsers, and ansible's own ad-hoc output."""
import base64
import csv
import io
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import textwrap
import unicodedata

import pytest
import yaml
from probe import CASES, ROOT, ask

VENV = pathlib.Path(os.environ.get("HERDER_VENV", ROOT / "build" / "venv"))
TEXTS = ["", "a", "\n", "\n\n", "\n\n\n", "a\n", "a\n\n", " a\n  b\n", "\ta\n", "a \n b \n", "- x\n", "# x\n", "---\n...\n", "%x\n", "a: b\n", "\"'\\\n",
         "a\r\nb\r\n", "\x00\n", "\x1b[1m\n", "é€😀\n", "\x85\n", "\u2028\n", "\ufeff\n", "\u202e\n", "\ufffe\n", "\x7f", "no\n", "a\n\tb", "x" * 70000 + "\n",
         "a\n" * 40000, "~\n", "é" * 40001 + "\n"]


def random_text(rng):
    alphabet = rng.choice(["ab \n", "a\n\t :-#'\"\\", "a\r\n", "é😀\n\u2028\x85", "\x00\x1b\x7f\x9b\n", "".join(map(chr, range(0x20, 0x2100)))])
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(40)))


def outputs(rng, count):
    made = [text.encode() for text in TEXTS]
    made += [random_text(rng).encode() for _ in range(count)]
    made += [rng.randbytes(rng.randrange(30)) for _ in range(count // 4)]
    return made


def run_of(texts):
    return [{"host": f"h{i}", "out": base64.b64encode(text).decode(), "err": base64.b64encode(text[::-1]).decode(), "code": i % 2}
            for i, text in enumerate(texts)]


def check(records, texts):
    assert len(records) == len(texts)
    for record, text in zip(records, texts):
        for key, wanted in (("stdout", text), ("stderr", text[::-1])):
            try:
                assert record[key] == wanted.decode(), key
                assert key + "_base64" not in record
            except UnicodeDecodeError:
                assert base64.b64decode(record[key + "_base64"]) == wanted


@pytest.mark.parametrize("form", ["json", "yaml", "ndjson"])
def test_outputs_come_back(form):
    texts = outputs(random.Random(f"report {form}"), CASES // 10)
    answer, = ask([{"format": form, "hosts": run_of(texts)}], "report_probe")
    text = answer["out"]
    # Nothing that a terminal would obey is in it.
    assert not [c for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t"]
    if form == "ndjson":
        records = [json.loads(line) for line in text.splitlines() if '"type": "host"' in line]
    else:
        loaded = json.loads(text) if form == "json" else yaml.safe_load(text)
        assert loaded["totals"]["hosts"] == len(texts)
        records = loaded["hosts"]
    check(records, texts)


def test_json_and_yaml_say_the_same():
    hosts = run_of([b"a\n", b"\xff", b""]) + [{"host": "gone", "lost": "connection refused"}]
    as_json, as_yaml = ask([{"format": form, "hosts": hosts} for form in ("json", "yaml")], "report_probe")
    assert json.loads(as_json["out"]) == yaml.safe_load(as_yaml["out"])


def test_csv_reads_as_csv():
    texts = [text.encode() for text in TEXTS if not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e\ufeff\ufffe\r]", text)]
    answer, = ask([{"format": "csv", "hosts": run_of(texts)}], "report_probe")
    csv.field_size_limit(10**7)
    rows = list(csv.DictReader(io.StringIO(answer["out"], newline="")))
    assert [row["stdout"] for row in rows] == [text.decode() for text in texts]


ADHOC = [
    ("command", "echo one two", b"one two\n", b"", 0),
    ("command", "printf 'a b'", b"a b", b"", 0),
    ("command", "true", b"", b"", 0),
    ("shell", "echo out; echo err >&2; exit 3", b"out\n", b"err\n", 3),
    ("shell", "printf 'a\\n\\n\\n'", b"a\n\n\n", b"", 0),
    ("shell", "printf '  x\\ty  \\n'", b"  x\ty  \n", b"", 0),
    ("shell", "echo äöü €; echo warn >&2", "äöü €\n".encode(), b"warn\n", 0),
    ("shell", "printf 'a\\r\\nb\\r\\n'", b"a\r\nb\r\n", b"", 0),
    ("raw", "echo raw; echo e >&2; exit 4", b"raw\n", b"e\n", 4),
    ("raw", "printf 'a\\n\\n'", b"a\n\n", b"", 0),
    ("ping", "", b"", b"", 0),
]


def real_ansible(tmp_path, module, arguments, *more):
    env = {**os.environ, "ANSIBLE_NOCOLOR": "1", "HOME": str(tmp_path), "ANSIBLE_LOCAL_TEMP": str(tmp_path), "ANSIBLE_REMOTE_TEMP": str(tmp_path),
           "ANSIBLE_DEPRECATION_WARNINGS": "0", "LC_ALL": "C.UTF-8"}
    inventory = tmp_path / "inventory"
    inventory.write_text(f"h ansible_connection=local ansible_python_interpreter={sys.executable}\n")
    command = [VENV / "bin/ansible", "-i", str(inventory), "h", "-m", module, *more]
    if arguments:
        command += ["-a", arguments]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False, cwd=tmp_path)
    return done.stdout.decode(), done.returncode


def steady(text):
    """Without what differs from run to run."""
    return re.sub(r'"(delta|start|end)": "[^"]*"', r'"\1": "T"', text)


@pytest.mark.parametrize("one_line", [False, True], ids=["minimal", "oneline"])
@pytest.mark.parametrize("module,arguments,out,err,code", ADHOC, ids=[f"{row[0]}-{i}" for i, row in enumerate(ADHOC)])
def test_looks_as_ansible(tmp_path, module, arguments, out, err, code, one_line):
    wanted, wanted_code = real_ansible(tmp_path, module, arguments, "-t", str(tmp_path / "real"), *(["-o"] if one_line else []))
    host = {"host": "h", "out": base64.b64encode(out).decode(), "err": base64.b64encode(err).decode(), "code": code}
    answer, = ask([{"ansible": module, "arguments": arguments, "one_line": one_line,
                    "task_arguments": {"_raw_params": arguments} if arguments else {}, "tree": str(tmp_path / "ours"), "hosts": [host]}], "report_probe")
    assert steady(answer["out"]) == steady(wanted)
    assert answer["code"] == wanted_code
    assert json.loads(steady((tmp_path / "ours/h").read_text())) == json.loads(steady((tmp_path / "real/h").read_text()))


def test_shortens_as_python():
    rng = random.Random("shorten")
    texts = ["".join(rng.choice("ab1 -_'\"é/.") for _ in range(rng.randrange(60))) for _ in range(CASES)]
    widths = [rng.randrange(8, 50) for _ in texts]
    got = ask([{"shorten": text, "width": width} for text, width in zip(texts, widths)], "report_probe")
    wrong = [(text, width, ours) for text, width, ours in zip(texts, widths, got) if ours != textwrap.shorten(text, width)]
    # Rare shapes (dashes in a row, signs before a hyphen) are cut elsewhere; none is cut longer than asked.
    assert len(wrong) < len(texts) * 0.05, wrong[:5]
    assert all(len(ours) <= width for _, width, ours in wrong)


def test_script_looks_as_ansible(tmp_path):
    for code in (0, 5):
        script = tmp_path / "s.sh"
        script.write_text(f"#!/bin/sh\necho script $1\necho e >&2\nexit {code}\n")
        wanted, wanted_code = real_ansible(tmp_path, "script", f"{script} x")
        host = {"host": "h", "out": base64.b64encode(b"script x\n").decode(), "err": base64.b64encode(b"e\n").decode(), "code": code}
        answer, = ask([{"ansible": "script", "arguments": f"{script} x", "task_arguments": {"_raw_params": f"{script} x"},
                        "hosts": [host]}], "report_probe")
        assert answer["out"].splitlines() == wanted.splitlines()
        assert answer["code"] == wanted_code


SHIM = [
    ("-m", "command", "-a", "echo one 'two  three'"),
    ("-m", "command", "-a", "echo $HOME ${HOME}x $NOT_SET_AT_ALL '$HOME' a;b"),
    ("-m", "command", "-a", "chdir=/usr pwd"),
    ("-m", "ansible.builtin.shell", "-a", "echo out; echo err >&2; false | true"),
    ("-m", "shell", "-a", "chdir=/usr/bin pwd; echo x"),
    ("-m", "shell", "-a", "exit 3"),
    ("-m", "shell", "-a", "echo 'a b' | wc -c"),
    ("-m", "raw", "-a", "echo raw"),
    ("-m", "ping"),
    ("-m", "ping", "-a", "data=hello"),
    ("--module-n", "ping", "--one"),
    ("--list-hosts",),
]


@pytest.mark.parametrize("words", SHIM, ids=[str(i) for i in range(len(SHIM))])
def test_called_as_ansible(tmp_path, words):
    shim = tmp_path / "ansible"
    shim.symlink_to(pathlib.Path(os.environ.get("HERDER_BUILD", ROOT / "build" / "dev")) / "herder")
    (tmp_path / "inventory").write_text(f"h ansible_connection=local ansible_python_interpreter={sys.executable}\n")
    env = {"PATH": os.environ["PATH"], "ANSIBLE_NOCOLOR": "1", "HOME": str(tmp_path), "ANSIBLE_LOCAL_TEMP": str(tmp_path), "LC_ALL": "C.UTF-8",
           "ANSIBLE_DEPRECATION_WARNINGS": "0", "XDG_RUNTIME_DIR": str(tmp_path)}
    answers = [subprocess.run([program, "-i", "inventory", "h", *words], env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120,
                              check=False, text=True) for program in (VENV / "bin/ansible", shim)]
    real, ours = answers
    assert (ours.stdout, ours.returncode) == (real.stdout, real.returncode), ours.stderr
