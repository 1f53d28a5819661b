"""The small scripts behind ./run and ./test."""

import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"

GOOD = '<testcase name="a" status="run" result="completed"/>'
BAD = '<testcase name="b" status="run"><failure message="no"/></testcase>'
SKIPPED = '<testcase name="c" status="run"><skipped message="why"/></testcase>'
DISABLED = '<testcase name="d" status="notrun"/>'


def junit(*cases: str) -> str:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


def run_script(script: str, *arguments) -> tuple[int, str]:
    done = subprocess.run([sys.executable, str(TOOLS / script), *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    "parts, files, line, code",
    [
        ("0 unit\n", {"dev/base_tests.xml": junit(GOOD, GOOD), "dev/value_tests.xml": junit(GOOD)}, "3 passed, 0 failed, 0 skipped", 0),
        ("8 unit\n", {"dev/base_tests.xml": junit(GOOD, BAD, SKIPPED, DISABLED)}, "1 passed, 1 failed, 2 skipped", 1),
        ("8 unit\n", {"dev/base_tests.xml": junit(GOOD)}, "1 passed, 1 failed, 0 skipped", 1),  # another program died
        ("8 unit\n", {"dev/base_tests.xml": "<testsuites><tests"}, "0 passed, 1 failed, 0 skipped", 1),
        ("0 tidy\n", {}, "1 passed, 0 failed, 0 skipped", 0),
        ("1 build dev\n0 tidy\n", {}, "1 passed, 1 failed, 0 skipped", 1),
        ("0 asan\n", {"asan/base_tests.xml": junit(GOOD), "dev/base_tests.xml": junit(BAD)}, "1 passed, 0 failed, 0 skipped", 0),
        ("1 fuzz\n", {"fuzz/a_fuzz": "0\n", "fuzz/b_fuzz": "1\n"}, "1 passed, 1 failed, 0 skipped", 1),
        ("1 python\n", {"pytest_all.xml": junit(GOOD, BAD)}, "1 passed, 1 failed, 0 skipped", 1),
        ("0 base\n0 e2e\n", {"pytest_e2e.xml": junit(GOOD), "dev/base_tests.xml": junit(GOOD)}, "2 passed, 0 failed, 0 skipped", 0),
        ("", {}, "0 passed, 0 failed, 0 skipped", 1),
    ],
)
def test_count_tests_sums_up(tmp_path, parts, files, line, code):
    for name, text in ({"parts": parts} | files).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert run_script("count_tests.py", tmp_path) == (code, line + "\n")


def test_build_report_lists_the_slowest_first(tmp_path):
    log = tmp_path / "dev" / ".ninja_log"
    log.parent.mkdir()
    log.write_text(
        "# ninja log v5\n"
        "0\t90000\t1\tsrc/CMakeFiles/herder_base.dir/base/text.cpp.o\tx\n"
        "0\t2500\t2\tsrc/CMakeFiles/herder_base.dir/base/text.cpp.o\tx\n"
        "5\t12005\t2\tsrc/CMakeFiles/base_tests.dir/base/text_test.cpp.o\tx\n"
        "5\t99999\t2\tsrc/libherder_base.a\tx\n"
    )
    code, out = run_script("build_report.py", tmp_path)
    assert code == 0
    assert out.splitlines() == [
        "dev: 2 files, 14 s of compiling",
        "    12.0 s  src/base/text_test.cpp   (above the limit)",
        "     2.5 s  src/base/text.cpp",
    ]


def test_build_report_without_a_build_says_so(tmp_path):
    assert run_script("build_report.py", tmp_path) == (1, "nothing was built yet: ./run builds\n")
