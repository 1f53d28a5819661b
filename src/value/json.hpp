// JSON in and out (RFC 8259), as Python's json module does it where that can be seen.
#pragma once

#include <string>
#include <string_view>

#include "value/value.hpp"

namespace herder::value {

struct JsonOptions {
  std::string file;             // for positions and errors
  Mark marks = Mark::none;      // put on every string
  std::size_t depth = 64;
  bool python_extensions = true;  // NaN, Infinity, -Infinity
};
/// One JSON text. Integers of any size; duplicate keys: the last wins, as in Python. Invalid UTF-8 and lone surrogates are errors.
Result<Value> parse_json(std::string_view text, const JsonOptions& options = {});

struct JsonStyle {
  int indent = 0;            // 0: one line
  bool sort_keys = false;
  bool ascii = true;         // \uXXXX for everything outside ASCII, as json.dumps does
  bool spaces = true;        // ", " and ": " as json.dumps does; off: the shortest form
};
/// Text of a value. Dates become ISO strings, bytes base64, non-string keys what json.dumps makes of them, invalid UTF-8 U+FFFD.
/// Values marked secret become "********"; vaulted ones {"__ansible_vault": cipher text}.
std::string print_json(const Value& value, const JsonStyle& style = {});

/// A number as Python's repr(float) prints it: shortest digits that read back, "1e+16", "inf", "nan".
std::string python_float(double number);

}  // namespace herder::value
