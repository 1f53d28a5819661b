#!/usr/bin/env python3
"""Prints the files that took longest to compile, from the ninja logs below a folder (`./run build-report`).

Times are those of the last build of each file, wall clock, with whatever else ran beside it; a file that ccache had ready looks
fast, so a report worth reading follows a build with CCACHE_DISABLE=1.
"""

import sys
from pathlib import Path

SHOWN = 25
SLOW_S = 10.0  # STYLE.md: above this a file needs a reason


def read_log(path: Path) -> dict[str, float]:
    """Output -> seconds of its last build. Format: ninja's .ninja_log version 5 and 6, tab-separated: start, end, mtime, output, hash."""
    seconds = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        fields = line.split("\t")
        if len(fields) == 5 and fields[3].endswith(".o"):
            seconds[fields[3]] = (int(fields[1]) - int(fields[0])) / 1000
    return seconds


def source_of(output: str) -> str:
    """src/CMakeFiles/herder_base.dir/base/text.cpp.o -> src/base/text.cpp"""
    folder, _, rest = output.partition("/CMakeFiles/")
    return f"{folder}/{rest.partition('.dir/')[2].removesuffix('.o')}"


def main(arguments: list[str]) -> int:
    logs = sorted(Path(arguments[0]).glob("*/.ninja_log"))
    if not logs:
        print("nothing was built yet: ./run builds")
        return 1
    for log in logs:
        seconds = read_log(log)
        slowest = sorted(seconds.items(), key=lambda entry: -entry[1])[:SHOWN]
        print(f"{log.parent.name}: {len(seconds)} files, {sum(seconds.values()):.0f} s of compiling")
        for output, taken in slowest:
            print(f"  {taken:6.1f} s  {source_of(output)}{'   (above the limit)' if taken > SLOW_S else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
