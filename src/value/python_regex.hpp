// Regular expressions with Python's syntax and semantics (module re of Python 3.11, str patterns), run by PCRE2.
//
// A pattern is parsed as Python parses it and rewritten for PCRE2 construct by construct; what Python does not know is an error even
// where PCRE2 would know it. Text may be invalid UTF-8: each wrong byte then counts as one character that is no letter, digit or
// space. Searches that would go on for too long end with Errc::limit.
//
// Known to differ: \N{NAME} and lone surrogates in patterns, repeat counts above 65,535 and look-behind that refers to groups are
// refused (unsupported); with flags `a` and `i` together, \1 compares letters beyond ASCII without case, too.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace herder::value {

enum class RegexFlags : std::uint8_t { none = 0, ignore_case = 1, multiline = 2, dotall = 4, verbose = 8, ascii = 16 };
constexpr RegexFlags operator|(RegexFlags a, RegexFlags b) noexcept {
  return static_cast<RegexFlags>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(RegexFlags flags, RegexFlags one) noexcept { return (static_cast<unsigned>(flags) & static_cast<unsigned>(one)) != 0; }

struct RegexProgram;  // python_regex.cpp

/// What one search found. Refers to the text that was searched, which must live on.
class RegexMatch {
 public:
  struct Span {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool matched = false;
  };

  /// Bytes of group `number` in the text; 0 is the whole match. Not matched when the group took no part, or does not exist.
  [[nodiscard]] Span span(std::size_t number = 0) const noexcept { return number < spans_.size() ? spans_[number] : Span{}; }
  /// The group's text; nothing when it took no part.
  [[nodiscard]] std::optional<std::string_view> group(std::size_t number = 0) const noexcept;
  [[nodiscard]] std::optional<std::string_view> group(std::string_view name) const noexcept;
  /// Number of groups, without the whole match.
  [[nodiscard]] std::size_t groups() const noexcept { return spans_.size() - 1; }

 private:
  friend class RegexSearch;
  std::string_view text_;
  std::vector<Span> spans_;
  std::shared_ptr<const RegexProgram> program_;
};

/// A compiled pattern. Copies share the compiled code; all members may be called from several threads.
class PythonRegex {
 public:
  /// Errors: parse (with Python's position in the pattern), unsupported, limit (too large or nested too deep).
  static Result<PythonRegex> compile(std::string_view pattern, RegexFlags flags = RegexFlags::none);

  /// First match at or after byte `from`; nothing when there is none. Errors: limit.
  [[nodiscard]] Result<std::optional<RegexMatch>> search(std::string_view text, std::size_t from = 0) const;
  /// A match that starts at byte `from`.
  [[nodiscard]] Result<std::optional<RegexMatch>> match(std::string_view text, std::size_t from = 0) const;
  /// A match of all text from byte `from`.
  [[nodiscard]] Result<std::optional<RegexMatch>> fullmatch(std::string_view text, std::size_t from = 0) const;
  /// All matches that do not overlap, as re.finditer; at most `most`.
  [[nodiscard]] Result<std::vector<RegexMatch>> find_all(std::string_view text, std::size_t most = SIZE_MAX) const;
  /// re.sub: `replacement` may hold \1, \g<1>, \g<name>, \g<0> and escapes; groups that took no part are empty. `count` 0: all.
  /// Errors: parse (in the replacement), limit.
  [[nodiscard]] Result<std::string> sub(std::string_view replacement, std::string_view text, std::size_t count = 0) const;
  /// re.split: pieces between the matches, with the groups of each match in between; `most` 0: no limit on splits.
  [[nodiscard]] Result<std::vector<std::optional<std::string>>> split(std::string_view text, std::size_t most = 0) const;

  [[nodiscard]] std::size_t groups() const noexcept;
  /// Names and numbers of the named groups, in the pattern's order.
  [[nodiscard]] const std::vector<std::pair<std::string, std::uint32_t>>& names() const noexcept;
  [[nodiscard]] const std::string& pattern() const noexcept;

 private:
  explicit PythonRegex(std::shared_ptr<const RegexProgram> program) : program_(std::move(program)) {}
  std::shared_ptr<const RegexProgram> program_;
};

/// re.escape: what matches `text` and nothing else.
std::string regex_escape(std::string_view text);

}  // namespace herder::value
