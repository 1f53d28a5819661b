// Words of a line as Python's shlex.split(line, comments=True) cuts them: how host lines of INI inventories are read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace herder::inventory {

struct ShlexWord {
  std::string text;
  std::size_t offset = 0;  // bytes from the start of the line to the word's first character
};

/// Blanks are space, tab, CR and LF. '#' starts a comment anywhere outside quotes, also inside a word. Single quotes keep all,
/// double quotes let a backslash protect '"' and '\' only, outside a backslash protects anything. Errors: parse, with
/// `where.column` (counted in bytes from 1) at the quote that is not closed or the backslash that ends the line.
Result<std::vector<ShlexWord>> shlex_split(std::string_view line);

}  // namespace herder::inventory
