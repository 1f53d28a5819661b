// From Python's regular expression syntax to PCRE2's. Only for the .cpp files of this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "value/python_regex.hpp"

namespace herder::value {

struct TranslatedRegex {
  std::string pattern;    // for PCRE2 with UTF, UCP, ALT_CIRCUMFLEX, newline = LF
  bool caseless = false;  // the option, for the whole pattern
  std::uint32_t groups = 0;
  std::vector<std::pair<std::string, std::uint32_t>> names;
};

Result<TranslatedRegex> translate_regex(std::string_view pattern, RegexFlags flags);

/// A failure at a byte of a pattern or replacement; the text names the position in characters, as Python does.
Error regex_error(Errc code, std::string_view pattern, std::size_t at, std::string_view what);

/// Characters of a class under construction: ranges of code points, and Unicode classes that PCRE2 knows.
class RegexClass {
 public:
  explicit RegexClass(RegexFlags flags) : flags_(flags) {}
  void add(char32_t first, char32_t last) { ranges_.emplace_back(first, last); }
  /// One of d D s S w W.
  void add_category(char name);
  /// As PCRE2 writes it.
  [[nodiscard]] std::string text(bool negated) const;

 private:
  using Ranges = std::vector<std::pair<char32_t, char32_t>>;
  [[nodiscard]] Ranges with_other_cases() const;

  RegexFlags flags_;
  Ranges ranges_;
  std::string categories_;  // \w \W \d \D
};

/// One character that stands for itself, with what it matches under `flags`.
std::string regex_literal(char32_t code, RegexFlags flags);

/// Reads a pattern or replacement: bytes for syntax, code points for characters.
class RegexSource {
 public:
  explicit RegexSource(std::string_view text) : text_(text) {}
  [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  [[nodiscard]] std::size_t position() const noexcept { return at_; }
  void seek(std::size_t position) noexcept { at_ = position; }
  bool take(char c) noexcept;
  /// The next code point; not at the end. The text is valid UTF-8.
  char32_t next() noexcept;
  /// Digits of `base` from here, at most `most`.
  std::string_view digits(int base, std::size_t most) noexcept;
  /// Up to `end`, which is taken; nothing when it does not come or the text before it is empty.
  std::optional<std::string_view> until(char end) noexcept;

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// The character that \x41 \u00e9 \U0001f600 \n ... stands for, `letter` being what follows the backslash and already taken.
/// Nothing when `letter` starts no such escape. Errors: parse, unsupported.
Result<std::optional<char32_t>> regex_character_escape(char letter, RegexSource& source);

/// True for a name that a group can have.
bool is_group_name(std::string_view name) noexcept;

}  // namespace herder::value
