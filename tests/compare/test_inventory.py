"""Inventories, compared with ansible-core: lists, graphs, hosts and patterns of generated and of hand-written inventories.

Ansible runs in this process (ansible_peer.py); the generator is inventory_generator.py. A failing case prints its seed and keeps its
files; HERDER_SEED repeats it, HERDER_CASES sets how many are tried.
"""
import difflib
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile

import pytest
from ansible_peer import EMPTY, Peer
from inventory_generator import Generator
from probe import CASES, Refused, ask

SEED = os.environ.get("HERDER_SEED", str(random.SystemRandom().randrange(10**9)))
HAND_WRITTEN = pathlib.Path(__file__).resolve().parents[1] / "cases" / "inventory"
PATTERNS = ["all", "*", "web", "db*", "h1", "h?", "~h[12]", "~^w", "web:db", "web,db", "web:&prod", "all:!web", "!web", "&prod", "web:!h1", "h1:h2:h3", "*.com", "n1:n2",
            "a:b:c", "localhost", "2001:db8::1", "10.0.0.*", "10.0.0.1", "ungrouped", "all:!ungrouped", "web[0]", "web[-1]", "db[0:1]", "h*[0]", "h*[1:]", "app[0:0]", "h[!1]",
            "~.*\\.example\\..*", "nosuch", "nosuch:web", "[a-m]*", "all[0]", "web[99]", "web[0-1]", "é1", "x y", "m[ab]", "h1[0]", "web:22", "~(a|b).*:!web", "é*", "?1", "~[",
            "web:&db:!prod", "all,!web", " web , db ", "g[12]", "n[1:3]", "h[]1]", "h[1", "[", "~", "web[1:", "*[0:2]"]
#: Patterns that take hosts by position. Where groups nest, Ansible's order is that of addresses in memory: only the count is compared.
BY_POSITION = [pattern for pattern in PATTERNS if pattern.endswith("]") and pattern not in ("h[!1]", "[a-m]*", "m[ab]", "g[12]", "h[]1]")]


def peer_of(case, **more):
    return Peer(case["sources"], case.get("playbook_dir", ""), case.get("export", False), merge=case["merge"], **more)


def without_wrappers(text):
    """The list as a value, without the mark for texts that are no templates."""
    return json.loads(text, object_hook=lambda found: found.get("__ansible_unsafe", found))


def difference(theirs, ours):
    if not isinstance(theirs, str) or not isinstance(ours, str):
        return f"ansible: {theirs!r}\nherder:  {ours.answer['text'] if isinstance(ours, Refused) else ours!r}"
    return "\n".join(difflib.unified_diff(theirs.splitlines(), ours.splitlines(), "ansible", "herder", lineterm=""))


class Comparison:
    """Collects what differs."""

    def __init__(self):
        self.compared = 0
        self.different = []

    def add(self, what, theirs, ours):
        self.compared += 1
        if theirs != ours:
            self.different.append(f"{what}\n{difference(theirs, ours)}")

    def report(self):
        print(f"{self.compared} compared, HERDER_SEED={SEED}")
        assert not self.different, f"HERDER_SEED={SEED}: {len(self.different)} of {self.compared} differ\n\n" + "\n\n".join(self.different[:3])


@pytest.fixture
def scratch():
    made = pathlib.Path(tempfile.mkdtemp(prefix="herder-compare-"))
    yield made
    shutil.rmtree(made)


def generated(count, root, salt):
    return [Generator(f"{SEED}-{salt}-{number}", root).case(number) for number in range(count)]


def test_lists_of_generated_inventories_are_equal_byte_for_byte(scratch):
    cases = generated(max(CASES // 5, 1), scratch, "list")
    answers = ask([{"op": "list", **case} for case in cases], "inventory_probe")
    comparison = Comparison()
    refused = 0
    for case, ours in zip(cases, answers):
        try:
            theirs = peer_of(case).list_text()
        except Exception as failure:  # whatever Ansible raises: herder must refuse too
            refused += 1
            comparison.add(f"{case}: {failure}", True, isinstance(ours, Refused))
            continue
        comparison.add(case, theirs, ours)
    assert refused < len(cases) / 2
    comparison.report()


def compare_views(case, number, comparison):
    """Graphs, YAML shape, value, single hosts, patterns and limits of one inventory."""
    pick = random.Random(f"{SEED}-{number}")
    try:
        peer = peer_of(case)
    except Exception:
        return
    patterns = pick.sample(PATTERNS, 12)
    limit = pick.choice([None, None, "web:h1", "all:!db", "h*"])
    hosts = [host for host in pick.sample(sorted(peer.inventory.hosts), min(3, len(peer.inventory.hosts))) if len(peer.inventory.get_hosts(host)) == 1]
    if not {"localhost", "127.0.0.1", "::1"} & set(peer.inventory.hosts):
        hosts.append("localhost")
    only = pick.choice(["web", "h*", "all:!web", "nosuch"])
    requests = [{"op": "graph"}, {"op": "graph", "vars": True}, {"op": "list", "yaml": True}, {"op": "list", "yaml_text": True}, {"op": "list", "value": True}, {"op": "list", "limit": [only]},
                {"op": "select", "patterns": patterns, "limit": [limit] if limit else []}]
    requests += [{"op": "host", "host": host, "python": sys.executable, "yaml": as_yaml} for host in hosts for as_yaml in (False, True)]
    graph, graph_vars, shape, yaml_text, value, limited, chosen, *of_hosts = ask([{**request, **case} for request in requests], "inventory_probe")
    comparison.add(f"graph {case}", peer.graph_text(), graph)
    comparison.add(f"graph --vars {case}", peer.graph_text(show_vars=True), graph_vars)
    comparison.add(f"yaml {case}", json.loads(json.dumps(peer.list_yaml(), default=str)), shape)
    comparison.add(f"--list --yaml {case}", peer.yaml_text(peer.list_yaml()), yaml_text)
    comparison.add(f"value {case}", without_wrappers(peer.list_text()), value)
    for pattern, ours in zip(patterns, chosen):
        try:
            theirs = sorted(peer.hosts(pattern, limit))
        except Exception:
            theirs = "error"
        ours = "error" if isinstance(ours, dict) else sorted(ours)
        if pattern in BY_POSITION and "error" not in (theirs, ours) and not limit:
            theirs, ours = len(theirs), len(ours)
        elif pattern in BY_POSITION and "error" not in (theirs, ours):
            continue
        comparison.add(f"pattern {pattern!r} limit {limit!r} {case}", theirs, ours)
    peer.inventory.subset(None)
    for host, as_json, as_yaml in zip(hosts, of_hosts[::2], of_hosts[1::2]):
        comparison.add(f"--host {host!r} {case}", peer.host_text(host), as_json)
        comparison.add(f"--host {host!r} --yaml {case}", peer.yaml_text(peer.host_vars(host)), as_yaml)
    comparison.add(f"limit {only!r} {case}", peer_of(case, limit=only).list_text(), limited)


def test_graphs_hosts_patterns_and_limits_are_equal(scratch):
    comparison = Comparison()
    for number, case in enumerate(generated(max(CASES // 20, 1), scratch, "views")):
        compare_views(case, number, comparison)
    comparison.report()


@pytest.mark.parametrize("source", sorted(path.name for path in HAND_WRITTEN.iterdir()))
def test_hand_written_inventory(source):
    comparison = Comparison()
    for export in (False, True):
        case = {"sources": [str(HAND_WRITTEN / source)], "merge": False, "export": export}
        (ours,) = ask([{"op": "list", **case}], "inventory_probe")
        comparison.add(case, peer_of(case).list_text(), ours)
        compare_views(case, source, comparison)
    comparison.report()


def test_the_three_names_of_this_machine():
    for sources in (["web1,"], ["localhost,"], ["127.0.0.1,web1"], ["::1,"]):
        for name in ("localhost", "127.0.0.1", "::1"):
            (ours,) = ask([{"op": "select", "sources": sources, "patterns": [name]}], "inventory_probe")
            assert ours == [Peer(sources).hosts(name)], (sources, name)


def test_orders_where_groups_do_not_nest(scratch):
    source = scratch / "hosts"
    source.write_text("z\n[web]\nweb9\nweb1\n[db]\ndb1\nweb1\n[app]\n")
    patterns = ["all", "web", "db:web", "web:db", "*b*", "all:!web9", "web1,db", "*[0:3]", "web[1]", "w*[1:2]", "all[-1]", "ungrouped:db"]
    (ours,) = ask([{"op": "select", "sources": [str(source)], "patterns": patterns}], "inventory_probe")
    peer = Peer([str(source)])
    for pattern, chosen in zip(patterns, ours):
        assert chosen == peer.hosts(pattern), pattern


def test_group_vars_of_the_working_directory_are_found_when_named(scratch):
    (scratch / "group_vars").mkdir()
    (scratch / "group_vars" / "all.yml").write_text("x: 1\n")
    (ours,) = ask([{"op": "list", "sources": ["web1,"], "playbook_dir": str(scratch)}], "inventory_probe")
    assert ours == Peer(["web1,"], playbook_dir=str(scratch)).list_text()
    assert os.listdir(EMPTY) == []
