"""What PyYAML and ansible-core read from a text, in the shape of yaml_probe's answers."""

import base64
import datetime
import math

import yaml

UNTRUSTED, VAULTED = 1, 4
compare_trust = True
KINDS = (("NoneType", type(None)), ("bool", bool), ("int", int), ("float", float), ("str", str), ("bytes", bytes),
         ("datetime", datetime.datetime), ("date", datetime.date), ("dict", dict), ("list", (list, tuple, set, frozenset)))


class Failed(Exception):
    """The reference refuses the text."""


def read_pyyaml(text):
    """Through SafeLoader, written in Python."""
    try:
        return yaml.load(text, Loader=yaml.SafeLoader)
    except Exception as failure:  # PyYAML lets ValueError, KeyError ... of its constructors through
        raise Failed(repr(failure)) from failure


def read_ansible(text):
    """Through ansible-core's loader, with positions and trust: (value, messages of warnings)."""
    from ansible._internal._datatag._tags import Origin, TrustedAsTemplate
    from ansible._internal._yaml import _constructor
    from ansible.parsing.yaml.loader import AnsibleLoader

    warnings = []

    class Quiet:
        def warning(self, msg, **_):
            warnings.append(msg)

        def deprecated(self, **_):
            pass

    _constructor.display = Quiet()
    text = TrustedAsTemplate().tag(Origin(path="/probe.yml").tag(text))
    try:
        return yaml.load(text, Loader=AnsibleLoader), warnings
    except Exception as failure:
        raise Failed(repr(failure)) from failure


def python_name(value):
    for name, kind in KINDS:
        if isinstance(value, kind):
            return name
    return type(value).__name__


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
        yield from list_differences(payload, theirs, origins, path)
    elif not same_scalar(kind, payload, theirs):
        yield f"{path}: {payload!r}, not {theirs!r}"


def dict_differences(payload, theirs, origins, path):
    others = list(theirs.items())
    if len(payload) != len(others):
        yield f"{path}: {len(payload)} entries, not {len(others)}"
    for (key, value), (other_key, other_value) in zip(payload, others):
        yield from differences(key, other_key, origins, f"{path}.key({other_key!r})")
        yield from differences(value, other_value, origins, f"{path}.{other_key!r}")


def list_differences(payload, theirs, origins, path):
    if isinstance(theirs, set):  # no order in Python: compare what is in it
        mine = sorted(str(one[1]) for one in payload)
        others = sorted(str(node_of(one)[1]) for one in theirs)
        if mine != others:
            yield f"{path}: {mine}, not {others}"
        return
    if len(payload) != len(theirs):
        yield f"{path}: {len(payload)} elements, not {len(theirs)}"
    for place, (one, other) in enumerate(zip(payload, theirs)):
        yield from differences(one, other, origins and not isinstance(theirs, tuple), f"{path}[{place}]")


def origin_differences(theirs, marks, line, column, path):
    from ansible._internal._datatag._tags import Origin, TrustedAsTemplate

    origin = Origin.get_tag(theirs)
    if origin is not None and not isinstance(theirs, tuple) and (origin.line_num, origin.col_num) != (line, column):
        yield f"{path}: at {line}:{column}, not {origin.line_num}:{origin.col_num}"
    if compare_trust and isinstance(theirs, str) and bool(marks & UNTRUSTED) == TrustedAsTemplate.is_tagged_on(theirs):
        yield f"{path}: marks {marks}, but trusted is {TrustedAsTemplate.is_tagged_on(theirs)}"


def same_scalar(kind, payload, theirs):
    if kind == "int":
        return int(payload) == theirs
    if kind == "float":
        return float(payload) == theirs or (math.isnan(float(payload)) and math.isnan(theirs))
    return payload == node_of(theirs)[1]


def node_of(value):
    """The NODE [type, payload] that describes a Python value, for the probe's print."""
    kind = python_name(value)
    if kind == "list":
        return [kind, [node_of(one) for one in value]]
    if kind == "dict":
        return [kind, [[node_of(key), node_of(one)] for key, one in value.items()]]
    if kind in ("int", "float"):
        return [kind, repr(value)]
    if kind == "bytes":
        return [kind, base64.b64encode(value).decode()]
    if kind in ("date", "datetime"):
        return [kind, value.isoformat()]
    return [kind, value]
