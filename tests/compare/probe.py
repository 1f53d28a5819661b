"""Asks the *_probe programs, which the build makes beside the unit tests."""
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("HERDER_BUILD", ROOT / "build" / "dev"))
#: How many generated cases a differential test runs.
CASES = int(os.environ.get("HERDER_CASES", "3000"))


class Refused(Exception):
    """The probe answered with an error; `answer` has its place."""

    def __init__(self, answer):
        super().__init__(answer["error"])
        self.answer = answer


def ask(requests, name="value_probe"):
    """Answers for `requests` (dicts with "op"), in order: values, or Refused instances."""
    text = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([BUILD / "src" / name], input=text.encode(), stdout=subprocess.PIPE, check=True, timeout=120)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(requests)
    return [answer["ok"] if "ok" in answer else Refused(answer) for answer in answers]
