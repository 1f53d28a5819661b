// The shapes in which a secret can turn up in text.
#pragma once

#include <string_view>
#include <vector>

#include "base/redact_matcher.hpp"

namespace herder::redaction {

/// How a scanner reads the text; a pattern counts in the readings that it names.
enum Reading : std::uint8_t {
  as_is = 1,         // byte for byte
  unwrapped = 2,     // without line ends and the indentation behind them
  unpercented = 4,   // unwrapped, with %41 decoded and '+' as space
  unescaped = 8,     // unwrapped, with \n, \", \x41, \101, \u0041, \U00000041 and \anything decoded
  unquoted = 16,     // unwrapped, without ' " and backslash
  squeezed = 32,     // without any white space
};
constexpr unsigned reading_count = 6;

/// Appends every pattern for `secret`: plain, trimmed, base64 and base64url at the three alignments, hexadecimal, quoted for a
/// shell, escaped for JSON and URLs; long lines of a many-line secret also by themselves. A form with fewer than `min_bytes`
/// bytes, or of white space only, is left out.
void add_forms(std::string_view secret, std::size_t min_bytes, std::vector<Pattern>& out);

/// Drops the bytes that the unwrapped readings do not see; one for pattern and text, so that both agree.
class Unwrapper {
 public:
  /// Whether `byte` is dropped. `literal`: it stands in the text as such; a blank that was spelled %20 is no indentation.
  bool drops(char byte, bool literal) noexcept {
    if (byte == '\n' || byte == '\r') return after_line_end_ = true;
    if (after_line_end_ && literal && (byte == ' ' || byte == '\t')) return true;
    return after_line_end_ = false;
  }

 private:
  bool after_line_end_ = false;
};

inline bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
inline bool is_quoting(char c) noexcept { return c == '\'' || c == '"' || c == '\\'; }

}  // namespace herder::redaction
