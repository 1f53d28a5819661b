// The tokens of Python literals. Only for python_literal.cpp and python_token.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "value/value.hpp"

namespace herder::value {

/// Walks over source text. Blanks, comments, continued lines and, inside brackets, line ends are skipped before each token.
class PythonScanner {
 public:
  explicit PythonScanner(std::string_view text) : rest_(text) {}

  /// The first character of the next token; '\0' at the end; '\n' where a line ends outside brackets.
  char peek();
  /// Takes the character that `peek` showed.
  void next() { rest_.remove_prefix(1); }
  bool open(char bracket);
  bool close(char bracket);
  /// A comma, or nothing directly before `end`.
  bool separator(char end);

  /// Empty lines and comments before the expression; what follows must not be indented.
  void skip_blank_lines();
  /// Line ends, blanks and comments after the expression.
  void skip_to_end();
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty() && !broken_; }

  /// A number without sign; nothing for what Python refuses, and for complex ones.
  std::optional<Value> number();
  /// An identifier of ASCII letters; may be empty.
  std::string_view word();
  /// True at a quote with or without prefix (r, b, u, br ...).
  [[nodiscard]] bool at_string_prefix() const noexcept;
  /// One or more adjacent strings, all text or all bytes; nothing for f-strings.
  std::optional<Value> strings();

 private:
  std::optional<Value> prefixed_integer(unsigned base);
  bool one_string(std::string& out, bool& bytes);
  bool string_body(std::string_view quotes, bool raw, bool bytes, std::string& out);
  bool escape(bool bytes, std::string& out);
  bool hex_escape(std::size_t digits, bool bytes, std::string& out);
  void octal_escape(bool bytes, std::string& out);

  std::string_view rest_;
  int brackets_ = 0;
  bool broken_ = false;  // a stray backslash: nothing that follows can be right
};

}  // namespace herder::value
