#!/usr/bin/env python3
"""Writes src/value/python_printable.cpp: which code points repr() of a str escapes (str.isprintable() of the running Python)."""
import pathlib
import sys
import unicodedata


def ranges():
    """Yields (first, last) of every run of code points above ASCII that are not printable."""
    start = None
    for code in range(0x7F, 0x110001):
        escaped = code < 0x110000 and not chr(code).isprintable()
        if escaped and start is None:
            start = code
        elif not escaped and start is not None:
            yield start, code - 1
            start = None


def main():
    rows = [f"{{0x{first:x}, 0x{last:x}}}," for first, last in ranges()]
    lines, line = [], "   "
    for row in rows:
        if len(line) + len(row) + 1 > 128:
            lines.append(line)
            line = "   "
        line += " " + row
    lines.append(line)
    text = f"""// Made by tools/make_python_printable.py with Python {sys.version.split()[0]}, Unicode {unicodedata.unidata_version}. Do not edit.
#include "value/python_printable.hpp"

#include <algorithm>
#include <iterator>

namespace herder::value {{
namespace {{

struct Range {{
  char32_t first;
  char32_t last;
}};

constexpr Range escaped[] = {{
{chr(10).join(lines)}
}};

}}  // namespace

bool python_printable(char32_t code) noexcept {{
  if (code < 0x7f) return code >= 0x20;
  const Range* after = std::ranges::upper_bound(escaped, code, {{}}, &Range::first);
  return after == std::begin(escaped) || code > std::prev(after)->last;
}}

}}  // namespace herder::value
"""
    root = pathlib.Path(__file__).resolve().parent.parent
    (root / "src/value/python_printable.cpp").write_text(text)


if __name__ == "__main__":
    main()
