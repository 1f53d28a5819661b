"""JSON in and out, compared with Python's json module."""
import json
import random
import struct

import pytest
from probe import CASES, Refused, ask

SCALARS = [None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**63, 10**30, -(10**40), 0.0, -0.0, 1.0, 1e16, 1e15, 123456789012345680.0,
           1e-4, 1e-5, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), 0.1, 2 / 3, "", "a", "é", "€", "😀",
           '"\\/\b\f\n\r\t\x00\x1f\x7f\x80', "\u2028", "日本語"]


def scalar(rng):
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(SCALARS)
    if kind == 1:
        return rng.randint(-(2**rng.randrange(1, 90)), 2**rng.randrange(1, 90))
    if kind == 2:
        number = struct.unpack("d", rng.randbytes(8))[0]
        return number if number == number else 0.5
    if kind == 3:
        return round(rng.uniform(-1000, 1000), rng.randrange(5))
    return text(rng)


def text(rng):
    alphabet = rng.choice(["abc ", '"\\\n\x01', "aéß€", "a😀\U0010ffff", "".join(map(chr, range(0x20, 0x300)))])
    return "".join(rng.choice(alphabet) for _ in range(rng.randrange(12)))


def value(rng, depth=3):
    kind = rng.randrange(5)
    if depth == 0 or kind < 2:
        return scalar(rng)
    if kind < 4:
        return [value(rng, depth - 1) for _ in range(rng.randrange(5))]
    return {text(rng): value(rng, depth - 1) for _ in range(rng.choice([0, 1, 3, 20]))}


STYLES = [({}, {}), ({"indent": 2}, {"indent": 2}), ({"indent": 4, "sort_keys": True}, {"indent": 4, "sort_keys": True}),
          ({"ascii": False}, {"ensure_ascii": False}), ({"spaces": False}, {"separators": (",", ":")}), ({"sort_keys": True}, {"sort_keys": True})]


def test_prints_as_json_dumps():
    rng = random.Random(1)
    cases = [(value(rng), *STYLES[i % len(STYLES)]) for i in range(CASES)]
    answers = ask([{"op": "json_print", "value": case, **ours} for case, ours, _ in cases])
    for (case, _, theirs), answer in zip(cases, answers):
        assert answer == json.dumps(case, **theirs)


def test_reads_what_python_prints():
    rng = random.Random(2)
    cases = [value(rng) for _ in range(CASES)]
    texts = [json.dumps(case, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, 0, 3, "\t"])) for case in cases]
    answers = ask([{"op": "json_parse", "text": one} for one in texts])
    for case, answer in zip(cases, answers):
        assert json.dumps(answer) == json.dumps(case)


def lone_surrogate(node):
    if isinstance(node, str):
        return any("\ud800" <= c <= "\udfff" for c in node)
    if isinstance(node, dict):
        return any(map(lone_surrogate, node)) or any(map(lone_surrogate, node.values()))
    return isinstance(node, list) and any(map(lone_surrogate, node))


def agrees(text, answer):
    """True when herder and Python both refuse `text`, or both read the same. Lone surrogates are herder's to refuse."""
    try:
        wanted = json.loads(text)
    except ValueError:
        return isinstance(answer, Refused)
    if lone_surrogate(wanted):
        return isinstance(answer, Refused)
    return not isinstance(answer, Refused) and json.dumps(answer) == json.dumps(wanted)


def test_damaged_texts_are_judged_as_python_judges_them():
    rng = random.Random(3)
    pieces = list('[]{},:"\\ -+.eE0123456789\n\tu') + ["null", "true", "NaN", "Infinity", "\\u00e9", "\\ud83d", "\\ude00", "\\ud83d\\ude00", "é", "1e5"]
    texts = []
    for _ in range(CASES):
        chars = list(json.dumps(value(rng, 2), ensure_ascii=False))
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(chars) + 1)
            action = rng.randrange(3)
            if action == 0:
                chars.insert(place, rng.choice(pieces))
            elif action == 1:
                del chars[place:place + rng.randrange(1, 3)]
            elif place < len(chars):
                chars[place] = rng.choice(pieces)
        texts.append("".join(chars))
    answers = ask([{"op": "json_parse", "text": one} for one in texts])
    refused = sum(isinstance(answer, Refused) for answer in answers)
    assert CASES / 10 < refused < CASES
    for one, answer in zip(texts, answers):
        assert agrees(one, answer), one


@pytest.mark.parametrize("text", ["1e999", "-1e999", "1e-999", "0e999", "-0", "-0.0", "0.00000000000000000000000000000001e31", "1" * 4300, "1" * 4301,
                                  "123456789012345678901234567890e-29", "01", "1.", ".5", "-", "+1", "nul", "NaN", "-NaN", "-Infinity", "[1,]", '{"a":1,}',
                                  '{"a" 1}', '"\x01"', '"\x7f"', '"a', "[", "", " ", "1 2", '{"a":1,"a":2}', "9223372036854775808", "\u00a01"])
def test_edge_cases(text):
    (answer,) = ask([{"op": "json_parse", "text": text}])
    assert agrees(text, answer)


def test_errors_name_the_place_as_python_does():
    texts = ['{\n  "a": 1,\n}', '[1,\n 2,\n x]', '{"é": tru}', '[1 2]', '{"a": 1', "[1, 2]]"]
    for text, answer in zip(texts, ask([{"op": "json_parse", "text": text} for text in texts])):
        with pytest.raises(json.JSONDecodeError) as raised:
            json.loads(text)
        assert (answer.answer["line"], answer.answer["column"]) == (raised.value.lineno, raised.value.colno), text
        assert answer.answer["text"] == text.split("\n")[answer.answer["line"] - 1]
