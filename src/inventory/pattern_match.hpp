// One pattern against many names.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "value/python_regex.hpp"

namespace herder::inventory {

/// A plain name, a glob (* ? [abc] [!a-z]), or `~` and a regular expression that must match from the start. Thread-safe.
class NameMatcher {
 public:
  /// Errors: parse (a regular expression that is none).
  static Result<NameMatcher> make(std::string_view pattern);

  /// Only the name that equals the pattern matches.
  [[nodiscard]] bool is_exact() const noexcept { return kind_ == Kind::exact; }
  /// Errors: limit (a regular expression that takes too long).
  [[nodiscard]] Result<bool> matches(std::string_view name) const;

 private:
  enum class Kind : std::uint8_t { exact, glob, regex };
  NameMatcher(Kind kind, std::string_view text) : kind_(kind), text_(text) {}

  Kind kind_;
  std::string text_;
  std::optional<value::PythonRegex> regex_;
};

}  // namespace herder::inventory
