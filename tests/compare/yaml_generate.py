"""Random values and random YAML texts for the comparisons. Everything comes from the `random.Random` that is passed in."""

import datetime

WORDS = ["a", "web1", "yes", "No", "on", "null", "~", "", "1", "010", "0x1f", "0o7", "1_000", "1.5", "1e3", "1.0e+3", ".inf", "-.INF", ".nan",
         "190:20:30", "1:30.5", "2001-12-14", "2001-12-14 21:59:43.10 -5", "2001-1-1", "=", "<<", "-", "?", ":", "- x", "? x", "a: b", "a:b",
         "x #y", "x#y", "#x", "%x", "@x", "`x", "!x", "&x", "*x", "|", ">", "[a", "]", "{", "}", "a, b", "'", '"', "it's", 'say "x"', "---", "--- a",
         "...", "\\", "a\\b", "ä", "日本", "😀", "{{ x }}", "{% if %}", " a", "a ", "a  b", "\ta", "a\tb", "a\nb", "a\n\nb\n", "\na", "a\n", "\n", "a\n b",
         "a \nb", "\x07", "\x7f", "\xa0", "\ufeff", "\ufffe", "0b11", "0_", "+1", "-0", "089", "123456789012345678901234567890", "true", "False",
         "$ANSIBLE_VAULT;1.1;AES256", "C:\\dir", "http://x:80/y?z", "10.0.0.1", "a=b", "k: 'v", "-1", "--", "-a", "?a", ":a", "a:", "1:2", "00", "0x"]


def text(rng):
    """A string: often a tricky word, sometimes words in a row (long enough to fold), sometimes any characters."""
    kind = rng.random()
    if kind < 0.45:
        return rng.choice(WORDS)
    if kind < 0.75:
        return " ".join(rng.choice(WORDS) for _ in range(rng.choice((2, 3, 5, 12, 30))))
    if kind < 0.85:
        return "".join(rng.choice("ab  \n:#-'\"\\{}[],&*!|>%@`?ä😀") for _ in range(rng.randrange(40)))
    if kind < 0.93:
        return "".join(rng.choice("abcdefgh ") for _ in range(rng.randrange(300)))
    return "".join(chr(rng.choice((rng.randrange(0x20, 0x7f), rng.randrange(0, 0x300), rng.randrange(0x3000, 0x3100), rng.randrange(0x1f600, 0x1f640))))
                   for _ in range(rng.randrange(30)))


def moment(rng):
    at = datetime.datetime(rng.randrange(1, 9999), rng.randrange(1, 13), rng.randrange(1, 29), rng.randrange(24), rng.randrange(60),
                           rng.randrange(60), rng.choice((0, 0, 100000, 123456, 7)))
    if rng.random() < 0.5:
        return at
    return at.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=rng.randrange(-1000, 1000))))


def scalar(rng, keys=False):
    """A scalar of any type; `keys` leaves out what compares oddly as a key (NaN)."""
    kind = rng.random()
    if kind < 0.6:
        return text(rng)
    if kind < 0.75:
        return rng.choice((0, 1, -1, 7, 255, rng.randrange(-10**6, 10**6), rng.randrange(-2**70, 2**70)))
    if kind < 0.83:
        return rng.choice((0.0, -0.0, 1.5, 1e16, 1e-5, 1.5e300, rng.uniform(-1e3, 1e3), rng.uniform(-1, 1) * 1e22,
                           0.25 if keys else float("nan"), float("inf"), float("-inf")))
    if kind < 0.88:
        return rng.random() < 0.5
    if kind < 0.92:
        return None
    if kind < 0.95:
        return bytes(rng.randrange(256) for _ in range(rng.choice((0, 1, 5, 57, 58, 200))))
    return datetime.date(rng.randrange(1, 9999), rng.randrange(1, 13), rng.randrange(1, 29)) if kind < 0.97 else moment(rng)


def value(rng, depth=4):
    """A tree of lists, dicts and scalars."""
    kind = rng.random()
    if depth == 0 or kind < 0.4:
        return scalar(rng)
    size = rng.choice((0, 1, 2, 3, 5, 12))
    if kind < 0.65:
        return [value(rng, depth - 1) for _ in range(size)]
    only_text = rng.random() < 0.7
    return {text(rng) if only_text else scalar(rng, keys=True): value(rng, depth - 1) for _ in range(size)}


PIECES = ["key: value", "k: 1", "- item", "-", "- - x", "? q", ": r", "a:", "b: |", "c: >-", "d: |+2", "e: 'x", "e: 'it''s'", 'f: "a\\tb"', 'f: "\\x41', "g: [1, 2",
          "], x", "[a, {b: c}]", "{a: 1, b}", "{a, ? b : c}", "h: &n {x: 1}", "i: *n", "j: &m [1]", "*m : z", "<<: *n", "<<: [*n, {y: 2}]", "<<: {z: 3}",
          "k: 2", "# note", "x # note", "", "  ", "text over", "lines", "l: !!str 12", "m: !!int '12'", "n: !!float 1", "o: !unsafe '{{ x }}'", "p: !unsafe [a, '1']",
          "!!set {a}", "s: !!omap [a: 1]", "t: !vault |", "u: !!binary aGk=", "---", "...", "%YAML 1.1", "\tx: 1", "v: {{ x }}", "w: a: b", "1: one", "true: yes", "~: z",
          "2001-01-01: d", "y: 12:30:45", "z: 0o14", "aa: 2001-12-14t21:59:43.10-05:00", "ab: =", "=: x", "ac: @x", "ad: 'a' b", "é: ü😀", "? [c]", "? {d: e}", "ae:x",
          "af: - b", "ag: ! 'n'", "ah: !!null x", "ai: !!bool on", "- aj: ak", "- al: &o am", "- *o", "an: >\n   folded\n\n   text", "ao: |\n   literal\n    text", "'ap': \"aq\"", "ar: ''"]


def soup(rng):
    """Lines of YAML-looking text with random indentation: most are wrong somewhere, in the ways that people are wrong."""
    lines = []
    indent = 0
    for _ in range(rng.randrange(1, 9)):
        lines.append(" " * indent + rng.choice(PIECES))
        if rng.random() < 0.4:
            indent = max(0, indent + rng.choice((-2, -2, 2, 2, 1)))
    return "\n".join(lines) + rng.choice(("\n", "\n", ""))
