"""herder's INI files against configparser, set up as ansible-core sets it up for ansible.cfg."""

import base64
import configparser
import os
import random

import probe

SEED = int(os.environ.get("HERDER_SEED", random.randrange(2**32)))
PIECES = ["[a]", "[b] x", "[a]b]", "[]", "[", "[DEFAULT]", "k = v", "k=v", "K: v", "j : x = y", "= v", "word", "l =", "m = a ; b", "m = a;b", "n = ;x", "o=a  # b", "# c", "; c",
          "  # c", "more", "%(k)s = %(x)s", "é = ü", "p = [x]", "", " ", "\t", "q\u00a0= 1", "r =\u2003v ", "s = a\r", "\r", "t = \x1c", "x\x0cy = 1", ";", "a = ;", "u = \x85 ;v"]
BY_LINE = (configparser.DuplicateSectionError, configparser.DuplicateOptionError, configparser.MissingSectionHeaderError)


def reference(text):
    """({section: {key: value}}, None), or (None, line of the first error)."""
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",))
    try:
        parser.read_string(text)
    except BY_LINE as failure:
        return None, failure.lineno
    except configparser.ParsingError as failure:
        return None, failure.errors[0][0]
    values = {name: {key: parser.get(name, key, raw=True) for key in parser._sections[name]} for name in parser.sections()}
    if parser.defaults():
        values["DEFAULT"] = dict(parser.defaults())
    return values, None


def soup(rng):
    lines = []
    if rng.random() < 0.9:
        lines.append("[main]")
    fresh = 0
    for _ in range(rng.randrange(10)):
        piece = rng.choice(PIECES)
        if rng.random() < 0.5:  # not every text should fail for a key that is there twice
            fresh += 1
            piece = f"key{fresh} = {piece}" if rng.random() < 0.7 else f"[s{fresh}]"
        lines.append(rng.choice(("", "", "", " ", "  ", "\t", "    ")) + piece)
    return "\n".join(lines) + rng.choice(("\n", ""))


def test_reads_what_configparser_reads():
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    texts = [soup(rng) for _ in range(probe.CASES)]
    answers = probe.ask([{"base64": base64.b64encode(text.encode()).decode()} for text in texts], "ini_probe")
    read = 0
    for text, ours in zip(texts, answers):
        values, line = reference(text)
        if values is None:
            assert isinstance(ours, probe.Refused), f"{text!r}: read as {ours}, but configparser refuses line {line}"
            assert ours.answer["line"] <= line, f"{text!r}: {ours.answer}, but configparser says line {line}"
            continue
        read += 1
        assert not isinstance(ours, probe.Refused), f"{text!r}: {ours.answer}, but configparser reads {values}"
        if "DEFAULT" in ours and not ours["DEFAULT"]:
            del ours["DEFAULT"]  # configparser cannot tell an empty one from none
        assert ours == values, f"{text!r}"
    assert read > len(texts) // 10, "too few generated files are valid"
