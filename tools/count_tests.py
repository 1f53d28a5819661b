#!/usr/bin/env python3
"""Sums up a run of ./test in one line, `N passed, N failed, N skipped`, from the reports below a folder; the exit code is 1 when
something failed or nothing ran.

Read are JUnit files (GoogleTest's and pytest's), fuzz/TARGET (0 or 1) and `parts`, lines of "EXIT_CODE NAME". A part that failed
without a failed case in its reports (a crash, findings of tidy) counts as one failure; one without reports that went well, as a pass.
"""

import sys
import xml.etree.ElementTree as xml
from pathlib import Path
from typing import NamedTuple


class Count(NamedTuple):
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, other: "Count") -> "Count":
        return Count(*(a + b for a, b in zip(self, other)))


def count_junit(path: Path) -> Count:
    """A GoogleTest program that dies leaves no file or a broken one; its part's exit code tells."""
    sum_up = Count()
    try:
        cases = list(xml.parse(path).getroot().iter("testcase"))
    except xml.ParseError:
        return Count()
    for case in cases:
        if case.find("failure") is not None or case.find("error") is not None:
            sum_up = sum_up.plus(Count(failed=1))
        elif case.find("skipped") is not None or case.get("status") == "notrun":
            sum_up = sum_up.plus(Count(skipped=1))
        else:
            sum_up = sum_up.plus(Count(passed=1))
    return sum_up


def count_fuzzers(folder: Path) -> Count:
    results = [path.read_text(encoding="utf-8").strip() for path in sorted(folder.glob("*"))]
    return Count(passed=results.count("0"), failed=len(results) - results.count("0"))


def reports_of(part: str, reports: Path) -> Count:
    """What the reports of one part say. GoogleTest's are in the folder of their preset, pytest's in pytest_NAME.xml."""
    if part == "fuzz":
        return count_fuzzers(reports / "fuzz")
    if part in ("asan", "tsan"):
        files = sorted((reports / part).glob("*.xml"))
    elif part == "unit":
        files = sorted((reports / "dev").glob("*.xml"))
    elif part == "python":
        files = [reports / "pytest_all.xml"]
    else:
        files = [reports / f"pytest_{part}.xml", reports / "dev" / f"{part}_tests.xml"]
    sum_up = Count()
    for file in files:
        if file.exists():
            sum_up = sum_up.plus(count_junit(file))
    return sum_up


def count(reports: Path) -> Count:
    total = Count()
    for line in (reports / "parts").read_text(encoding="utf-8").splitlines():
        code, part = line.split(" ", 1)
        of_part = reports_of(part, reports)
        if code != "0" and of_part.failed == 0:
            of_part = of_part.plus(Count(failed=1))
        if code == "0" and of_part == Count():
            of_part = Count(passed=1)
        total = total.plus(of_part)
    return total


def main(arguments: list[str]) -> int:
    total = count(Path(arguments[0]))
    print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return 0 if total.failed == 0 and total.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
