"""Python literals and repr(), compared with ast.literal_eval and repr."""
import ast
import random
import warnings

from probe import CASES, ask

warnings.simplefilter("ignore")

ATOMS = ["None", "True", "False", "0", "1", "-1", "+1", "--1", "-(1)", "(-1)", "- 1", "+True", "010", "00", "0_0", "0xff", "0XfF", "0x_f", "0x", "0o17",
         "0b101", "0b12", "1_0", "1__0", "1_", "_1", "1.", ".5", "1e3", "1E-3", "1e", "1.5e+10", "1_0.0_1e1_0", "010.5", "09e1", "1j", "1+2j", "1+2", "1e999",
         "123456789012345678901234567890", "0xffffffffffffffffffff", "'a'", '"b"', "'''c\nd'''", '"""e"""', "b'x'", "rb'\\x'", "Rb'y'", "u'z'", "ur'z'",
         "f'q'", "br''", "'a' 'b'", "'a' b'b'", "'\\x41\\u00e9\\U0001f600\\101\\n\\q\\\n'", "'\\x4'", "'\\ud800'", "'\\N{DASH}'", "b'\\xff\\377\\777\\u0041'",
         "b'é'", "'é'", "r'\\''", "''", "'", "set()", "set ( )", "set(1)", "abc", "...", "[]", "()", "{}", "{1}", "{1,}", "(1)", "(1,)", "1,", "1, 2", "[1,2", "[1,,2]",
         "[,]", "{'a':1}", "{'a':1,}", "{'a'}", "{[]:1}", "{():1}", "{([],):1}", "{[]}", "{**{}}", "[*[1]]", "[x for x in y]", "1 if 1 else 2", "not 1", "~1", "1 # c",
         "1\n", "\n1", " 1", "\n 1", "1\n ", "1\n2", "1\n \n", "1\n # c", "1\n # c\n ", "1\n\t", "1\n\n", "1\n# c", "1\n\f",
         "(1\n )", "# c\n1", "# c\n 1", "#c\n\f1", "\f 1", " \f1", " \n1", "\\\n1", "\\\n 1", "1 \\\n ", "1 \\\n\n", "1\n  \\\n",  "1;", "1 \\\n", "[1, # c\n 2]", "1 \\\n,2", "\f1", "1\f", "\t1", "1.real", "1if 1else 2", "a=1", "web01",
         "1.2.3", "1.2.3.4", "12:30", "2020-01-01", "yes", "null", "true", "nan", "inf", "-inf", "1,2,3", "/etc/passwd", "a b", "{{ x }}", "{% x %}", "$1", "`a`",
         "0777", "0o8", "1e5_0", "0_7", "1_000", "'a\rb'", "'''a\r\nb'''", "'a\0b'", "\u00a01", "1\u00a0", "é", "{1, 1.0, True}", "{1: 'a', True: 'b'}", "{'a': {'b': [1, (2, 3)]}}",
         "[1, 2][0]", "(1)(2)", "'a'.b", "lambda: 1", "-'a'", "-[1]", "-0", "-0.0", "1" * 4300, "1" * 4301]


def show(node):
    """repr of a literal's value as herder sees it: tuples and sets are lists, in the order written."""
    if isinstance(node, ast.Constant):
        if node.value is Ellipsis or isinstance(node.value, complex):
            raise ValueError("herder has no such type")
        if isinstance(node.value, str):
            node.value.encode()  # raises for a lone surrogate, which is no text for herder
        return repr(node.value)
    if isinstance(node, (ast.Tuple, ast.List)):
        return "[" + ", ".join(map(show, node.elts)) + "]"
    if isinstance(node, ast.Set):
        members = {}
        for element in node.elts:
            members.setdefault(ast.literal_eval(element), show(element))
        return "[" + ", ".join(members.values()) + "]"
    if isinstance(node, ast.Dict):
        entries = {}
        for key, item in zip(node.keys, node.values):
            entry = entries.setdefault(ast.literal_eval(key), [show(key), ""])
            entry[1] = show(item)
        return "{" + ", ".join(": ".join(entry) for entry in entries.values()) + "}"
    if isinstance(node, ast.Call):
        return "[]"
    number = ast.literal_eval(node)
    if isinstance(number, complex):
        raise ValueError("herder has no such type")
    return repr(number)


def expected(text):
    """What the probe should answer: the repr, or None for what is no literal."""
    try:
        ast.literal_eval(text)
        return show(ast.parse(text.lstrip(" \t"), mode="eval").body)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def check(texts):
    """Compares every answer; returns how many of the texts were literals."""
    texts = [text for text in texts if "\\N{" not in text]  # character names are not supported
    answers = ask([{"op": "literal", "text": text} for text in texts])
    wrong = [(text, answer, expected(text)) for text, answer in zip(texts, answers) if answer != expected(text)]
    assert not wrong, f"{len(wrong)} of {len(texts)}: {wrong[:10]}"
    return sum(answer is not None for answer in answers)


def test_single_atoms():
    check(ATOMS)


def test_a_named_character_is_no_literal():
    assert ask([{"op": "literal", "text": r"'\N{DASH}'"}]) == [None]


def nest(rng, depth):
    """Text of a literal, mostly a valid one."""
    kind = rng.randrange(8)
    if depth == 0 or kind < 3:
        return rng.choice(ATOMS)
    parts = [nest(rng, depth - 1) for _ in range(rng.randrange(4))]
    comma = rng.choice([",", ", ", ",\n", " , # c\n "])
    end = rng.choice(["", "", ",", " "])
    if kind == 3:
        return "[" + comma.join(parts) + end + "]"
    if kind == 4:
        return "(" + comma.join(parts) + end + ")"
    if kind == 5:
        return "{" + comma.join(parts) + end + "}"
    if kind == 6:
        return "{" + comma.join(nest(rng, 0) + rng.choice([":", " : "]) + part for part in parts) + end + "}"
    return rng.choice(["-", "+", " ", "(", ""]) + nest(rng, depth - 1) + rng.choice(["", "", ")", " ", "\n"])


def test_nested_literals():
    rng = random.Random(1)
    good = check([nest(rng, 3) for _ in range(CASES)])
    assert good > CASES / 20


def test_printed_values_read_back():
    rng = random.Random(2)
    texts = [repr(value(rng, 3)).replace("inf", "1e999") for _ in range(CASES)]
    assert check(texts) == len(texts)


def test_damaged_literals():
    rng = random.Random(3)
    pieces = list("[](){},:'\"\\ \n#-+._0123456789exobru") + ["'''", "True", "None", "set()", "\\x41", "\\\n", "é"]
    texts = []
    for _ in range(CASES):
        chars = list(repr(value(rng, 2)))
        for _ in range(rng.randrange(1, 4)):
            place = rng.randrange(len(chars) + 1)
            if rng.random() < 0.6:
                chars.insert(place, rng.choice(pieces))
            else:
                del chars[place:place + 1]
        texts.append("".join(chars))
    good = check(texts)
    assert CASES / 20 < good < CASES


def test_numbers_made_at_random():
    rng = random.Random(4)
    texts = ["".join(rng.choice("0123456789__..eE+-xXobjaF") for _ in range(rng.randrange(1, 8))) for _ in range(2 * CASES)]
    assert check(texts) > CASES / 20


def test_strings_made_at_random():
    rng = random.Random(5)
    pieces = list("'\"\\abx0123u\n ") + ["'''", '"""', "\\x4", "\\u00e9", "\\U0001f600", "é", "b'", "r'", "\\", "\r", "\r\n"]
    texts = []
    for _ in range(2 * CASES):
        quote = rng.choice(["'", '"', "'''", '"""'])
        body = "".join(rng.choice(pieces) for _ in range(rng.randrange(8)))
        texts.append(rng.choice(["", "", "b", "r", "Rb", "u", "f"]) + quote + body + quote)
    assert check(texts) > CASES / 20


def value(rng, depth):
    kind = rng.randrange(9)
    if depth == 0 or kind < 5:
        alphabet = rng.choice(["ab'", "'\"\\\n\t\x00\x7f", "é\xa0\xad€\u200b\u2028\ufeff", "a😀\U000e0001\U0010ffff", "".join(map(chr, range(0x20, 0x600)))])
        string = "".join(rng.choice(alphabet) for _ in range(rng.randrange(8)))
        return rng.choice([None, True, False, rng.randint(-(10**rng.randrange(25)), 10**20), rng.uniform(-1e6, 1e6), 10.0**rng.randrange(-20, 30),
                           string, string, string.encode()])
    if kind < 7:
        return [value(rng, depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice([value(rng, 0), rng.randrange(5)]): value(rng, depth - 1) for _ in range(rng.randrange(4))}


def json_like(node):
    """True when the value travels through JSON unchanged."""
    if isinstance(node, dict):
        return all(isinstance(key, str) for key in node) and all(map(json_like, node.values()))
    return all(map(json_like, node)) if isinstance(node, list) else not isinstance(node, bytes)


def test_repr_and_str():
    rng = random.Random(6)
    cases = [case for case in (value(rng, rng.choice([0, 3])) for _ in range(CASES)) if json_like(case)]
    assert len(cases) > CASES / 10
    assert ask([{"op": "repr", "value": case} for case in cases]) == [repr(case) for case in cases]
    assert ask([{"op": "str", "value": case} for case in cases]) == [str(case) for case in cases]


def test_every_character_prints_as_in_python():
    for start in range(0, 0x110000, 0x4000):
        text = "".join(map(chr, (code for code in range(start, start + 0x4000) if not 0xD800 <= code < 0xE000)))
        assert ask([{"op": "repr", "value": text}]) == [repr(text)]
