#!/usr/bin/env python3
"""Checks the rules of this repository that no compiler knows: layering, sizes, names, dead files, comments.

Usage: tools/tidy.py [ROOT]. Each finding is one line, `file:line: what: remedy`; the exit code is 1 when there is one.
Exceptions are said where they are, with a reason:
    // long: REASON      near the top of a long file, or in or right above a long function (# long: in Python)
    // heavy: REASON     on the line of a heavy include in a header
    // tidy: REASON      on a line with a word that is otherwise forbidden
"""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

FILE_LINES = 500  # above: a reason
FILE_LINES_MAX = 700  # above: no reason is enough
FUNCTION_LINES = 80  # above: a reason
README_LINES = 120
TOP_LINES = 20  # where a file gives its reasons

CPP = (".cpp", ".hpp", ".c", ".h")
CHECKED_FOLDERS = ("src", "tests", "tools", "bench", "python", "cmake", ".ci")
ASIO_ROOMS = ("async", "transport", "lab")
HEAVY = re.compile(r"boost/|libssh|yaml\.h$|iostream$|regex$|asio|spdlog|CLI11")
# Written in pieces, so that this file does not find itself.
MACHINE_PATHS = re.compile(r"(?<![\w.~])/(?:" + "work|ro" + r"ot)/")
UNFINISHED = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + "X|HA" + r"CK)\b")
FOREIGN_NAMES = {"promise_type", "showValue"}  # asked for by these names: by the language, by rapidcheck


class Finding(NamedTuple):
    path: str
    line: int
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: {self.remedy}"


class Tree:
    """The text files of a checkout, by their path below its root."""

    def __init__(self, root: Path):
        self.root = root
        self.texts: dict[str, str] = {}
        for path in sorted(list_files(root)):
            try:
                self.texts[path] = (root / path).read_text(encoding="utf-8")
            except (UnicodeDecodeError, OSError):
                continue  # a corpus file, a link to nowhere, a file that was removed but not yet committed

    def having(self, *endings: str, below: str = "") -> Iterator[tuple[str, str]]:
        for path, text in self.texts.items():
            if path.endswith(endings) and path.startswith(below):
                yield path, text


def list_files(root: Path) -> list[str]:
    """What git knows or would add; everything but build/ where there is no git."""
    if (root / ".git").exists():
        command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        return [name for name in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0") if name]
    found = []
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if name not in ("build", "__pycache__")]
        found += [os.path.relpath(os.path.join(folder, name), root) for name in files]
    return found


# --- rooms ---------------------------------------------------------------------------------------------------------------


def read_rooms(cmake: str) -> dict[str, list[str]]:
    """The rooms of src/CMakeLists.txt in their order, each with what it may use."""
    rooms = {}
    for call in re.finditer(r"^\s*herder_room\(([^)]*)\)", cmake, re.MULTILINE):
        words = call[1].split()
        rooms[words[0]] = argument_words(words, "USES")
    return rooms


def read_test_rooms(cmake: str) -> dict[str, list[str]]:
    """What the tests of a room may use besides."""
    calls = (call[1].split() for call in re.finditer(r"^\s*herder_room\(([^)]*)\)", cmake, re.MULTILINE))
    return {words[0]: argument_words(words, "TEST_USES") for words in calls}


def argument_words(words: list[str], keyword: str) -> list[str]:
    """The words between a keyword of herder_room and the next one."""
    if keyword not in words:
        return []
    rest = words[words.index(keyword) + 1 :]
    return rest[: next((i for i, word in enumerate(rest) if word in ("USES", "TEST_USES", "LIBS")), len(rest))]


def includes(text: str) -> Iterator[tuple[int, str, str]]:
    """(line number, "<" or '"', path) of every #include."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line):
            yield number, found[1], found[2]


def check_layers(tree: Tree) -> Iterator[Finding]:
    rooms = read_rooms(tree.texts.get("src/CMakeLists.txt", ""))
    for_tests = read_test_rooms(tree.texts.get("src/CMakeLists.txt", ""))
    for path, text in tree.having(*CPP, below="src/"):
        room = path.split("/")[1]
        if room not in rooms:
            yield Finding(path, 1, f"'{room}' is no room", "declare it in src/CMakeLists.txt or move the file")
            continue
        for number, kind, target in includes(text):
            if kind == '"' and f"src/{target}" not in tree.texts:
                yield Finding(path, number, f'"{target}" is no file below src/', "write the path from src/, or <> for a library")
            used = target.split("/")[0]
            may = rooms[room] + (for_tests[room] if path.endswith("_test.cpp") else [])
            if kind == '"' and used in rooms and used != room and used not in may:
                yield Finding(path, number, f"room {room} may not use room {used}", "move the code, or add the room to USES if it is lower")
            if "boost/asio" in target and room not in ASIO_ROOMS:
                yield Finding(path, number, f"room {room} names Asio", "call a plain function of async/ or transport/")


def check_readmes(tree: Tree) -> Iterator[Finding]:
    for room in read_rooms(tree.texts.get("src/CMakeLists.txt", "")):
        path = f"src/{room}/README.md"
        if path in tree.texts:
            lines = tree.texts[path].count("\n")
            if lines > README_LINES:
                yield Finding(path, README_LINES, f"{lines} lines are more than a page", f"keep it below {README_LINES}")
        elif any(tree.having(*CPP, below=f"src/{room}/")):
            yield Finding(path, 1, f"room {room} has no README.md", "one page: purpose, invariants, limits, what it uses, errors, sources")


# --- sizes ---------------------------------------------------------------------------------------------------------------


def gives_reason(lines: list[str]) -> bool:
    return any(re.search(r"(?://|#)\s*long: \S", line) for line in lines)


def check_file_sizes(tree: Tree) -> Iterator[Finding]:
    for path, text in tree.having(*CPP, ".py"):
        lines = text.splitlines()
        if len(lines) > FILE_LINES_MAX:
            yield Finding(path, FILE_LINES_MAX, f"{len(lines)} lines", f"split it; {FILE_LINES_MAX} is the most")
        elif len(lines) > FILE_LINES and not gives_reason(lines[:TOP_LINES]):
            yield Finding(path, FILE_LINES, f"{len(lines)} lines without a reason", "split it, or say 'long: REASON' at its top")


def blank_out(text: str) -> str:
    """C++ with comments, strings and preprocessor lines made blank, line for line and column for column."""

    def blank(found: re.Match) -> str:
        return re.sub(r"[^\n]", " ", found[0])

    token = re.compile(
        r'R"([^()\\\s]{0,16})\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.DOTALL
    )
    text = token.sub(blank, text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.MULTILINE)


class Scope(NamedTuple):
    kind: str  # namespace, type, function or block
    head: str  # what stands before its brace
    line: int


def cpp_scopes(text: str) -> Iterator[tuple[Scope, int, str]]:
    """Every braced scope of a file as (scope, last line, kind of the scope around it), innermost first. A heuristic: it knows
    namespaces, types and what looks like a function directly inside them."""
    code = blank_out(text)
    stack: list[Scope] = []
    head_from = 0
    for found in re.finditer(r"[{};]", code):
        at = found.start()
        if found[0] == "{":
            head = " ".join(code[head_from:at].split())
            outer = stack[-1].kind if stack else "namespace"
            start = head_from + len(code[head_from:at]) - len(code[head_from:at].lstrip())
            stack.append(Scope(kind_of(head, outer), head, code.count("\n", 0, start) + 1))
        elif found[0] == "}" and stack:
            scope = stack.pop()
            yield scope, code.count("\n", 0, at) + 1, stack[-1].kind if stack else "namespace"
        if found[0] != ";" or not in_parentheses(code[head_from:at]):
            head_from = at + 1


def in_parentheses(head: str) -> bool:
    return head.count("(") > head.count(")")  # the semicolons of a for


def kind_of(head: str, outer: str) -> str:
    head = re.sub(r"template\s*<[^{]*?>\s*(?=\w)", "", head)
    if outer not in ("namespace", "type"):
        return "block"
    if re.match(r"(?:inline\s+)?namespace\b|extern\b", head) and "(" not in head:
        return "namespace"
    if re.search(r"\b(?:class|struct|union|enum)\b[^()]*$", head):
        return "type"
    return "function" if "(" in head and not head.endswith(("=", ",", "(")) else "block"


def check_function_sizes(tree: Tree) -> Iterator[Finding]:
    remedy = "split it, or say 'long: REASON' in it"
    for path, text in tree.having(*CPP):
        lines = text.splitlines()
        for scope, last, _ in cpp_scopes(text):
            size = last - scope.line + 1
            if scope.kind == "function" and size > FUNCTION_LINES and not gives_reason(lines[max(0, scope.line - 3) : last]):
                name = re.search(r"(~?\w+)\s*\(", scope.head)
                yield Finding(path, scope.line, f"function {name[1] if name else '?'} has {size} lines", remedy)
    for path, text in tree.having(".py"):
        lines = text.splitlines()
        for node in ast.walk(parse_python(text)):
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > FUNCTION_LINES and not gives_reason(lines[max(0, node.lineno - 3) : node.end_lineno]):
                yield Finding(path, node.lineno, f"function {node.name} has {size} lines", remedy)


def parse_python(text: str) -> ast.AST:
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module([], [])  # its own tests will say so


# --- names ---------------------------------------------------------------------------------------------------------------

PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*$")
SNAKE = re.compile(r"[a-z_][a-z0-9_]*$")
TYPE = re.compile(r"\s*(?:class|struct|union|enum(?:\s+class)?)\s+(?:\[\[\w+\]\]\s*)?([A-Za-z_]\w*)\s*(?:final\s*)?(?::(?!:)|\{|$)")


def check_file_names(tree: Tree) -> Iterator[Finding]:
    for path, _ in tree.having(*CPP, ".py", ".sh"):
        if not path.startswith(tuple(f"{folder}/" for folder in CHECKED_FOLDERS)):
            continue
        for part in path.split("/"):
            stem = part.split(".")[0] if not part.startswith(".") else part[1:]
            if not SNAKE.match(stem):
                yield Finding(path, 1, f"'{part}' is not snake_case", "rename it")


def check_cpp_names(tree: Tree) -> Iterator[Finding]:
    for path, text in tree.having(*CPP, below="src/"):
        code = blank_out(text)
        for number, line in enumerate(code.splitlines(), 1):
            if (found := TYPE.match(line)) and not PASCAL.match(found[1]) and found[1] not in FOREIGN_NAMES:
                yield Finding(path, number, f"type '{found[1]}' is not PascalCase", "rename it")
            found = re.search(r"\bTEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)|\bRC_GTEST_PROP\(\s*(\w+)\s*,\s*(\w+)\s*,", line)
            if found and not (PASCAL.match(found[1] or found[3]) and SNAKE.match(found[2] or found[4])):
                yield Finding(path, number, f"test name '{found[0]}'", "write TEST(PascalCase, snake_case_behaviour)")
        for scope, _, outer in cpp_scopes(text):
            name = re.search(r"(\w+)\s*\(", scope.head)
            camel = scope.kind == "function" and name and re.match(r"[a-z]+[A-Z]|[a-z_0-9]+[A-Z]", name[1])
            if camel and name[1] not in FOREIGN_NAMES and outer in ("namespace", "type"):
                yield Finding(path, scope.line, f"function '{name[1]}' is not snake_case", "rename it")
        if path.endswith(".hpp"):
            for number, line in enumerate(text.splitlines(), 1):
                found = re.match(r"\s*#\s*define\s+(\w+)", line)
                if found and not found[1].startswith("HERDER_"):
                    yield Finding(path, number, f"macro '{found[1]}' in a header", "name it HERDER_..., or use a function")


# --- headers, dead files, words ------------------------------------------------------------------------------------------


def check_headers(tree: Tree) -> Iterator[Finding]:
    for path, text in tree.having(".hpp", below="src/"):
        lines = text.splitlines() or [""]
        if not lines[0].startswith("//"):
            yield Finding(path, 1, "the header does not say what it is", "begin with a comment: what it holds, who owns it, which thread")
        if "#pragma once" not in lines[:TOP_LINES]:
            yield Finding(path, 1, "no #pragma once near the top", "add it below the first comment")
        for number, _, target in includes(text):
            if HEAVY.search(target) and "// heavy: " not in lines[number - 1]:
                yield Finding(path, number, f"heavy include {target} in a header", "move it to a .cpp (pimpl, forward declaration)")


def check_dead_files(tree: Tree) -> Iterator[Finding]:
    included = {target for _, text in tree.having(*CPP) for _, _, target in includes(text)}
    for path, _ in tree.having(".hpp", below="src/"):
        if path.removeprefix("src/") not in included:
            yield Finding(path, 1, "nobody includes this header", "remove it")
    for path, _ in tree.having(".py"):
        name = Path(path).stem
        if name.startswith("test_") or name in ("conftest", "__init__", "__main__") or path.startswith("python/"):
            continue
        word = re.compile(rf"\b{re.escape(name)}\b")
        if not any(word.search(text) for other, text in tree.texts.items() if other != path):
            yield Finding(path, 1, "nothing mentions this script", "remove it, or say in a README or script what it is for")


def check_words(tree: Tree) -> Iterator[Finding]:
    for path, text in tree.texts.items():
        if "/corpus/" in path or path == "LICENSE":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if re.search(r"(?://|#) tidy: \S", line):
                continue
            if found := MACHINE_PATHS.search(line):
                yield Finding(path, number, f"'{found[0]}' is a path of one machine", "make it relative, a parameter, or a temporary folder")
            if found := UNFINISHED.search(line):
                yield Finding(path, number, f"'{found[0]}' in the tree", "do it now, or open an issue and remove the note")


CHECKS = (
    check_layers,
    check_readmes,
    check_file_sizes,
    check_function_sizes,
    check_file_names,
    check_cpp_names,
    check_headers,
    check_dead_files,
    check_words,
)


def check(root: Path) -> list[Finding]:
    tree = Tree(root)
    return sorted(finding for run in CHECKS for finding in run(tree))


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    findings = check(root)
    for finding in findings:
        print(finding)
    print(f"tidy: {len(findings)} findings" if findings else "tidy: nothing to say")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
