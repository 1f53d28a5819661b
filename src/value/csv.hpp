// Comma-separated values (RFC 4180), read and written as Python's csv module does with its "excel" dialect.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace herder::value {

using CsvRow = std::vector<std::string>;

struct CsvOptions {
  std::string file;               // for errors
  char delimiter = ',';           // any byte but a quote or a line end
  std::size_t field_bytes = std::size_t{1} << 20U;  // longest field
  bool strict = false;            // refuse text after a closing quote, and a quote that is never closed
};

/// All rows. A quoted field may hold delimiters, line ends and doubled quotes; a line ends with \n, \r\n or \r; an empty line is a
/// row without fields. Errors: parse (strict only), limit, both with their line; usage (delimiter).
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvOptions& options = {});

/// One line, ending in `line_end`. A field is quoted when it holds the delimiter, a quote or a line end, and when it is the row's
/// only one and empty.
std::string print_csv_row(std::span<const std::string> fields, char delimiter = ',', std::string_view line_end = "\r\n");

}  // namespace herder::value
