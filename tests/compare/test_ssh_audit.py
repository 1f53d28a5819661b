"""ssh-audit looks at what herder offers as a client and has nothing to fail."""
import json
import os
import pathlib
import socket
import subprocess
import time

from probe import BUILD, ROOT

VENV = pathlib.Path(os.environ.get("HERDER_VENV", ROOT / "build" / "venv"))


def listening(port):
    """Without a connection: ssh-audit would take that for the client."""
    return any(f":{port:04X} " in line and " 0A " in line for name in ("tcp", "tcp6") for line in pathlib.Path(f"/proc/net/{name}").read_text().splitlines())


def fails(node, where=""):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "fail":
                yield where, value
            yield from fails(value, f"{where}/{node.get('algorithm', key)}")
    if isinstance(node, list):
        for value in node:
            yield from fails(value, where)


def test_nothing_fails(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    auditor = subprocess.Popen([VENV / "bin" / "ssh-audit", "-j", "-c", "-p", str(port), "-t", "60"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        for _ in range(600):
            if listening(port):
                break
            assert auditor.poll() is None, auditor.stderr.read()
            time.sleep(0.05)
        (tmp_path / "hosts").write_text("127.0.0.1\n")
        subprocess.run([BUILD / "src" / "ssh_connect_probe", tmp_path / "hosts", "1", str(port), "nobody", "/dev/null", "/dev/null", "true", "1"],
                       capture_output=True, timeout=60)
        out, complaints = auditor.communicate(timeout=60)
    finally:
        auditor.kill()
        auditor.wait()
    report = json.loads(out)
    offered = {kind: [one["algorithm"] for one in report[kind]] for kind in ("kex", "key", "enc", "mac")}
    assert offered["kex"][0] == "curve25519-sha256" and "ssh-ed25519" in offered["key"], offered
    assert list(fails(report)) == [], complaints
    assert report["cves"] == []
