"""herder's YAML against PyYAML and ansible-core: what is read, where it stands, and what is written."""

import base64
import os
import pathlib
import random

import pytest
import yaml

import probe
import yaml_generate as generate
import yaml_reference as reference

SEED = int(os.environ.get("HERDER_SEED", random.randrange(2**32)))
CASES = pathlib.Path(__file__).resolve().parents[1] / "cases" / "yaml"
BATCH = 250
COUNT = probe.CASES * 2 // 3  # of each kind: PyYAML needs most of the time


def ask(requests):
    """In portions, so that a portion's output fits any time limit."""
    answers = []
    for start in range(0, len(requests), BATCH):
        answers += probe.ask(requests[start : start + BATCH], "yaml_probe")
    return answers


def parse(texts, op="parse"):
    return ask([{"op": op, "base64": base64.b64encode(text.encode()).decode()} for text in texts])


def is_loop(answer):
    """Python can hold a list that contains itself; herder's values cannot."""
    return isinstance(answer, probe.Refused) and "inside its own anchor" in str(answer)


def problems(text, ours):
    """Where the probe's answer differs from ansible-core's loader and from PyYAML's."""
    if is_loop(ours):
        return
    try:
        theirs, _ = reference.read_ansible(text)
    except reference.Failed as failure:
        if not isinstance(ours, probe.Refused):
            yield f"read, but ansible refuses it: {failure}"
        return
    if isinstance(ours, probe.Refused):
        yield f"refused ({ours.answer}), but ansible reads {theirs!r}"
        return
    # Ansible trusts a value that is used both inside and outside of !unsafe by who comes first; herder by where it stands.
    reference.compare_trust = not ("!unsafe" in text and "&" in text)
    yield from reference.differences(ours["root"], theirs, origins=True)
    try:
        plain = reference.read_pyyaml(text)
    except reference.Failed:
        return  # a tag of Ansible's own, or one of the places where libyaml reads more than PyYAML's own scanner
    if "!" not in text:
        yield from reference.differences(ours["root"], plain)


def check(texts):
    found = []
    for text, answer in zip(texts, parse(texts)):
        found += [f"{text!r}: {one}" for one in problems(text, answer)]
    assert not found, f"seed {SEED}, {len(found)} differences:\n" + "\n".join(found[:20])


def case_files():
    return sorted(CASES.glob("*.yaml"))


def split_cases(path):
    """A case file holds texts between lines `=== NAME`."""
    parts = path.read_bytes().decode().split("=== ")[1:]  # keeps \\r\\n
    assert parts, f"{path} holds no case"
    return [part.split("\n", 1) for part in parts]


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.stem)
def test_written_cases_read_as_ansible_reads_them(path):
    check([text for _, text in split_cases(path)])


def test_generated_values_read_as_ansible_reads_them():
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    check([dumped(rng, generate.value(rng)) for _ in range(COUNT)])


def dumped(rng, value):
    return yaml.dump(value, Dumper=NoAliases, default_flow_style=rng.choice((None, True, False)), allow_unicode=rng.random() < 0.5,
                     default_style=rng.choice((None, None, '"', "'", "|", ">")), width=rng.choice((20, 80, 1000)), indent=rng.choice((2, 3, 4, 8)))


def test_generated_soup_reads_as_ansible_reads_it():
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    check([generate.soup(rng) for _ in range(COUNT)])


def test_generated_documents_read_as_ansible_reads_them():
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    texts = [generate.Document(rng).text() for _ in range(COUNT)]
    check(texts)
    read = sum(not isinstance(answer, probe.Refused) for answer in parse(texts))
    assert read > len(texts) // 2, f"only {read} of {len(texts)} generated documents are valid"


def test_warns_of_the_same_duplicate_keys():
    texts = ["a: 1\na: 2\n", "a: 1\n'a': 2\n", "1: a\n1.0: b\ntrue: c\n", "- {x: 1, y: 2, x: 3}\n- {x: 1}\n", "a: 1\nb: 2\n"]
    for text, ours in zip(texts, parse(texts)):
        _, warnings = reference.read_ansible(text)
        assert len(ours["warnings"]) == len(warnings), text


def test_reads_json_as_ansible_reads_a_file(tmp_path):
    from ansible.parsing.dataloader import DataLoader

    texts = ['{"a": 1e3, "b": [1.5, -0, true, null, "2001-01-01"]}', '{"a": "\\ud83d\\ude00\\/"}', " 1e3\n", "NaN", "-Infinity", "[1, 2", "{a: 1}", "- 1", "name: x",
             '{"x": {"__ansible_unsafe": "{{ y }}"}, "z": [{"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\\n12"}]}', '{"x": {"__ansible_unsafe": 1}}', '"on"', "on", "",
             '{"a": 1, "a": 2}', '{"a": 012}', '{"a": 1} x', "\t[1]", '{"a":1}', "12345678901234567890123"]
    for number, (text, ours) in enumerate(zip(texts, parse(texts, "any"))):
        path = tmp_path / f"{number}.json"
        path.write_text(text)
        try:
            theirs = DataLoader().load_from_file(str(path), trusted_as_template=True)
        except Exception:  # AnsibleParserError and whatever the YAML constructors let through
            assert isinstance(ours, probe.Refused), text
            continue
        assert not isinstance(ours, probe.Refused), f"{text}: {ours}"
        assert not list(reference.differences(ours["root"], theirs)), text
        assert (ours["root"][2] & reference.UNTRUSTED) == 0


def test_reads_streams():
    texts = ["", "---\n", "--- 1\n--- 2\n", "a\n...\n---\nb: c\n", "--- |\n x\n---\n- y\n...\n", "%YAML 1.1\n--- z\n"]
    for text, ours in zip(texts, parse(texts, "all")):
        theirs = list(yaml.load_all(text, Loader=yaml.SafeLoader))
        assert len(ours) == len(theirs), text
        for one, other in zip(ours, theirs):
            assert not list(reference.differences(one, other)), text


class NoAliases(yaml.SafeDumper):
    """PyYAML's emitter without anchors: herder's values have no identity that could be repeated."""

    def ignore_aliases(self, data):
        return True


class LibyamlNoAliases(yaml.CSafeDumper):
    """The same with libyaml's emitter, as ansible-core's to_yaml has it."""

    def ignore_aliases(self, data):
        return True


class Indented(NoAliases):
    """The recipe that people use to get lists indented below their key."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)


@pytest.mark.parametrize("emitter", ["python", "libyaml"])
def test_prints_as_pyyaml_prints(emitter):
    print(f"seed {SEED}")
    rng = random.Random(f"{SEED} {emitter}")
    libyaml = emitter == "libyaml"
    flows = {"never": False, "leaves": None, "always": True}
    values, styles = [], []
    for _ in range(COUNT):
        values.append(generate.value(rng))
        styles.append({"indent": rng.choice((0, 2, 2, 4, 4, 3, 9, 12)), "width": rng.choice((0, 4, 20, 80, 80, 80, 10000)), "sort_keys": rng.random() < 0.5,
                       "indented_lists": not libyaml and rng.random() < 0.3, "flow": rng.choice(("never", "never", "leaves", "always")), "libyaml": libyaml})
    answers = ask([{"op": "print", "node": reference.node_of(value), **style} for value, style in zip(values, styles)])
    found = []
    for value, style, ours in zip(values, styles, answers):
        dumper = LibyamlNoAliases if libyaml else Indented if style["indented_lists"] else NoAliases
        theirs = yaml.dump(value, Dumper=dumper, default_flow_style=flows[style["flow"]], allow_unicode=True, indent=style["indent"], width=style["width"],
                           sort_keys=style["sort_keys"])
        if ours != theirs and not any(c in theirs or ascii(c)[1:-1] in ascii(value) for c in "\x85\u2028\u2029"):
            found.append(f"{style}\n{value!r}\n--- ours\n{ours}--- theirs\n{theirs}")
    assert not found, f"seed {SEED}, {len(found)} differences:\n" + "\n".join(found[:5])
