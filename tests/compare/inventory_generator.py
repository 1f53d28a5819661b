"""Random inventories: INI, YAML, scripts, directories, host lists, with group_vars/ and host_vars/."""
import json
import os
import pathlib
import random

import yaml

LITERALS = ["1", "0", "007", "1_000", "-5", "1.5", "1e3", "True", "False", "None", "true", "yes", "abc", "a-b.c/d", "10.0.0.1", "1.2", "[1, 2]", "[1,'x',{}]", "{'a': 1}",
            "{'a': {'b': [1]}}", "(1, 2)", "'quoted'", '"double"', "'1'", "b'bytes'", "...", "0x1f", "12:30:00", "2020-01-01", "é", "ansible", "u'x'", "1 # c", "{{ x }}",
            "a=b", "a#b", "#", "", " ", "~", "null", "[unclosed", "{", "1,2", "99999999999999999999", "x y", "r'\\d'", "\\", "\\n", "None,", "'it''s'"]
GROUPS = ["web", "db", "app", "prod", "stage", "eu_west", "g1", "g2", "g3", "rack-1", "a", "b", "c", "zz"]
HOSTS = ["h1", "h2", "h3", "web1", "web2", "db1.example.com", "10.0.0.1", "10.0.0.2", "n[1:3]", "n[01:03]", "m[a:c]", "x[1:2]y[a:b]", "k[0:6:2].lan", "host_1", "é1", "2001:db8::1",
         "alpha", "beta"]
VARS = ["x", "y", "z", "ansible_host", "ansible_user", "common", "deep", "list_var"]
VALUES = [1, 0, -3, 2.5, True, False, None, "text", "10.0.0.1", "yes", "0644", [], {}, [1, "a"], {"k": 1}, {"k": {"n": [1, 2]}}, {"k": {"m": 3}, "l": 2}, "{{ z }}", "multi\nline", "é",
          123456789012345678901234567890, 1e100, "2020-01-01", ""]


class Generator:
    def __init__(self, seed, root):
        self.random = random.Random(seed)
        self.root = pathlib.Path(root)

    def pick(self, choices):
        return self.random.choice(choices)

    def chance(self, probability):
        return self.random.random() < probability

    def quoted(self, value):
        """One word of a host line."""
        style = self.pick(["plain", "plain", "single", "double", "escaped"])
        if style == "single" and "'" not in value:
            return f"'{value}'"
        if style == "double":
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if style == "escaped":
            return "".join("\\" + c if c in "'\"\\# \t" else c for c in value)
        return value

    def host_line(self):
        host = self.pick(HOSTS)
        if self.chance(0.15) and ":" not in host:
            host = host + ":" + self.pick(["22", "2222", "65535", "0"])
        elif self.chance(0.3) and host.startswith("2001"):
            host = f"[{host}]:22"
        words = [host]
        for _ in range(self.pick([0, 0, 1, 1, 2, 3])):
            words.append(f"{self.pick(VARS)}={self.quoted(self.pick(LITERALS))}")
        line = self.pick([" ", "  ", "\t"]).join(words)
        if self.chance(0.1):
            line += self.pick(["  # comment", " #", "\t# 'quote"])
        return self.pick(["", "", "", "  "]) + line

    def ini(self):
        lines = [self.host_line() for _ in range(self.pick([0, 0, 1, 2]))]
        groups = self.random.sample(GROUPS, self.random.randint(1, 6))
        for group in groups:
            lines.append(self.pick([f"[{group}]", f"[{group}]", f"[{group}]  # note", f"[{group}:hosts]"]))
            lines += [self.host_line() for _ in range(self.random.randint(0, 4))]
            if self.chance(0.1):
                lines.append(self.pick(["", "# comment", "; comment", "   "]))
        for group in self.random.sample(groups + ["all", "ungrouped"], self.random.randint(0, 3)):
            if group == "ungrouped" and self.chance(0.5):
                continue
            lines.append(f"[{group}:vars]")
            for _ in range(self.random.randint(0, 3)):
                lines.append(f"{self.pick(VARS)}{self.pick(['=', ' = ', '= '])}{self.pick(LITERALS)}")
            if self.chance(0.15):
                lines.append(f"ansible_group_priority={self.pick(['0', '2', '10', '-1', chr(34) + '3' + chr(34)])}")
        parents = self.random.sample(GROUPS, self.random.randint(0, 4))
        for number, parent in enumerate(parents):
            lines.append(f"[{parent}:children]")
            for _ in range(self.random.randint(0, 3)):
                # Mostly downwards in one order, so that cycles are rare.
                child = self.pick(groups)
                if GROUPS.index(child) > GROUPS.index(parent) or self.chance(0.03):
                    lines.append(child)
        if self.chance(0.08):
            lines.insert(self.random.randint(0, len(lines)), self.pick([
                "[bad group]", "[x:unknown]", "web1 oops", "h1 x='open", "n[1:]", "n[03:5]", "q[5:1]", "q[b:a]", "name:", "[nosuch:vars]", "[p:children]\nnosuch",
                "q[1:9:0]", "w[1:2", "---", "tail\\", "[a", "h1 =5", "[web]]", "web[]"]))
        return "\n".join(lines) + self.pick(["\n", "", "\r\n"])

    def value(self):
        return self.pick(VALUES)

    def variables(self, most=3):
        return {self.pick(VARS): self.value() for _ in range(self.random.randint(0, most))}

    def yaml_group(self, depth=0, floor=0):
        group = {}
        if self.chance(0.7):
            hosts = {}
            for _ in range(self.random.randint(0, 3)):
                hosts[self.pick(HOSTS)] = self.pick([None, None, {}, self.variables()])
            group["hosts"] = self.pick([hosts, hosts, hosts, "lonely"]) or None
        if self.chance(0.4):
            group["vars"] = self.variables()
            if self.chance(0.2):
                group["vars"]["ansible_group_priority"] = self.pick([2, "5", 0, True])
        if depth < 3 and self.chance(0.5):
            children = {}
            for _ in range(self.random.randint(0, 3)):
                at = self.random.randint(floor, len(GROUPS) - 1)
                children[GROUPS[at]] = self.yaml_group(depth + 1, min(at + 1, len(GROUPS) - 1))
            group["children"] = children
        if self.chance(0.05):
            group[self.pick(["host", "childs", "other"])] = self.pick([None, {}, "text", [1]])
        return group or None

    def yaml(self):
        data = {}
        if self.chance(0.6):
            data["all"] = self.yaml_group()
        for _ in range(self.random.randint(0 if data else 1, 3)):
            at = self.random.randint(0, len(GROUPS) - 1)
            data[GROUPS[at]] = self.yaml_group(0, min(at + 1, len(GROUPS) - 1))
        if self.chance(0.06):
            self.pick([lambda: data.update({5: {}}), lambda: data.update(web={"hosts": ["a"]}), lambda: data.update(web={"hosts": {3: None}}), lambda: data.update(web="text"),
                       lambda: data.update(web={"hosts": {"a": "text"}}), lambda: data.update(web={"vars": {"ansible_group_priority": "x"}}),
                       lambda: data.update(web={"hosts": {"n[1:]": None}}), lambda: data.update(b={"children": {"a": {"children": {"b": None}}}})])()
        return self.pick([lambda: yaml.safe_dump(data, allow_unicode=True), lambda: yaml.safe_dump(data, default_flow_style=True, sort_keys=False), lambda: json.dumps(data, indent=1)
                          if all(isinstance(key, str) for key in data) else yaml.safe_dump(data)])()

    def script(self):
        data, hosts = {}, set()
        simple = [host for host in HOSTS if "[" not in host]
        for group in self.random.sample(GROUPS + ["all", "ungrouped"], self.random.randint(1, 5)):
            members = self.random.sample(simple, self.random.randint(0, 4))
            hosts.update(members)
            entry = {"hosts": members}
            if self.chance(0.4):
                entry["vars"] = self.variables()
            if self.chance(0.4) and group in GROUPS:
                entry["children"] = [name for name in self.random.sample(GROUPS, 2) if GROUPS.index(name) > GROUPS.index(group)]
            data[group] = self.pick([entry, entry, entry, members, {"vars": {"v": 1}}])
        if self.chance(0.05):
            data["web"] = self.pick([{}, {"loose": "{{ x }}"}, {"hosts": "text"}, {"hosts": [1]}, {"vars": []}, "text"])
        hostvars = {host: self.variables() for host in sorted(hosts) if self.chance(0.7)}
        if self.chance(0.3):
            hostvars["unlisted"] = {"x": 1}
        if self.chance(0.2):
            hostvars.setdefault("h1", {})["unsafe"] = {"__ansible_unsafe": "{{ evil }}"}
        if self.chance(0.85):
            data["_meta"] = self.pick([{"hostvars": hostvars}] * 9 + [{}])
            answer = "{}"
        else:
            answer = json.dumps(self.variables())
        return f"#!/bin/sh\nif [ \"$1\" = --list ]; then cat <<'END'\n{json.dumps(data)}\nEND\nelse cat <<'END'\n{answer}\nEND\nfi\n"

    def vars_dirs(self, directory):
        """group_vars/ and host_vars/ in `directory`."""
        simple = [host for host in HOSTS if "[" not in host and ":" not in host] + ["n1", "n01", "ma"]
        for kind, names in (("group_vars", GROUPS + ["all", "ungrouped"]), ("host_vars", simple)):
            if self.chance(0.4):
                continue
            for name in self.random.sample(names, self.random.randint(1, 5)):
                for extension in self.random.sample(["", ".yml", ".yaml", ".json", ".txt"], self.pick([1, 1, 1, 2])):
                    path = directory / kind / (name + extension)
                    if path.exists():
                        continue
                    if self.chance(0.25):
                        for inner in self.random.sample(["main.yml", "a.yaml", "b", ".hidden.yml", "c.yml~", "z.json", "sub/deep.yml", "sub.d/no.yml", "skip.txt"], self.random.randint(0, 4)):
                            self.write(path / inner, self.vars_text(inner))
                        path.mkdir(parents=True, exist_ok=True)
                    else:
                        self.write(path, self.vars_text(name + extension))

    def vars_text(self, name):
        data = self.variables(4)
        if name.endswith(".json"):
            return json.dumps(data)
        return self.pick(["", "---\n", "# only a comment\n"]) if self.chance(0.15) else yaml.safe_dump(data, allow_unicode=True)

    def write(self, path, text, mode=0o644):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def source(self, directory, depth=0):
        """Writes one source into `directory` and returns its path (or host list)."""
        kind = self.pick(["ini", "ini", "ini", "yaml", "yaml", "script", "list"] + (["directory"] if depth == 0 else []))
        number = self.random.randint(1, 99)
        if kind == "ini":
            path = directory / f"{number:02}-hosts{self.pick(['.ini', '', '.inv', '.local'])}"
            self.write(path, self.ini())
        elif kind == "yaml":
            path = directory / f"{number:02}-hosts{self.pick(['.yml', '.yaml', '.json', ''])}"
            self.write(path, self.yaml())
        elif kind == "script":
            path = directory / f"{number:02}-script{self.pick(['', '.sh', '.py'])}"
            self.write(path, self.script(), 0o755)
        elif kind == "list":
            return self.pick(["h1,", "h1,h2", "web1:22, db1.example.com ,", "[::1]:22,10.0.0.9", "localhost,", "h1,h1,zz9", "é1,x y"])
        else:
            path = directory / f"{number:02}-dir"
            path.mkdir(parents=True, exist_ok=True)
            for _ in range(self.random.randint(0, 4)):
                self.source(path, depth + 1)
            self.vars_dirs(path)
            for name in self.random.sample([".hidden", "notes.txt", "old.bak", "x.retry", "ansible.cfg", "README.md"], 2):
                self.write(path / name, "nonsense [ here\n")
        return str(path)

    def case(self, number):
        """A request for both sides."""
        base = self.root / f"case{number}"
        base.mkdir()
        sources = []
        for at in range(self.pick([1, 1, 1, 2, 3])):
            directory = base / f"inv{at if self.chance(0.6) else 0}"
            directory.mkdir(exist_ok=True)
            sources.append(self.source(directory))
        for directory in list(base.iterdir()):
            self.vars_dirs(directory)
        case = {"sources": sources, "merge": self.chance(0.2)}
        if self.chance(0.4):
            playbook = base / "play"
            playbook.mkdir()
            self.vars_dirs(playbook)
            case["playbook_dir"] = str(playbook)
        if self.chance(0.25):
            case["export"] = True
        return case


def environment(root):
    """Runs both sides where no group_vars/ of this repository is seen."""
    os.chdir(root)
