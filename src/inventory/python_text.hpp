// Python's idea of blanks and line ends, for files that Ansible reads with str.strip() and str.splitlines().
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace herder::inventory {

/// The length of the blank at the front of `text` (str.isspace), or 0.
std::size_t blank_length(std::string_view text) noexcept;
/// str.strip().
std::string_view python_strip(std::string_view text) noexcept;

/// Walks the lines of str.splitlines(): \n \r \r\n \v \f, \x1c to \x1e, U+0085, U+2028 and U+2029 end a line.
class PythonLines {
 public:
  explicit PythonLines(std::string_view text) noexcept;
  /// The next line without its end; false when there is none.
  bool next(std::string_view& line) noexcept;
  /// True when all bytes are ASCII: then columns are bytes.
  [[nodiscard]] bool is_ascii() const noexcept { return ascii_; }

 private:
  bool next_rare(std::string_view& line) noexcept;

  std::string_view rest_;
  bool ascii_ = true;
  bool only_newlines_ = true;  // nearly every file: then memchr finds the lines
};

/// A line for an error message: what follows `name=` becomes stars when the name sounds secret (pass, secret, token ...), as many
/// as there were bytes, so that columns stay right.
std::string without_secrets(std::string_view line);

}  // namespace herder::inventory
