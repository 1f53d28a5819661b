"""Every check of tools/tidy.py must be able to fail, and must be silent on a tree that keeps the rules."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TIDY = ROOT / "tools" / "tidy.py"

GOOD_TREE = {
    "src/CMakeLists.txt": "herder_room(base)\nherder_room(value USES base LIBS PkgConfig::yaml)\nherder_room(async USES base)\n"
    "herder_room(wire USES base TEST_USES async LIBS z)\nherder_room(late)\n",
    "src/base/README.md": "# base\n",
    "src/async/README.md": "# async\n",
    "src/async/loop.hpp": "// Loops.\n#pragma once\n",
    "src/wire/README.md": "# wire\n",
    "src/wire/frame_test.cpp": '#include "async/loop.hpp"\n',
    "src/value/README.md": "# value\n",
    "src/base/text.hpp": "// Text.\n#pragma once\n\n#include <string>\n\nnamespace herder {\nstd::string trim(std::string text);\n}\n",
    "src/base/text.cpp": '#include "base/text.hpp"\n\nnamespace herder {\nstd::string trim(std::string text) { return text; }\n}\n',
    "src/value/value.hpp": '// Values.\n#pragma once\n#include "base/text.hpp"\n\nnamespace herder {\nclass Value {\n public:\n  int size() const;\n};\n}\n',
    "src/value/value_test.cpp": '#include "value/value.hpp"\n\nTEST(Value, knows_its_size) { EXPECT_EQ(1, 1); }\n',
    "tools/make_page.py": "def main():\n    pass\n",
    "docs/architecture.md": "`tools/make_page.py` makes this page.\n",
}

HEADER = "// A header.\n#pragma once\n"


def function_of(lines: int, extra: str = "") -> str:
    return "int first() { return 1; }\nint long_one(int a) {\n" + extra + "  a += 1;\n" * (lines - 2 - bool(extra)) + "}\n"


BAD_FILES = [
    ("src/base/x.cpp", '#include "value/value.hpp"\n', 1, "room base may not use room value"),
    ("src/value/x.cpp", '#include "async/loop.hpp"\n', 1, "room value may not use room async"),
    ("src/wire/x.cpp", '#include "async/loop.hpp"\n', 1, "room wire may not use room async"),
    ("src/base/x.cpp", '#include "base/none.hpp"\n', 1, '"base/none.hpp" is no file below src/'),
    ("src/value/x.cpp", "\n#include <boost/asio/post.hpp>\n", 2, "room value names Asio"),
    ("src/attic/x.cpp", "int x;\n", 1, "'attic' is no room"),
    ("src/late/x.cpp", "int x;\n", 1, "room late has no README.md"),
    ("src/base/README.md", "line\n" * 200, 120, "200 lines are more than a page"),
    ("src/base/x.cpp", "int x;\n" * 501, 500, "501 lines without a reason"),
    ("src/base/x.cpp", "// long: a table\n" + "int x;\n" * 701, 700, "702 lines"),
    ("tools/test_x.py", "x = 1\n" * 501, 500, "501 lines without a reason"),
    ("src/base/x.cpp", function_of(81), 2, "function long_one has 81 lines"),
    ("src/base/x.cpp", "class A {\n  void f(int a) const {\n" + "a;\n" * 80 + "  }\n};\n", 2, "function f has 82 lines"),
    ("tools/test_x.py", "def f():\n" + "    pass\n" * 80, 1, "function f has 81 lines"),
    ("src/base/BadName.cpp", "int x;\n", 1, "'BadName.cpp' is not snake_case"),
    ("tests/bad-folder/test_x.py", "x = 1\n", 1, "'bad-folder' is not snake_case"),
    ("src/base/x.cpp", "struct small_type {\n};\n", 1, "type 'small_type' is not PascalCase"),
    ("src/base/x.cpp", "enum class small_type : int { a };\n", 1, "type 'small_type' is not PascalCase"),
    ("src/base/x.cpp", "int readFile(int a) {\n  return a;\n}\n", 1, "function 'readFile' is not snake_case"),
    ("src/base/x_test.cpp", "TEST(Value, KnowsItsSize) {}\n", 1, "test name"),
    ("src/base/x_test.cpp", "RC_GTEST_PROP(value, is_right, ()) {}\n", 1, "test name"),
    ("src/base/text.hpp", HEADER + "#define TRIM 1\n", 3, "macro 'TRIM' in a header"),
    ("src/base/text.hpp", "#pragma once\n", 1, "the header does not say what it is"),
    ("src/base/text.hpp", "// Text.\n", 1, "no #pragma once"),
    ("src/base/text.hpp", HEADER + "#include <iostream>\n", 3, "heavy include iostream"),
    ("src/base/text.hpp", HEADER + "#include <boost/json.hpp>\n", 3, "heavy include boost/json.hpp"),
    ("src/base/text.hpp", HEADER + "#include <libssh/libssh.h>\n", 3, "heavy include libssh/libssh.h"),
    ("src/base/unused.hpp", HEADER, 1, "nobody includes this header"),
    ("tools/unused.py", "x = 1\n", 1, "nothing mentions this script"),
    ("README.md", "see\n/" + "work/x\n", 2, "is a path of one machine"),
    ("src/base/x.cpp", "// TO" + "DO: more\n", 1, "in the tree"),
]

GOOD_FILES = [
    ("src/base/x.cpp", "// long: one table, by name\n" + "int x;\n" * 600),
    ("src/base/x.cpp", function_of(81, "  // long: one switch over all codes\n")),
    ("src/base/x.cpp", function_of(80)),
    ("src/base/text.hpp", HEADER + "#include <iostream>  // heavy: operators for tests\n"),
    ("README.md", "/" + "work/x  // tidy: shows what the check finds\n"),
    ("README.md", "https://example.org/work/x and ./work/ and ~root/x\n"),
    ("src/base/x.cpp", 'auto s = R"(\nstruct small_type {\nint readFile() {\n)";\nconst char* t = "/* struct x {";\n'),
    ("src/base/x.cpp", "struct rc::Arbitrary<int> {\n};\nvoid showValue(int a) {\n}\n"),
    ("src/base/x.cpp", "void f() {\n  for (int i = 0; i < 2; ++i) {\n    onHost([] { return 1; });\n  }\n}\n"),
]


def write_tree(root: Path, *extra: tuple[str, str]) -> None:
    for name, text in (GOOD_TREE | dict(extra)).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run_tidy(root: Path) -> tuple[int, list[str]]:
    done = subprocess.run([sys.executable, str(TIDY), str(root)], capture_output=True, text=True, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_a_tree_that_keeps_the_rules_has_no_findings(tmp_path):
    write_tree(tmp_path)
    assert run_tidy(tmp_path) == (0, ["tidy: nothing to say"])


@pytest.mark.parametrize("path, text, line, what", BAD_FILES, ids=[f"{case[0]}: {case[3]}" for case in BAD_FILES])
def test_finds(tmp_path, path, text, line, what):
    write_tree(tmp_path, (path, text))
    code, lines = run_tidy(tmp_path)
    hits = [found for found in lines if found.startswith(f"{path if 'README.md' not in what else path.rsplit('/', 1)[0] + '/README.md'}:{line}: ")]
    assert code == 1
    assert any(what in hit for hit in hits), lines
    assert all(hit.rsplit(": ", 1)[1] for hit in hits)  # with a remedy


@pytest.mark.parametrize("path, text", GOOD_FILES)
def test_accepts(tmp_path, path, text):
    write_tree(tmp_path, (path, text))
    assert run_tidy(tmp_path) == (0, ["tidy: nothing to say"])


def test_looks_only_at_what_git_would_keep(tmp_path):
    write_tree(tmp_path, (".gitignore", "build/\n"), ("build/x.cpp", "// TO" + "DO\n"))
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    assert run_tidy(tmp_path)[0] == 0
    write_tree(tmp_path, ("src/base/new.cpp", "// TO" + "DO\n"))
    assert run_tidy(tmp_path)[0] == 1
