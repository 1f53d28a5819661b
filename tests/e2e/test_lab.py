"""herder lab with light hosts, as other people's clients see it: OpenSSH's ssh and sftp, asyncssh."""
import asyncio
import os
import pathlib
import signal
import socket
import stat
import subprocess
import time

import asyncssh
import pytest
from lab import HERDER, Lab, processes_of


@pytest.fixture
def lab(tmp_path):
    with Lab(tmp_path) as it:
        yield it
    assert processes_of(tmp_path / "lab") == []
    assert not (tmp_path / "lab").exists()


def eventually(condition, seconds=20):
    """Waits for what has to come true in the end."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def test_up_prints_the_inventory_and_ssh_works(lab):
    done = lab.up(4)
    assert done.stdout == f"{lab.inventory}\n"
    ran = lab.ssh("db01", "hostname; uname -n; cat etc/hostname; pwd; exit 3")
    assert ran.stdout.splitlines() == ["db01", "db01", "db01", f"{lab.state}/hosts/db01"]
    assert ran.returncode == 3
    text = lab.inventory.read_text()
    for line in ("[web]", "web01 ansible_host=127.2.0.1", "[db]", "[cache]", "[all:vars]", f"UserKnownHostsFile={lab.state}/known_hosts"):
        assert line in text


def test_secrets_are_private(lab):
    lab.up(1)
    assert stat.S_IMODE(lab.state.stat().st_mode) == 0o700
    for name in ("password", "id_ed25519", "host_seed", "control", "lab.log"):
        assert stat.S_IMODE((lab.state / name).stat().st_mode) == 0o600, name
    password = (lab.state / "password").read_text()
    command_line = pathlib.Path(f"/proc/{lab.pid()}/cmdline").read_text()
    assert password not in command_line + lab.inventory.read_text() + (lab.state / "lab.log").read_text()


def test_a_terminal_is_a_terminal(lab):
    lab.up(1)
    ran = lab.ssh("web01", "test -t 0 && test -t 1 && echo $TERM", "-tt", data="")
    assert ran.stdout.startswith("xterm") or ran.stdout.strip() == os.environ.get("TERM", "")
    ran = lab.ssh("web01", None, "-tt", data="stty size >/dev/null && echo shell $HERDER_LAB_HOST\nexit 5\n")
    assert "shell web01" in ran.stdout
    assert ran.returncode == 5


def test_environment_and_signals(lab):
    lab.up(1)

    async def go():
        async with await connect(lab, 0) as connection:
            ran = await connection.run("echo $GREETING; echo $HOME", env={"GREETING": "hello", "HOME": "/nowhere"})
            assert ran.stdout == f"hello\n{lab.state}/hosts/web01\n"
            process = await connection.create_process("trap 'echo got it; exit 9' TERM; echo ready; while :; do sleep 0.05; done")
            assert await process.stdout.readline() == "ready\n"
            process.send_signal("TERM")
            assert await process.stdout.readline() == "got it\n"
            assert (await process.wait()).exit_status == 9
            assert (await connection.run("kill -KILL $$")).exit_signal[0] == "KILL"

    asyncio.run(go())


def test_sftp_works_in_the_home_of_the_host(lab, tmp_path):
    lab.up(2)
    (tmp_path / "up").write_bytes(os.urandom(3_000_000))
    script = f"put {tmp_path}/up a\nget a {tmp_path}/down\nget etc/hostname {tmp_path}/name\n"
    subprocess.run(["sftp", "-q", "-F", lab.state / "ssh_config", "-b", "-", "db01"], input=script, text=True, check=True, capture_output=True)
    assert (tmp_path / "down").read_bytes() == (tmp_path / "up").read_bytes()
    assert (tmp_path / "name").read_text() == "db01\n"
    assert (lab.state / "hosts" / "db01" / "a").exists()


async def connect(lab, index, port=None, **options):
    options.setdefault("client_keys", [str(lab.state / "id_ed25519")])
    facts = lab.listing() if port is None else {"port": port}
    return await asyncssh.connect(f"127.2.{index // 250}.{index % 250 + 1}", port=facts["port"], config=None, username=os.environ.get("USER", "root"),
                                  known_hosts=str(lab.state / "known_hosts"), **options)


def test_many_hosts_at_once(lab):
    hosts = 300
    lab.up(hosts)
    names = [host["name"] for host in lab.listing()["hosts"]]
    port = lab.listing()["port"]

    async def one(index, limit):
        async with limit, await connect(lab, index, port) as connection:
            return (await connection.run("cat etc/hostname")).stdout.strip()

    async def everyone():
        limit = asyncio.Semaphore(100)
        return await asyncio.gather(*(one(index, limit) for index in range(hosts)))

    assert asyncio.run(everyone()) == names


def test_many_commands_over_one_connection(lab):
    lab.up(1)

    async def go():
        async with await connect(lab, 0) as connection:
            ran = await asyncio.gather(*(connection.run(f"cat; echo {i}; exit {i % 200}", input="x" * i * 100) for i in range(1, 201)))
            assert [(len(one.stdout), one.exit_status) for one in ran] == [(i * 100 + len(f"{i}\n"), i % 200) for i in range(1, 201)]

    asyncio.run(go())


def test_password_login(lab):
    lab.up(1)

    async def go(password):
        async with await connect(lab, 0, client_keys=None, password=password, preferred_auth="password") as connection:
            return (await connection.run("echo in")).stdout

    assert asyncio.run(go((lab.state / "password").read_text())) == "in\n"
    with pytest.raises(asyncssh.PermissionDenied):
        asyncio.run(go("wrong"))


def resident_kb(pid):
    return int(next(line for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")).split()[1])


def test_memory_stays_bounded_when_a_client_does_not_read(lab):
    """A stopped client leaves 400 MB of output waiting in the command, not in the lab."""
    lab.up(1)
    before = resident_kb(lab.pid())
    size = 400_000_000
    reader = subprocess.Popen(["ssh", "-F", lab.state / "ssh_config", "web01", f"head -c {size} /dev/zero; echo done >>finished"], stdout=subprocess.PIPE)
    assert reader.stdout.read(1_000_000) == bytes(1_000_000)
    last = [None]

    def blocked():  # the command does not get on any more
        now = [(pathlib.Path(f"/proc/{pid}/io")).read_text() for pid in processes_of(lab.state) if pid != lab.pid()]
        same, last[0] = now == last[0], now
        time.sleep(0.2)
        return same

    assert eventually(blocked)
    assert not (lab.state / "hosts/web01/finished").exists()
    assert resident_kb(lab.pid()) < before + 30_000
    rest = sum(iter(lambda: len(reader.stdout.read(1 << 20)), 0))
    assert rest == size - 1_000_000
    assert reader.wait(60) == 0


FAULTS = [
    ("--refuse", "Connection refused"),
    ("--hang", "timed out during banner exchange"),
    ("--flood", "banner exchange"),
    ("--bad-host-key", "REMOTE HOST IDENTIFICATION HAS CHANGED"),
    ("--auth-fail", "Permission denied"),
    ("--garbage", "Connection corrupted|Bad packet length|message authentication code incorrect|Corrupted MAC"),
    ("--cut-after 1000B", "Broken pipe|Connection reset|closed by remote host"),
]


@pytest.mark.parametrize(("fault", "message"), FAULTS, ids=[fault.split()[0] for fault, _ in FAULTS])
def test_faults_as_ssh_sees_them(lab, fault, message):
    lab.up(2)
    lab.herder("break", "web01", *fault.split())
    ran = lab.ssh("web01", "seq 1 100000", "-o", "ConnectTimeout=2")
    assert ran.returncode == 255
    assert any(part in ran.stderr for part in message.split("|")), ran.stderr
    assert len(ran.stdout) <= (1000 if "cut" in fault else 0)  # what was not read at the reset is lost
    assert lab.ssh("db01", "echo well").stdout == "well\n"
    assert next(host["state"] for host in lab.listing()["hosts"] if host["name"] == "web01").startswith(fault.split()[0][2:])
    lab.herder("mend", "all")
    assert lab.ssh("web01", "echo well").stdout == "well\n"


def test_hanging_in_the_key_exchange(lab):
    lab.up(1)
    lab.herder("break", "web01", "--hang-kex")
    with socket.create_connection(("127.2.0.1", lab.listing()["port"])) as client:
        client.sendall(b"SSH-2.0-test\r\n")
        assert client.recv(100).startswith(b"SSH-2.0-")
        client.settimeout(0.5)
        with pytest.raises(socket.timeout):
            client.recv(100)
        lab.herder("mend", "web01")  # what hung ends
        client.settimeout(20)
        assert client.recv(100) == b""


def test_slowness_delays_both_directions(lab):
    lab.up(1)
    lab.herder("break", "web01", "--slow", "100ms")
    begun = time.monotonic()
    assert lab.ssh("web01", "echo slow").stdout == "slow\n"
    assert time.monotonic() - begun > 1.0  # at least five round trips of 200 ms


def test_faults_reach_open_connections(lab):
    lab.up(1)
    control = ["-o", f"ControlPath={lab.state}/mux", "-o", "ControlMaster=auto", "-o", "ControlPersist=60"]
    # Not through pipes of ours: the master that stays behind would hold them open.
    subprocess.run(["ssh", "-F", lab.state / "ssh_config", *control, "-N", "-f", "web01"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert lab.ssh("web01", "echo 1", *control).stdout == "1\n"
    assert lab.listing()["hosts"][0]["connections"] == 1
    lab.herder("break", "web01", "--refuse")
    assert eventually(lambda: not (lab.state / "mux").exists())
    assert lab.ssh("web01", "echo 2", *control).returncode == 255


def test_resize_and_repeat(lab):
    lab.up(3)
    pid, known = lab.pid(), (lab.state / "known_hosts").read_text()
    lab.up(3)
    lab.up(12)
    assert lab.pid() == pid
    assert (lab.state / "known_hosts").read_text().startswith(known)
    assert lab.ssh("cache03", "cat etc/hostname").stdout == "cache03\n"
    lab.up(2)
    assert lab.ssh("cache03", "true").returncode == 255
    assert [host["name"] for host in lab.listing()["hosts"]] == ["web01", "db01"]


def test_reset_gives_the_first_files_again(lab):
    lab.up(2)
    for host in ("web01", "db01"):
        lab.ssh(host, "rm -r etc; echo mine > note")
    lab.herder("reset", "web01")
    assert lab.ssh("web01", "ls; cat etc/hostname").stdout.splitlines()[-1] == "web01"
    assert lab.ssh("db01", "cat note").stdout == "mine\n"


def test_a_killed_lab_starts_again_and_leaves_nothing(lab):
    lab.up(2)
    key = (lab.state / "known_hosts").read_text()
    lab.ssh("web01", "echo kept > note; setsid sleep 1000 </dev/null >/dev/null 2>&1 &")
    with subprocess.Popen(["ssh", "-F", lab.state / "ssh_config", "web01", "exec sleep 1000"], stderr=subprocess.DEVNULL) as client:
        assert eventually(lambda: len(processes_of(lab.state)) == 3)
        os.kill(lab.pid(), signal.SIGKILL)
        assert client.wait(20) == 255
    assert eventually(lambda: lab.pid() == 0)
    assert all(host["state"] == "stopped" for host in lab.listing()["hosts"])
    assert lab.herder("mend", "all", check=False).returncode == 1  # says that no lab is running
    lab.up(2)
    assert lab.ssh("web01", "cat note").stdout == "kept\n"
    assert (lab.state / "known_hosts").read_text() == key
    assert processes_of(lab.state) == [lab.pid()]


def test_down_ends_what_hosts_run(lab):
    lab.up(1)
    lab.ssh("web01", "setsid sleep 1000 </dev/null >/dev/null 2>&1 &")
    assert eventually(lambda: len(processes_of(lab.state)) == 2)
    lab.herder("down")
    assert processes_of(lab.state) == []
    assert not (lab.state / "control").exists()
    assert "not running" in lab.herder("down").stderr


def test_a_stopped_process_is_ended_all_the_same(lab):
    lab.up(1)
    os.kill(lab.pid_of_lock(), signal.SIGSTOP)
    lab.herder("down")


def test_mistakes_are_explained(lab, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "precious").write_text("data")
    done = subprocess.run([HERDER, "lab", "up", "2", "--state", other], capture_output=True, text=True)
    assert done.returncode == 1 and "not a lab" in done.stderr
    assert subprocess.run([HERDER, "lab", "down", "--purge", "--state", other], capture_output=True).returncode == 1
    assert (other / "precious").exists()
    lab.up(3)
    assert "did you mean 'web01'" in lab.herder("break", "wbe01", "--hang", check=False).stderr
    assert lab.herder("break", "web01", check=False).returncode == 5
    assert "cannot be combined" in lab.herder("break", "web01", "--hang", "--refuse", check=False).stderr
    assert lab.herder("up", "2001", check=False).returncode == 5
    with Lab(tmp_path / "second") as second:
        taken = second.herder("up", "1", "--port", str(lab.listing()["port"]), check=False)
        assert taken.returncode == 1 and "--port" in taken.stderr
        second.up(1)
