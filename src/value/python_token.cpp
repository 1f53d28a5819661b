#include "value/python_token.hpp"

#include <charconv>

#include "base/utf8.hpp"
#include "value/big.hpp"
#include "value/real.hpp"

namespace herder::value {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0; }
bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\f'; }

bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

struct Digits {
  std::size_t length = 0;  // underscores included
  bool good = true;        // one underscore at a time, none at the ends
};

/// The run of digits and underscores at the front of `text`.
Digits digit_run(std::string_view text) noexcept {
  Digits run;
  bool after_digit = false;
  for (const char c : text) {
    if (!is_digit(c) && c != '_') break;
    if (c == '_' && !after_digit) run.good = false;
    after_digit = c != '_';
    ++run.length;
  }
  if (run.length > 0 && !after_digit) run.good = false;
  return run;
}

std::string without_underscores(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != '_') out += c;
  return out;
}

/// Takes blanks and continued line ends off the front of a line; true when that indents it. A form feed starts the line anew.
bool skip_indent(std::string_view& line) noexcept {
  bool indented = false;
  while (true) {
    if (line.starts_with("\\\n")) {
      line.remove_prefix(2);
    } else if (!line.empty() && is_blank(line[0])) {
      indented = line[0] != '\f';
      line.remove_prefix(1);
    } else {
      return indented;
    }
  }
}

struct Prefix {
  std::size_t length = 0;
  bool raw = false;
  bool bytes = false;
  bool valid = false;  // followed by a quote, and one that Python knows (f-strings are no literals)
};

Prefix string_prefix(std::string_view text) noexcept {
  Prefix prefix;
  bool unicode = false;
  while (prefix.length < text.size() && prefix.length < 2) {
    const char c = static_cast<char>(text[prefix.length] | 0x20);
    if (c == 'r' && !prefix.raw) prefix.raw = true;
    else if (c == 'b' && !prefix.bytes) prefix.bytes = true;
    else if (c == 'u' && prefix.length == 0) unicode = true;
    else break;
    ++prefix.length;
  }
  const char quote = prefix.length < text.size() ? text[prefix.length] : '\0';
  prefix.valid = (quote == '"' || quote == '\'') && !(unicode && prefix.length > 1);
  return prefix;
}

}  // namespace

char PythonScanner::peek() {
  while (!rest_.empty()) {
    const char c = rest_[0];
    if (c == '#') {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    } else if (c == '\\') {
      if (rest_.size() < 3 || rest_[1] != '\n') {  // also: a continuation with nothing after it
        broken_ = true;
        return '\0';
      }
      rest_.remove_prefix(2);
    } else if (is_blank(c) || (c == '\n' && brackets_ > 0)) {
      rest_.remove_prefix(1);
    } else {
      return c;
    }
  }
  return '\0';
}

bool PythonScanner::open(char bracket) {
  if (peek() != bracket) return false;
  rest_.remove_prefix(1);
  ++brackets_;
  return true;
}

bool PythonScanner::close(char bracket) {
  if (peek() != bracket) return false;
  rest_.remove_prefix(1);
  --brackets_;
  return true;
}

bool PythonScanner::separator(char end) {
  const char c = peek();
  if (c == ',') rest_.remove_prefix(1);
  return c == ',' || c == end;
}

void PythonScanner::skip_blank_lines() {
  while (true) {
    std::string_view line = rest_;
    const bool indented = skip_indent(line);
    if (line.empty() || (line[0] != '#' && line[0] != '\n')) {
      broken_ |= indented;
      return;
    }
    const std::size_t end = line.find('\n');
    rest_ = end == std::string_view::npos ? std::string_view() : line.substr(end + 1);
  }
}

void PythonScanner::skip_to_end() {
  while (peek() == '\n') {
    rest_.remove_prefix(1);
    std::string_view line = rest_;
    if (skip_indent(line) && line.empty()) broken_ = true;  // Python takes a last line of blanks for an indented one
  }
}

std::string_view PythonScanner::word() {
  std::size_t length = 0;
  while (length < rest_.size() && (is_letter(rest_[length]) || (length > 0 && is_digit(rest_[length])))) ++length;
  const std::string_view out = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return out;
}

std::optional<Value> PythonScanner::prefixed_integer(unsigned base) {
  std::size_t length = 2;
  while (length < rest_.size() && (is_hex(rest_[length]) || rest_[length] == '_')) ++length;
  const std::string_view digits = rest_.substr(2, length - 2);
  if (digits.empty() || digits.ends_with('_') || digits.contains("__")) return std::nullopt;
  if (length < rest_.size() && is_letter(rest_[length])) return std::nullopt;
  rest_.remove_prefix(length);
  return integer_from_digits(without_underscores(digits), base, false);
}

std::optional<Value> PythonScanner::number() {
  if (rest_.size() > 1 && rest_[0] == '0') {
    const char kind = static_cast<char>(rest_[1] | 0x20);
    if (kind == 'x') return prefixed_integer(16);
    if (kind == 'o') return prefixed_integer(8);
    if (kind == 'b') return prefixed_integer(2);
  }
  const Digits whole = digit_run(rest_);
  std::size_t length = whole.length;
  bool good = whole.good;
  bool real = false;
  bool digits = whole.length > 0;
  if (length < rest_.size() && rest_[length] == '.') {
    const Digits fraction = digit_run(rest_.substr(length + 1));
    length += 1 + fraction.length;
    good &= fraction.good;
    digits |= fraction.length > 0;
    real = true;
  }
  if (length < rest_.size() && (rest_[length] == 'e' || rest_[length] == 'E')) {
    ++length;
    if (length < rest_.size() && (rest_[length] == '+' || rest_[length] == '-')) ++length;
    const Digits exponent = digit_run(rest_.substr(length));
    good &= exponent.good && exponent.length > 0;
    length += exponent.length;
    real = true;
  }
  if (!good || !digits || (length < rest_.size() && (is_letter(rest_[length]) || (real && rest_[length] == '.')))) return std::nullopt;
  const std::string text = without_underscores(rest_.substr(0, length));
  rest_.remove_prefix(length);
  if (real) return Value(real_from_decimal(text));
  if (text[0] == '0' && text.find_first_not_of('0') != std::string::npos) return std::nullopt;  // 010 was octal once
  return Value::integer_from_decimal(text);
}

bool PythonScanner::at_string_prefix() const noexcept { return string_prefix(rest_).valid; }

std::optional<Value> PythonScanner::strings() {
  std::string text;
  bool bytes = false;
  if (!one_string(text, bytes)) return std::nullopt;
  for (char c = peek(); c != '\0' && at_string_prefix(); c = peek()) {
    bool more_bytes = false;
    if (!one_string(text, more_bytes) || more_bytes != bytes) return std::nullopt;
  }
  return bytes ? Value::bytes(text) : Value(text);
}

bool PythonScanner::one_string(std::string& out, bool& bytes) {
  const Prefix prefix = string_prefix(rest_);
  if (!prefix.valid) return false;
  bytes = prefix.bytes;
  rest_.remove_prefix(prefix.length);
  const std::string_view quote = rest_.substr(0, 1);
  const bool triple = rest_.size() >= 3 && rest_[1] == quote[0] && rest_[2] == quote[0];
  const std::string_view quotes = rest_.substr(0, triple ? 3 : 1);
  rest_.remove_prefix(quotes.size());
  return string_body(quotes, prefix.raw, prefix.bytes, out);
}

bool PythonScanner::string_body(std::string_view quotes, bool raw, bool bytes, std::string& out) {
  while (!rest_.empty()) {
    const char c = rest_[0];
    if (rest_.starts_with(quotes)) {
      rest_.remove_prefix(quotes.size());
      return true;
    }
    if (c == '\n' && quotes.size() == 1) return false;
    if (bytes && (static_cast<unsigned char>(c) & 0x80U) != 0) return false;
    rest_.remove_prefix(1);
    if (c != '\\') {
      out += c;
      continue;
    }
    if (rest_.empty()) return false;
    if (!raw) {
      if (!escape(bytes, out)) return false;
      continue;
    }
    out += '\\';
    if (bytes && (static_cast<unsigned char>(rest_[0]) & 0x80U) != 0) return false;
    out += rest_[0];  // even a quote: it does not end a raw string after a backslash
    rest_.remove_prefix(1);
  }
  return false;
}

bool PythonScanner::escape(bool bytes, std::string& out) {
  constexpr std::string_view names = "\\'\"abfnrtv";
  constexpr std::string_view meanings = "\\'\"\a\b\f\n\r\t\v";
  const char c = rest_[0];
  if (const std::size_t which = names.find(c); which != std::string_view::npos) {
    out += meanings[which];
    rest_.remove_prefix(1);
    return true;
  }
  if (c >= '0' && c <= '7') {
    octal_escape(bytes, out);
    return true;
  }
  if (c == 'x') return hex_escape(2, bytes, out);
  if (!bytes && c == 'u') return hex_escape(4, bytes, out);
  if (!bytes && c == 'U') return hex_escape(8, bytes, out);
  if (!bytes && c == 'N') return false;  // character names: herder has no table of them
  if (bytes && (static_cast<unsigned char>(c) & 0x80U) != 0) return false;
  if (c != '\n') {  // an unknown escape stays; an escaped line end vanishes
    out += '\\';
    out += c;
  }
  rest_.remove_prefix(1);
  return true;
}

void PythonScanner::octal_escape(bool bytes, std::string& out) {
  unsigned code = 0;
  for (int digits = 0; digits < 3 && !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '7'; ++digits) {
    code = code * 8 + static_cast<unsigned>(rest_[0] - '0');
    rest_.remove_prefix(1);
  }
  if (bytes) out += static_cast<char>(code & 0xffU);
  else utf8::append(out, code);
}

bool PythonScanner::hex_escape(std::size_t digits, bool bytes, std::string& out) {
  if (rest_.size() < 1 + digits) return false;
  unsigned code = 0;
  const char* const start = rest_.data() + 1;
  const auto [end, failed] = std::from_chars(start, start + digits, code, 16);
  if (failed != std::errc{} || end != start + digits) return false;
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;  // a lone surrogate is no text
  rest_.remove_prefix(1 + digits);
  if (bytes) out += static_cast<char>(code);
  else utf8::append(out, code);
  return true;
}

}  // namespace herder::value
