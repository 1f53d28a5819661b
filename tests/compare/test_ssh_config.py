"""ssh_config as `ssh -G` of the installed OpenSSH reads it."""
import os
import random
import re
import subprocess

import pytest
from probe import Refused, ask

CASES = int(os.environ.get("HERDER_CASES", "3000")) // 5
SEED = int(os.environ.get("HERDER_SEED", "0")) or random.randrange(1, 2**31)

#: What is compared. Algorithm lists have a test of their own.
KEYS = ["hostname", "port", "user", "identityfile", "certificatefile", "identitiesonly", "identityagent", "proxyjump", "proxycommand",
        "userknownhostsfile", "globalknownhostsfile", "hostkeyalias", "stricthostkeychecking", "hashknownhosts",
        "nohostauthenticationforlocalhost", "connecttimeout", "serveraliveinterval", "serveralivecountmax", "preferredauthentications",
        "passwordauthentication", "kbdinteractiveauthentication", "pubkeyauthentication", "sendenv", "setenv", "compression", "batchmode",
        "addressfamily", "canonicalizehostname", "gssapiauthentication", "hostbasedauthentication", "pkcs11provider", "tunnel",
        "verifyhostkeydns", "bindaddress", "forwardagent", "permitlocalcommand", "revokedhostkeys"]

SAME = {"true": "yes", "false": "no", "off": "no", "none": "-1", "point-to-point": "yes"}


def plain(key, words):
    if key in ("connecttimeout", "serveraliveinterval", "stricthostkeychecking", "canonicalizehostname", "tunnel", "verifyhostkeydns",
               "pubkeyauthentication") or [word.lower() for word in words] in (["true"], ["false"], ["yes"], ["no"]):
        return [SAME.get(word.lower(), word.lower()) for word in words]
    if key == "sendenv":  # a second pass over the files names them again
        return list(dict.fromkeys(words))
    if key == "proxyjump":
        return [word.replace("ssh://", "") for word in words]
    if key in ("addressfamily", "compression", "batchmode"):
        return [word.lower() for word in words]
    return words


def ssh(path, host, options):
    argv = ["ssh", "-G", "-F", str(path)] + [word for option in options for word in ("-o", option)] + ["--", host]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    if done.returncode != 0:
        return None, done.stderr.decode(errors="replace")
    found = {}
    for line in done.stdout.decode(errors="replace").splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value)
    return found, ""


def expected_of(found):
    """ssh's answer in the probe's form: some lists are one line there."""
    out = {}
    for key in KEYS:
        words = found.get(key, [])
        if key in ("userknownhostsfile", "globalknownhostsfile"):
            words = words[0].split()
        out[key] = plain(key, words)
    return out


def compare(path, host, options, defaults):
    """A description of the difference, or None."""
    found, complaint = ssh(path, host, options)
    answer = ask([{"op": "ssh_config", "file": str(path), "host": host, "options": options}], "ssh_config_probe")[0]
    if found is None or isinstance(answer, Refused):
        if (found is None) != isinstance(answer, Refused):
            return f"ssh says {complaint!r}, herder says {answer!r} {getattr(answer, 'answer', '')}"
        line = re.search(r"line (\d+)", complaint)
        if line and answer.answer["line"] not in (0, int(line[1])):
            return f"ssh blames {complaint!r}, herder line {answer.answer}"
        return None
    wanted = expected_of(found)
    for key in KEYS:
        ours = plain(key, answer.get(key) or defaults[key])
        if key == "proxycommand" and answer.get("proxycommand") == ["none"]:
            ours = []
        if key == "proxyjump" and answer.get("proxyjump") == ["none"]:
            ours = []
        if key == "serveraliveinterval" and "serveraliveinterval" not in answer and "yes" in plain("", answer.get("batchmode", [])):
            ours = ["300"]  # Debian's; herder has keepalives of its own
        if key == "serveraliveinterval" and ours == ["-1"]:
            ours = plain(key, ["300" if "yes" in plain("", answer.get("batchmode", [])) else "0"])
        if key.endswith("knownhostsfile"):
            ours = " ".join(ours).split()  # ssh prints names with blanks so
        if ours != wanted[key]:
            return f"{key}: ssh {wanted[key]}, herder {ours}"
    return None


@pytest.fixture(scope="module")
def defaults():
    return expected_of(ssh("/dev/null", "somewhere", [])[0]) | {"hostname": [], "userknownhostsfile": []}


HAND_WRITTEN = [
    ("first value wins", "Host a\n Port 1\nHost *\n Port 2\n User x\n", ["a", "b"], []),
    ("negation", "Host * !b !c*\n User x\nHost !a\n User y\n", ["a", "b", "c1"], []),
    ("case of Host", "Host WEB1\n User x\n", ["WEB1", "web1"], []),
    ("match host is folded", "Match host WEB1\n User x\n", ["WEB1", "web1"], []),
    ("hostname and match host", "Host a\n HostName %h.example.com\nMatch host *.example.com\n User x\nMatch originalhost a\n Port 4\n", ["a", "b"], []),
    ("percent", "HostName x%%y\n", ["a"], []),
    ("bad token", "HostName %p\n", ["a"], []),
    ("match all", "Match all\n User x\nMatch !all\n User y\n", ["a"], []),
    ("match final", "Host a\n HostName b\nMatch final host b\n User x\nMatch final all\n Port 7\nHost b\n HostName c\n", ["a", "b"], []),
    ("match canonical", "Match canonical\n User x\nMatch !canonical\n Port 7\n", ["a"], []),
    ("match user", "Match user root,x*\n Port 3\nUser xyz\nMatch user x?z\n Port 4\n Compression yes\n", ["a"], []),
    ("match localuser", "Match localuser !nobody,*\n Port 3\n", ["a"], []),
    ("match exec", "Match exec \"test %h = a\"\n Port 3\nMatch !exec \"test %n = a\"\n Port 4\nMatch exec false\n Port 5\n", ["a", "b"], []),
    ("match exec tokens", "Match exec \"test '%L.%l.%d.%i.%u.%r.%p.%k.%%' != x -a -n %C\"\n Port 3\n", ["a"], []),
    ("match exec %C", "User me\nMatch exec \"test %C = $(printf %%s \"$(hostname)a22me\" | sha1sum | cut -c-40)\"\n Port 3\n", ["a"], []),
    ("match equals", "Match host=a user=root\n Port 3\n", ["a"], []),
    ("match comment", "Match host a # or b\n Port 3\n", ["a", "b"], []),
    ("match without condition", "Match\n Port 3\n", ["a"], []),
    ("match empty", "Match   # nothing\n Port 3\n", ["a"], []),
    ("match bad", "Match host\n Port 3\n", ["a"], []),
    ("match bad attribute", "Match hots a\n Port 3\n", ["a"], []),
    ("match all and more", "Match all host a\n Port 3\n", ["a"], []),
    ("match host then all", "Match host a all\n Port 3\n", ["a", "b"], []),
    ("match two then all", "Match host a user root all\n Port 3\n", ["a"], []),
    ("equals and quotes", "Port=1\nUser = \"a b\"\nIdentityFile \"~/a b\"\nIdentityFile='x y'\n", ["a"], []),
    ("escapes", "IdentityFile a\\ b\nIdentityFile \"c\\\"d\"\nIdentityFile e\\nf\n", ["a"], []),
    ("quotes in the middle", "IdentityFile a\"b c\"d\n", ["a"], []),
    ("open quote", "Port 1\nUser \"a b\n", ["a"], []),
    ("comments", "# one\n  # two\nUser x # three\n\n\t\n", ["a"], []),
    ("two arguments", "User a b\n", ["a"], []),
    ("no argument", "Port 1\nUser\n", ["a"], []),
    ("unknown", "Port 1\nFoo bar\n", ["a"], []),
    ("unknown in a section for others", "Host b\n Foo bar\n", ["a"], []),
    ("ignore unknown", "IgnoreUnknown f*,BAR\nFoo bar\nbAr x\n", ["a"], []),
    ("bad values", "Port 70000\n", ["a"], []),
    ("bad flag", "Compression perhaps\n", ["a"], []),
    ("bad time", "ConnectTimeout 1x\n", ["a"], []),
    ("times", "ConnectTimeout 1h2m3s\nServerAliveInterval 1W\nServerAliveCountMax 9\n", ["a"], []),
    ("time none", "ConnectTimeout none\nServerAliveInterval none\n", ["a"], []),
    ("deprecated", "Protocol 2\nUseRoaming no\nRhostsRSAAuthentication no\n", ["a"], []),
    ("aliases", "ChallengeResponseAuthentication no\nDSAAuthentication no\nPubkeyAcceptedKeyTypes ssh-rsa\n", ["a"], []),
    ("proxy jump first", "ProxyJump u@b:22,c\nProxyCommand x\n", ["a"], []),
    ("proxy command first", "ProxyCommand  =  nc -X \"connect\" %h %p # not a comment\nProxyJump b\n", ["a"], []),
    ("proxy none", "Host a\n ProxyJump none\nHost *\n ProxyJump b\n", ["a", "c"], []),
    ("proxy command none", "Host a\n ProxyCommand none\nHost *\n ProxyCommand x\n", ["a"], []),
    ("bad jump", "ProxyJump b:99999\n", ["a"], []),
    ("jump in an inactive section", "Host b\n ProxyJump @b\n", ["a"], []),
    ("known hosts", "UserKnownHostsFile ~/a /b \"/c d\"\nUserKnownHostsFile /e\nGlobalKnownHostsFile /f ~/g\n", ["a"], []),
    ("known hosts tokens", "UserKnownHostsFile %d/%u/%h/%n/%p/%r/%i/%k/%l/%L/%C ${HOME}/x\nHostKeyAlias Ab\nUser q\nPort 8\n", ["A"], []),
    ("known hosts none", "UserKnownHostsFile none\n", ["a"], []),
    ("known hosts none with others", "UserKnownHostsFile /a none\n", ["a"], []),
    ("known hosts without variable", "UserKnownHostsFile ${HERDER_NOT_THERE}/x\n", ["a"], []),
    ("environment", "SendEnv A B*\nSendEnv C\nSendEnv -B* C\nSetEnv X=1 Y=\"a b\" X=2\nSetEnv Z=3\n", ["a"], []),
    ("bad environment", "SendEnv A=1\n", ["a"], []),
    ("bad assignment", "SetEnv A\n", ["a"], []),
    ("strict", "Host a\n StrictHostKeyChecking accept-new\nHost b\n StrictHostKeyChecking off\nHost c\n StrictHostKeyChecking YES\n", ["a", "b", "c"], []),
    ("identity files", "IdentityFile ~/.ssh/a\nIdentityFile ~/.ssh/a\nIdentityFile %d/b\nCertificateFile c\nIdentitiesOnly yes\nIdentityAgent none\n", ["a"], []),
    ("options first", "User x\nIdentityFile a\n", ["a"], ["User=y", "IdentityFile b", "Port 5", "SetEnv=A=1"]),
    ("option with blanks", "Port 9\n", ["a"], ["  Port  =  5 "]),
    ("bad option", "Port 9\n", ["a"], ["Prot=5"]),
    ("host as option", "Port 9\n", ["a"], ["Host a"]),
    ("numeric addresses", "Host 127.1\n User x\nHost 10.*\n User y\n", ["127.1", "10.0.0.1", "::0:1", "1"], []),
    ("upper case", "HostName %h.Example.COM\n", ["Web1"], []),
    ("final and numeric", "Host a\n HostName 127.1\nMatch final host 127.0.0.1\n User x\n", ["a"], []),
    ("form feed and carriage return", "Host a\r\n Port 2\r\nUser x\f\r\n", ["a"], []),
    ("batch mode", "BatchMode yes\n", ["a"], []),
    ("keyword in quotes", "\"Port\" 5\n", ["a"], []),
    ("empty pattern", "Host \"\"\n Port 1\n", ["a"], []),
    ("forbidden host", "Port 1\n", ["a;b", "$(x)", "a b"], []),
    ("last line without end", "Port 3\nHost a\n User x", ["a"], []),
    ("nothing", "", ["a"], []),
]


@pytest.mark.parametrize("name, text, hosts, options", HAND_WRITTEN, ids=[case[0] for case in HAND_WRITTEN])
def test_hand_written(tmp_path, defaults, name, text, hosts, options):
    path = tmp_path / "config"
    path.write_bytes(text.encode())
    for host in hosts:
        assert compare(path, host, options, defaults) is None, (name, host)


def test_includes(tmp_path, defaults):
    (tmp_path / "a.conf").write_text("User inc\nHost b\n Port 5\n")
    (tmp_path / "b.conf").write_text("Match host b\n User second\nHost *\n IdentityFile last\n")
    (tmp_path / "bad.conf").write_text("Port 1\nNonsense 2\n")
    (tmp_path / "self.conf").write_text(f"Include {tmp_path}/self.conf\n")
    cases = [f"Include {tmp_path}/a.conf\nPort 1\n", f"Host a\n Include {tmp_path}/?.conf\n Compression yes\nHost *\n User late\n",
             f"Host c\n Include {tmp_path}/*.none\n Port 9\n", f"Include {tmp_path}/bad.conf\n", f"Include {tmp_path}/self.conf\n",
             f"Host b\n Include {tmp_path}/a.conf {tmp_path}/b.conf\n Port 9\nInclude {tmp_path}/b.conf\n", "Include\n", "Include \"\"\n",
             f"Match host b\n Include {tmp_path}/b.conf\n Port 9\nMatch host a\n Include {tmp_path}/a.conf\n Port 10\n"]
    path = tmp_path / "config"
    for text in cases:
        path.write_text(text)
        for host in ("a", "b", "c"):
            assert compare(path, host, [], defaults) is None, (text, host)


HOSTS = ["a", "b", "web1", "web2.example.com", "db1", "DB2", "10.0.0.7", "x-y"]


def pattern(rng):
    base = rng.choice(HOSTS + ["*", "web*", "*.example.com", "?", "10.0.*", "db?", "*1*"])
    return ("!" if rng.random() < 0.15 else "") + base


def value(rng, choices):
    word = rng.choice(choices)
    if rng.random() < 0.1:
        word = f'"{word}"'
    return word


def directive(rng):
    bad = rng.random() < 0.01
    key, choices = rng.choice([
        ("HostName", ["real.example.com", "%h.lan", "10.0.0.9", "Up.Case", "x%%y"]), ("Port", ["22", "2222", "8022"] + ["0", "x"] * bad),
        ("User", ["root", "deploy", "ansible", "a.b"]), ("IdentityFile", ["~/.ssh/one", "%d/two", "/three", "~/.ssh/%h", "none"]),
        ("CertificateFile", ["~/c1", "c2"]), ("IdentitiesOnly", ["yes", "no", "TRUE"]), ("IdentityAgent", ["none", "SSH_AUTH_SOCK", "~/agent.sock"]),
        ("ProxyJump", ["bastion", "u@b:2200", "j1,u@j2:22", "none", "ssh://u@h:1"]), ("ProxyCommand", ["none", "nc %h %p", "ssh -W %h:%p \"q\""]),
        ("UserKnownHostsFile", ["~/.ssh/kh", "/dev/null", "none", "~/%h /x"]), ("GlobalKnownHostsFile", ["/etc/kh", "/a /b"]),
        ("HostKeyAlias", ["alias1", "Alias2"]), ("StrictHostKeyChecking", ["yes", "no", "ask", "accept-new", "off"] + ["maybe"] * bad),
        ("ConnectTimeout", ["5", "1m", "none"] + ["x"] * bad), ("ServerAliveInterval", ["15", "2m"]), ("ServerAliveCountMax", ["2", "5"]),
        ("PreferredAuthentications", ["publickey", "password,publickey"]), ("PasswordAuthentication", ["yes", "no"]),
        ("SendEnv", ["LANG LC_*", "A", "-A", "-LC_*"]), ("SetEnv", ["A=1", "B=2 C=3"]), ("Compression", ["yes", "no"]), ("BatchMode", ["yes", "no"]),
        ("LogLevel", ["QUIET", "DEBUG3"]), ("ControlMaster", ["auto", "no"]), ("ForwardAgent", ["yes", "no"]), ("AddressFamily", ["inet", "any"]),
        ("CanonicalizeHostname", ["no", "NO"]), ("TCPKeepAlive", ["yes"]), ("Tunnel", ["no", "yes", "ethernet"]),
        ("GSSAPIAuthentication", ["yes", "no"]), ("AddKeysToAgent", ["yes", "confirm"]), ("HashKnownHosts", ["yes", "no"]), ("Bogus", ["x"]) if bad else ("Port", ["1"]),
    ])
    word = rng.choice(choices) if " " in "".join(choices) or key in ("ProxyCommand", "ProxyJump") else value(rng, choices)
    if rng.random() < 0.3:
        key = rng.choice([key.lower(), key.upper()])
    comment = rng.choice(["", "", "", "  # said so"]) if key.lower() not in ("proxycommand", "proxyjump") else ""
    return f"{rng.choice(['', '  ', chr(9)])}{key}{rng.choice([' ', '  ', '=', ' = ', chr(9)])}{word}{comment}{rng.choice(['', '', ' '])}"


def condition(rng):
    words = []
    for _ in range(rng.choice([1, 1, 2])):
        kind = rng.choice(["host", "originalhost", "user", "localuser", "exec", "final", "canonical"])
        bang = "!" if rng.random() < 0.2 else ""
        if kind in ("final", "canonical"):
            words.append(bang + kind)
        elif kind == "exec":
            words.append(f'{bang}exec "{rng.choice(["true", "false", "test %h = a", "test %p = 22", "test %r != deploy"])}"')
        else:
            words.append(f"{bang}{kind} {','.join(pattern(rng) for _ in range(rng.choice([1, 2])))}")
    if rng.random() < 0.1:
        words = [rng.choice(["", "!"]) + "all"]
    return "Match " + " ".join(words)


def config(rng, directory, depth=0):
    lines = []
    for _ in range(rng.randrange(1, 8)):
        if rng.random() < 0.8 or lines:
            lines.append(condition(rng) if rng.random() < 0.35 else "Host " + " ".join(pattern(rng) for _ in range(rng.choice([1, 1, 2, 3]))))
        lines += [directive(rng) for _ in range(rng.randrange(5))]
        if depth < 2 and rng.random() < 0.15:
            name = directory / f"inc{rng.randrange(10**9)}.conf"
            name.write_text(config(rng, directory, depth + 1))
            lines.append(f"Include {name}")
    return "\n".join(lines) + "\n"


def test_generated(tmp_path, defaults):
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    accepted = 0
    for number in range(CASES):
        path = tmp_path / f"config{number}"
        path.write_text(config(rng, tmp_path))
        host = rng.choice(HOSTS)
        options = [directive(rng).strip().split("  #")[0] for _ in range(rng.choice([0, 0, 1, 2]))]
        difference = compare(path, host, options, defaults)
        assert difference is None, f"seed {SEED} case {number} host {host} options {options}: {difference}\n{path.read_text()}"
        accepted += ssh(path, host, options)[0] is not None if number < 50 else 0
    assert accepted > 20, "nearly all generated configurations are refused: the generator is wrong"


LIST_KEYS = {"KexAlgorithms": ("kex", "kexalgorithms"), "Ciphers": ("cipher", "ciphers"), "MACs": ("mac", "macs"),
             "PubkeyAcceptedAlgorithms": ("PubkeyAcceptedAlgorithms", "pubkeyacceptedalgorithms")}


def test_algorithm_lists(defaults):
    """The signs + - ^ over OpenSSH's own defaults."""
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    usual = ssh("/dev/null", "a", [])[0]
    for keyword, (query, key) in LIST_KEYS.items():
        able = subprocess.run(["ssh", "-Q", query], check=True, capture_output=True, text=True).stdout.split()
        for _ in range(max(10, CASES // 20)):
            names = rng.sample(able, rng.randrange(1, 4))
            wanted = rng.choice(["", "+", "-", "^"]) + ",".join(names)
            if wanted[0] == "-" and rng.random() < 0.5:
                wanted = "-" + rng.choice(["*sha1*", "aes*", "*etm*", "diffie*,curve*", "ssh-*"])
            found = ssh("/dev/null", "a", [f"{keyword}={wanted}"])[0]
            if found is None:
                continue  # ssh refuses names that it cannot do here
            ours = ask([{"op": "algorithms", "wanted": wanted, "defaults": usual[key][0], "supported": ",".join(able)}], "ssh_config_probe")[0]
            assert ours == found[key][0], (keyword, wanted)
