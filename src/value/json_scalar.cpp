// The JSON parser: strings, numbers, words.
#include <charconv>
#include <cstring>
#include <limits>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "value/big.hpp"
#include "value/json_parser.hpp"
#include "value/real.hpp"

namespace herder::value {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

const char* skip_digits(const char* at, const char* end) noexcept {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

constexpr std::uint64_t every_byte = 0x0101010101010101U;

/// The first of `"`, `\` and control characters at or after `at`, else `end`; `wide` becomes true when a byte above 0x7f is passed.
const char* plain_end(const char* at, const char* end, bool& wide) noexcept {
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    const std::uint64_t high = word & (every_byte * 0x80);
    const auto has_zero = [](std::uint64_t x) { return (x - every_byte) & ~x & (every_byte * 0x80); };
    const std::uint64_t below_blank = (word - every_byte * 0x20) & ~word & (every_byte * 0x80);
    if ((has_zero(word ^ (every_byte * '"')) | has_zero(word ^ (every_byte * '\\')) | below_blank) != 0) break;
    wide |= high != 0;
  }
  for (; at != end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte == '"' || byte == '\\' || byte < 0x20) return at;
    wide |= byte >= 0x80;
  }
  return at;
}

}  // namespace

bool JsonParser::take(std::string_view word) noexcept {
  if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

std::string_view JsonParser::value_hint() const noexcept {
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  if (rest.starts_with('\'')) return "JSON strings stand in double quotes";
  if (rest.starts_with("True")) return "JSON writes true";
  if (rest.starts_with("False")) return "JSON writes false";
  if (rest.starts_with("None")) return "JSON writes null";
  if (rest.starts_with(']') || rest.starts_with('}')) return "remove the comma before it, or add the value";
  if (rest.starts_with("//") || rest.starts_with("/*") || rest.starts_with('#')) return "JSON has no comments";
  return {};
}

bool JsonParser::word(Value& out) {
  if (take("null")) out = Value();
  else if (take("true")) out = Value(true);
  else if (take("false")) out = Value(false);
  else if (options_.python_extensions && take("NaN")) out = Value(std::numeric_limits<double>::quiet_NaN());
  else if (options_.python_extensions && take("Infinity")) out = Value(std::numeric_limits<double>::infinity());
  else return stop(Errc::parse, "expected a value, not " + found(), value_hint());
  return true;
}

bool JsonParser::number(Value& out) {
  const char* const start = at_;
  const bool negative = *at_ == '-';
  if (negative) ++at_;
  if (negative && options_.python_extensions && take("Infinity")) {
    out = Value(-std::numeric_limits<double>::infinity());
    return true;
  }
  const char* const digits = at_;
  at_ = skip_digits(at_, end_);
  if (at_ == digits) return stop(Errc::parse, "expected a digit after '-', not " + found());
  if (*digits == '0' && at_ - digits > 1) {
    at_ = digits;
    return stop(Errc::parse, "a JSON number may not start with 0", "remove the zeros, or write it as a string");
  }
  bool whole = true;
  if (peek() == '.') {
    const char* const fraction = ++at_;
    at_ = skip_digits(at_, end_);
    if (at_ == fraction) return stop(Errc::parse, "expected a digit after '.', not " + found());
    whole = false;
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    const char* const exponent = at_;
    at_ = skip_digits(at_, end_);
    if (at_ == exponent) return stop(Errc::parse, "expected a digit in the exponent, not " + found());
    whole = false;
  }
  if (!whole) {
    out = Value(real_from_decimal({start, static_cast<std::size_t>(at_ - start)}));
    return true;
  }
  std::int64_t small = 0;
  if (std::from_chars(start, at_, small).ec == std::errc{}) {
    out = Value(small);
    return true;
  }
  auto large = integer_from_digits({digits, static_cast<std::size_t>(at_ - digits)}, 10, negative);
  if (!large) return stop(Errc::limit, fmt::format("an integer has more than {} digits", max_decimal_digits));
  out = std::move(*large);
  return true;
}

bool JsonParser::string(std::string_view& out) {
  const char* const start = ++at_;
  bool wide = false;
  at_ = plain_end(at_, end_, wide);
  if (peek() == '\\' && at_ != end_) return escaped_string(start, wide, out);
  if (at_ == end_) return stop(Errc::parse, "the text ends inside a string", "a closing double quote is missing");
  if (*at_ != '"')
    return stop(Errc::parse, "a control character stands inside a string: " + found(), "close the string, or write \\n for a line end");
  out = {start, static_cast<std::size_t>(at_ - start)};
  if (wide && !text::is_utf8(out)) return stop(Errc::parse, "a string is not valid UTF-8");
  ++at_;
  return true;
}

bool JsonParser::escaped_string(const char* start, bool wide, std::string_view& out) {
  scratch_.assign(start, static_cast<std::size_t>(at_ - start));
  while (peek() == '\\' && at_ != end_) {
    ++at_;
    if (!escape()) return false;
    const char* const plain = at_;
    at_ = plain_end(at_, end_, wide);
    scratch_.append(plain, static_cast<std::size_t>(at_ - plain));
  }
  if (at_ == end_) return stop(Errc::parse, "the text ends inside a string", "a closing double quote is missing");
  if (*at_ != '"')
    return stop(Errc::parse, "a control character stands inside a string: " + found(), "close the string, or write \\n for a line end");
  if (wide && !text::is_utf8(scratch_)) return stop(Errc::parse, "a string is not valid UTF-8");
  ++at_;
  out = scratch_;
  return true;
}

bool JsonParser::hex4(unsigned& out) {
  if (end_ - at_ < 4) return false;
  const auto [last, failed] = std::from_chars(at_, at_ + 4, out, 16);
  if (failed != std::errc{} || last != at_ + 4) return false;
  at_ += 4;
  return true;
}

bool JsonParser::escape() {
  constexpr std::string_view names = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  if (at_ == end_) return stop(Errc::parse, "the text ends inside a string", "a closing double quote is missing");
  if (*at_ != 'u') {
    const std::size_t which = names.find(*at_);
    if (which == std::string_view::npos)
      return stop(Errc::parse, "unknown escape in a string: \\ followed by " + found(), "write \\\\ for a backslash");
    scratch_ += meanings[which];
    ++at_;
    return true;
  }
  ++at_;
  unsigned code = 0;
  if (!hex4(code)) return stop(Errc::parse, "expected four hexadecimal digits after \\u");
  if (code >= 0xd800 && code < 0xdc00) {
    unsigned low = 0;
    if (!take("\\u") || !hex4(low) || low < 0xdc00 || low > 0xdfff)
      return stop(Errc::parse, "half of a surrogate pair stands alone in a string");
    code = 0x10000 + ((code - 0xd800) << 10U) + (low - 0xdc00);
  } else if (code >= 0xdc00 && code <= 0xdfff) {
    return stop(Errc::parse, "half of a surrogate pair stands alone in a string");
  }
  utf8::append(scratch_, code);
  return true;
}

}  // namespace herder::value
