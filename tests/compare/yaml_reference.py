"""What PyYAML and ansible-core read from a text, in the shape of yaml_probe's answers."""

import base64
import datetime
import math

import yaml

UNTRUSTED, VAULTED = 1, 4


class Failed(Exception):
    """The reference refuses the text."""


def same_number(ours, theirs):
    return ours == theirs or (math.isnan(ours) and math.isnan(theirs))


def read_pyyaml(text):
    """Through SafeLoader, written in Python."""
    try:
        return yaml.load(text, Loader=yaml.SafeLoader)
    except Exception as failure:  # PyYAML lets ValueError, KeyError ... of its constructors through
        raise Failed(failure) from failure


def read_ansible(text):
    """Through ansible-core's loader, with positions and trust."""
    from ansible._internal._datatag._tags import Origin, TrustedAsTemplate
    from ansible.parsing.yaml.loader import AnsibleLoader

    text = TrustedAsTemplate().tag(Origin(path="/probe.yml").tag(text))
    try:
        return yaml.load(text, Loader=AnsibleLoader)
    except Exception as failure:
        raise Failed(failure) from failure


def pairs_of(value):
    return [tuple(pair) for pair in value.items()]


def differences(ours, theirs, origins=False, path="$"):
    """Yields where a probe's NODE differs from a Python value; `origins` compares position and trust too."""
    kind, payload, marks, line, column = ours
    if origins:
        yield from origin_differences(theirs, marks, line, column, path)
    if type(theirs).__name__ == "EncryptedString":
        if kind != "str" or not marks & VAULTED or payload != theirs._ciphertext:
            yield f"{path}: {ours} is not the cipher text {theirs._ciphertext!r}"
        return
    expected = python_name(theirs)
    if kind != expected:
        yield f"{path}: {kind} {payload!r}, not {expected} {theirs!r}"
    elif kind == "dict":
        yield from dict_differences(payload, theirs, origins, path)
    elif kind == "list":
        members = sorted(theirs, key=repr) if isinstance(theirs, (set, frozenset)) else list(theirs)
        mine = sorted(payload, key=repr) if isinstance(theirs, (set, frozenset)) else payload
        if len(mine) != len(members):
            yield f"{path}: {len(mine)} elements, not {len(members)}"
        for place, (one, other) in enumerate(zip(mine, members)):
            yield from differences(one, other, origins, f"{path}[{place}]")
    elif not same_scalar(kind, payload, theirs):
        yield f"{path}: {payload!r}, not {theirs!r}"


def dict_differences(payload, theirs, origins, path):
    others = pairs_of(theirs)
    if len(payload) != len(others):
        yield f"{path}: {len(payload)} entries, not {len(others)}"
    for (key, value), (other_key, other_value) in zip(payload, others):
        yield from differences(key, other_key, origins, f"{path}.key({other_key!r})")
        yield from differences(value, other_value, origins, f"{path}.{other_key!r}")


def origin_differences(theirs, marks, line, column, path):
    from ansible._internal._datatag._tags import Origin, TrustedAsTemplate

    origin = Origin.get_tag(theirs)
    if origin is not None and not isinstance(theirs, tuple) and (origin.line_num, origin.col_num) != (line, column):
        yield f"{path}: at {line}:{column}, not {origin.line_num}:{origin.col_num}"
    if isinstance(theirs, str) and bool(marks & UNTRUSTED) == TrustedAsTemplate.is_tagged_on(theirs):
        yield f"{path}: marks {marks}, but trusted is {TrustedAsTemplate.is_tagged_on(theirs)}"


def python_name(value):
    kinds = (("NoneType", type(None)), ("bool", bool), ("int", int), ("float", float), ("str", str), ("bytes", bytes),
             ("datetime", datetime.datetime), ("date", datetime.date), ("dict", dict), ("list", (list, tuple, set, frozenset)))
    for name, kind in kinds:
        if isinstance(value, kind):
            return name
    return type(value).__name__


def same_scalar(kind, payload, theirs):
    if kind == "int":
        return int(payload) == theirs
    if kind == "float":
        return same_number(float(payload), float(theirs))
    if kind == "bytes":
        return base64.b64decode(payload) == bytes(theirs)
    if kind in ("date", "datetime"):
        return payload == theirs.isoformat()
    return payload == theirs
