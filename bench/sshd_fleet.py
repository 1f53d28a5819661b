"""One real OpenSSH sshd that answers for many loopback addresses, for benchmarks and tests: `with SshdFleet(200) as fleet`.

Host i has the address 127.3.a.b. Everything is below one temporary directory; the server refuses clients from elsewhere and is
stopped by pid. Server CPU is exact: a finished connection's time is in the listener's children (/proc/PID/stat)."""

import ctypes
import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

LISTEN_BACKLOG = 4096


def find(name):
    path = shutil.which(name, path="/usr/sbin:/sbin:" + os.environ["PATH"])
    if not path:
        raise SystemExit(f"{name} is missing (Debian: apt-get install openssh-server)")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def address(i):
    return f"127.3.{i // 250}.{i % 250 + 1}"


class SshdFleet:
    def __init__(self, hosts, directory=None):
        self.count = hosts
        self.own = directory is None
        self.dir = pathlib.Path(directory or tempfile.mkdtemp(prefix="herder-sshd-"))
        self.port = free_port()
        self.addresses = [address(i) for i in range(hosts)]
        self.pid = 0

    def __enter__(self):
        self.dir.mkdir(parents=True, exist_ok=True)
        (self.dir / "home").mkdir(exist_ok=True)
        for name in ("id_ed25519", "host_ed25519"):
            if not (self.dir / name).exists():
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", self.dir / name], check=True)
        shutil.copy(self.dir / "id_ed25519.pub", self.dir / "authorized_keys")
        self._write_server()
        self._write_clients()
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        env = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG")}
        subprocess.run([find("sshd"), "-f", self.dir / "sshd_config", "-E", self.dir / "sshd.log"], check=True, env=env)
        for _ in range(500):
            try:
                self.pid = int((self.dir / "sshd.pid").read_text())
                break
            except (OSError, ValueError):
                time.sleep(0.01)
        self._widen_backlog()
        return self

    def __exit__(self, *_):
        if self.pid:
            os.kill(self.pid, signal.SIGTERM)
            for pid in self._children():
                try:
                    os.kill(pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass
        for _ in range(500):
            if not os.path.exists(f"/proc/{self.pid}"):
                break
            time.sleep(0.01)
        if self.own:
            shutil.rmtree(self.dir, ignore_errors=True)

    def cpu_seconds(self):
        """CPU of the listener, of connections that are open, and of all that have ended."""
        ticks = 0
        for pid in self._descendants():
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(int(fields[i]) for i in (11, 12, 13, 14))
        return ticks / os.sysconf("SC_CLK_TCK")

    def wait_idle(self, seconds=30):
        """Until all connections have ended, so that their CPU is counted."""
        end = time.monotonic() + seconds
        while self._children() and time.monotonic() < end:
            time.sleep(0.02)

    def _children(self):
        return [pid for pid in self._descendants() if pid != self.pid]

    def _descendants(self):
        parents = {}
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    parents.setdefault(parent, []).append(int(entry.name))
                except (OSError, IndexError):
                    continue
        todo, out = [self.pid], []
        while todo:
            one = todo.pop()
            out.append(one)
            todo += parents.get(one, [])
        return out

    def _write_server(self):
        user = getpass.getuser()
        (self.dir / "sshd_config").write_text(f"""Port {self.port}
ListenAddress 0.0.0.0
AllowUsers {user}@127.0.0.0/8
HostKey {self.dir}/host_ed25519
AuthorizedKeysFile {self.dir}/authorized_keys
PidFile {self.dir}/sshd.pid
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
StrictModes no
PrintMotd no
PrintLastLog no
MaxStartups 20000:100:20000
MaxSessions 1000
LoginGraceTime 300
LogLevel ERROR
SetEnv HOME={self.dir}/home
Subsystem sftp internal-sftp
""")

    def _write_clients(self):
        user, key = getpass.getuser(), self.dir / "id_ed25519"
        host_key = " ".join((self.dir / "host_ed25519.pub").read_text().split()[:2])
        (self.dir / "known_hosts").write_text(f"[127.3.*]:{self.port} {host_key}\n")
        (self.dir / "known_hosts.full").write_text("".join(f"[{a}]:{self.port} {host_key}\n" for a in self.addresses))
        (self.dir / "hosts.txt").write_text("".join(a + "\n" for a in self.addresses))
        (self.dir / "ssh_config").write_text(f"""Host 127.3.*
    Port {self.port}
    User {user}
    IdentityFile {key}
    IdentitiesOnly yes
    UserKnownHostsFile {self.dir}/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    PreferredAuthentications publickey
    KexAlgorithms curve25519-sha256
    LogLevel ERROR
""")
        lines = ["[web]"] + [f"web{i:04d} ansible_host={a}" for i, a in enumerate(self.addresses)]
        lines += ["", "[all:vars]", f"ansible_user={user}", f"ansible_port={self.port}", f"ansible_ssh_private_key_file={key}",
                  "ansible_python_interpreter=/usr/bin/python3",
                  f"ansible_ssh_common_args='-F none -o UserKnownHostsFile={self.dir}/known_hosts -o StrictHostKeyChecking=yes "
                  "-o KexAlgorithms=curve25519-sha256'", ""]
        (self.dir / "hosts.ini").write_text("\n".join(lines))

    def _widen_backlog(self):
        """sshd listens with a backlog of 128; real hosts do not share one queue. Needs pidfd_getfd (root)."""
        libc = ctypes.CDLL(None, use_errno=True)
        try:
            pidfd = os.pidfd_open(self.pid)
        except (AttributeError, OSError):
            return
        for number in range(3, 12):
            got = libc.syscall(438, pidfd, number, 0)
            if got < 0:
                continue
            try:
                with socket.socket(fileno=got) as copy:
                    if copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                        copy.listen(LISTEN_BACKLOG)
            except OSError:  # not a socket
                os.close(got)
        os.close(pidfd)
