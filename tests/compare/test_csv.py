"""CSV, compared with module csv."""
import csv
import io
import random

import pytest
from probe import CASES, Refused, ask


def theirs(text, delimiter, strict=False):
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict))


def random_text(rng, delimiter):
    return "".join(rng.choice(["a", "é", '"', '""', delimiter, delimiter, "\n", "\r\n", "\r", " ", "1"]) for _ in range(rng.randrange(16)))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_reads_as_python(delimiter):
    rng = random.Random(1)
    texts = [random_text(rng, delimiter) for _ in range(CASES)]
    answers = ask([{"op": "csv_parse", "text": text, "delimiter": delimiter} for text in texts])
    for text, answer in zip(texts, answers):
        assert answer == theirs(text, delimiter), repr(text)


def test_strict_refuses_as_python():
    rng = random.Random(2)
    texts = [random_text(rng, ",") for _ in range(CASES)]
    answers = ask([{"op": "csv_parse", "text": text, "delimiter": ",", "strict": True} for text in texts])
    refused = 0
    for text, answer in zip(texts, answers):
        try:
            wanted = theirs(text, ",", strict=True)
        except csv.Error:
            refused += 1
            assert isinstance(answer, Refused), repr(text)
        else:
            assert answer == wanted, repr(text)
    assert refused > CASES / 20


def test_writes_as_python():
    rng = random.Random(3)
    rows = [["".join(rng.choice('ab ",;\n\ré') for _ in range(rng.randrange(6))) for _ in range(rng.randrange(1, 5))] for _ in range(CASES)]
    answers = ask([{"op": "csv_print", "fields": row, "delimiter": ";"} for row in rows])
    for row, answer in zip(rows, answers):
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=";").writerow(row)
        assert answer == out.getvalue(), row
