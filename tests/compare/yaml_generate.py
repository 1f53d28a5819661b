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


class Document:
    """One random valid document, written by the rules of the grammar: block and flow, all scalar styles, anchors, merges, tags, comments."""

    def __init__(self, rng):
        self.rng = rng
        self.anchors = 0
        self.scalars = []  # names of finished anchors of scalars
        self.maps = []  # and of mappings

    def text(self):
        head = self.rng.choice(("", "", "---\n", "%YAML 1.1\n---\n", "# comment\n\n---\n", "\n\n"))
        tail = self.rng.choice(("", "", "...\n", "\n# end\n"))
        return head + "\n".join(self.block(0, 4)) + "\n" + tail

    def plain(self):
        return self.rng.choice(("a", "web1", "yes", "No", "~", "null", "12", "0o7", "010", "0x1F", "1_000", "1.5", "1e3", "6.8523015e+5", ".inf", ".NaN", "12:30:45",
                                "190:20:30.15", "2001-12-14", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.10 -5", "word word", "a:b", "x#y", "é 日本 😀", "-1", "+1.",
                                "<<x", "=x", "http://h:80/p?q=1", "C:\\dir", "it's", "10.0.0.1", "on", "OFF", "0b101", "-0x1f", "1:2:3", "0", "-0", "2001-1-1", "y", "n"))

    def scalar(self, flow=False):
        kind = self.rng.random()
        if kind < 0.6:
            return self.plain()
        if kind < 0.75:
            return "'" + self.rng.choice(("", "it''s", "yes", "12", "a: b", "# no", " x ", "{{ x }}", "ü")) + "'"
        if kind < 0.9:
            return '"' + self.rng.choice(("", "\\t\\n", "\\u00e9", "12", "\\x41\\\\", "a: b # c", "\\U0001F600", "{{ x }}", '\\"', "\\/\\e\\0\\_\\N\\L")) + '"'
        if kind < 0.97:
            return self.rng.choice(("!!str 12", "!!str", "!!int '12'", "!!float 3", "!!float '1e3'", "!!bool on", "!!null x", "!unsafe '{{ x }}'", "!unsafe 12", "!unsafe 'yes'",
                                    "!!binary aGVsbG8=", "!!timestamp '2001-12-14'", "! x", "! '12'", "!!python/unicode 'x'", "!vault abc"))
        return self.rng.choice(self.scalars and ["*" + self.rng.choice(self.scalars) + (" " if flow else "")] or ["x"])

    def flow(self, depth):
        kind = self.rng.random()
        if depth == 0 or kind < 0.5:
            return self.scalar(flow=True)
        size = self.rng.randrange(4)
        gap = self.rng.choice((" ", "  "))
        if kind < 0.75:
            return "[" + ("," + gap).join(self.flow(depth - 1) for _ in range(size)) + self.rng.choice(("]", " ]", ", ]" if size else "]"))
        return "{" + ("," + gap).join(f"{self.key()}: {self.flow(depth - 1)}" for _ in range(size)) + "}"

    def key(self):
        return self.rng.choice(("a", "b", "c", "'a'", '"b"', "12", "yes", "~", "1.5", "é", "two words", "2001-12-14", "=", "'<<'", "k" + str(self.rng.randrange(99))))

    def anchor(self, names):
        if self.rng.random() > 0.15:
            return "", lambda: None
        self.anchors += 1
        name = f"n{self.anchors}"
        return f"&{name} ", lambda: names.append(name)

    def comment(self):
        return self.rng.choice(("", "", "", "  # note"))

    def block_scalar(self, indent):
        lines = [self.rng.choice(("text", "  more", "", "a: b", "- c", "# not a comment", "trailing ", "é")) for _ in range(self.rng.randrange(1, 5))]
        if not any(line.strip() for line in lines):
            lines = ["x"]
        hint = self.rng.choice(("", "-", "+"))
        if lines[0][:1] in (" ", ""):
            hint = "2" + hint
        return self.rng.choice("|>") + hint, [" " * (indent + 2) + line if line else "" for line in lines]

    def block(self, indent, depth):
        """Lines of a node that starts in a line of its own."""
        kind = self.rng.random()
        if depth == 0 or kind < 0.1:
            return [" " * indent + self.flow(2) + self.comment()]
        make = self.block_list if kind < 0.45 else self.block_map
        return make(indent, depth)

    def block_list(self, indent, depth):
        lines = []
        for _ in range(self.rng.randrange(1, 4)):
            lines += self.attach(" " * indent + "-", indent, depth, False)
        return lines

    def block_map(self, indent, depth):
        lines = []
        if self.maps and self.rng.random() < 0.3:
            one = "*" + self.rng.choice(self.maps)
            lines.append(" " * indent + "<<: " + self.rng.choice((one, f"[{one} , {{z: 1}}]", "{a: merged}")))
        for _ in range(self.rng.randrange(1, 4)):
            start = " " * indent + self.key() + ":" if self.rng.random() < 0.9 else " " * indent + "? " + self.key() + "\n" + " " * indent + ":"
            lines += self.attach(start, indent, depth, True)
        return lines

    def attach(self, start, indent, depth, in_map):
        """A value behind "key:" or "-"."""
        kind = self.rng.random()
        if kind < 0.08:
            return [start + self.comment()]
        if kind < 0.4:
            mark, done = self.anchor(self.scalars)
            value = self.scalar()
            if value.startswith("*"):
                return [f"{start} {value}{self.comment()}"]
            done()
            return [f"{start} {mark}{value}{self.comment()}"]
        if kind < 0.55:
            return [f"{start} {self.flow(2)}{self.comment()}"]
        if kind < 0.65:
            head, lines = self.block_scalar(indent)
            return [f"{start} {head}", *lines]
        if kind < 0.7:
            return [f"{start} long text", " " * (indent + 2) + "on two", "", " " * (indent + 1) + "lines"]
        deeper = indent + self.rng.choice((1, 2, 4))
        if in_map and kind < 0.8:
            return [start + self.comment(), *self.block_list(self.rng.choice((indent, deeper)), depth - 1 if depth else 0)]
        if kind < 0.9:
            mark, done = self.anchor(self.maps)
            tag = self.rng.choice(("", "", "", "!!map ", "!unsafe "))
            lines = self.block_map(deeper, max(depth - 1, 0))
            done()
            return [f"{start} {mark}{tag}".rstrip() + self.comment(), *lines]
        return [start, *self.block(deeper, max(depth - 1, 0))]
