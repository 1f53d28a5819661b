"""Unified diffs, compared with difflib and applied again."""
import difflib
import random

import pytest
from probe import CASES, ask

END = "\n\\ No newline at end of file\n"


def lines(text):
    """As ansible --diff prepares a text: lines with their ends, the last one told apart when it has none."""
    out = text.split("\n")
    out = [line + "\n" for line in out[:-1]] + [out[-1]][: bool(out[-1])]
    if out and not out[-1].endswith("\n"):
        out[-1] += END
    return out


def changed(rng, before):
    after = list(before)
    for _ in range(rng.randrange(6)):
        place = rng.randrange(len(after) + 1)
        action = rng.randrange(3)
        if action == 0:
            after[place:place] = [rng.choice("abcdxyz") + rng.choice(["", "1"]) for _ in range(rng.randrange(1, 4))]
        elif action == 1:
            del after[place:place + rng.randrange(1, 4)]
        else:
            after[place:place + 1] = [rng.choice("abc")]
    return after


def pairs(count, longest, seed):
    rng = random.Random(seed)
    for _ in range(count):
        before = [rng.choice("abcdefgh") + rng.choice(["", "1", "2"]) for _ in range(rng.randrange(longest))]
        after = changed(rng, before) if rng.random() < 0.8 else [rng.choice("abcd") for _ in range(rng.randrange(longest))]
        yield "\n".join(before) + rng.choice(["", "\n"]), "\n".join(after) + rng.choice(["", "\n"])


def compare(cases, context):
    answers = ask([{"op": "diff", "before": before, "after": after, "context": context} for before, after in cases])
    for (before, after), answer in zip(cases, answers):
        assert answer == "".join(difflib.unified_diff(lines(before), lines(after), "old", "new", n=context)), (before, after)


@pytest.mark.parametrize("context", [0, 1, 3])
def test_prints_as_difflib(context):
    compare(list(pairs(CASES, 40, 1)), context)


def test_prints_as_difflib_with_popular_lines():
    compare(list(pairs(CASES // 30, 900, 2)), 3)


def apply(before, patch):
    """The text that a unified diff makes of `before`; raises where it does not fit."""
    old, out, at = lines(before), [], 0
    marked = patch.replace(END, "\0\n")  # so that each line of the patch is one line again
    for row in marked.split("\n")[2:-1]:
        line = row[1:-1] + END if row.endswith("\0") else row[1:] + "\n"
        if row.startswith("@@"):
            start = row.split()[1][1:].split(",")
            first = int(start[0]) - (0 if len(start) == 2 and start[1] == "0" else 1)
            out += old[at:first]
            at = first
        elif row[0] == "+":
            out.append(line)
        else:
            assert old[at] == line
            at += 1
            out += [line] if row[0] == " " else []
    return out + old[at:]


def changes(patch):
    return sum(line[:1] in "+-" and not line.startswith(("---", "+++")) for line in patch.replace(END, "\n").split("\n") if line)


def test_shortest_applies_and_is_never_longer():
    cases = [case for case in pairs(CASES, 40, 3) if case[0] != case[1]]
    answers = ask([{"op": "diff", "before": before, "after": after, "context": 1, "shortest": True} for before, after in cases])
    for (before, after), answer in zip(cases, answers):
        assert apply(before, answer) == lines(after), (before, after, answer)
        assert changes(answer) == shortest(lines(before), lines(after))


def shortest(a, b):
    """Number of removed and added lines in a shortest diff, by the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for left in a:
        previous = row
        row = [0]
        for j, right in enumerate(b):
            row.append(previous[j] + 1 if left == right else max(previous[j + 1], row[j]))
    return len(a) + len(b) - 2 * row[-1]


def test_large_texts_with_little_in_common():
    rng = random.Random(4)
    before = "".join(f"{rng.randrange(5000)}\n" for _ in range(30000))
    after = "".join(f"{rng.randrange(5000)}\n" for _ in range(30000))
    (answer,) = ask([{"op": "diff", "before": before, "after": after, "context": 0, "shortest": True}])
    assert apply(before, answer) == lines(after)
