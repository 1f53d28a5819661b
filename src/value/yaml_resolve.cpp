#include "value/yaml_resolve.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "base/text.hpp"
#include "value/datetime.hpp"
#include "value/real.hpp"

namespace herder::value::yaml {
namespace {

constexpr std::size_t max_digits = 4300;  // sys.int_info.default_max_str_digits of CPython

constexpr bool digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool octal(char c) noexcept { return c >= '0' && c <= '7'; }
constexpr bool hex(char c) noexcept { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/// Walks over a scalar; each `take...` moves only over what it accepts.
struct Cursor {
  std::string_view rest;

  [[nodiscard]] bool done() const noexcept { return rest.empty(); }
  [[nodiscard]] char peek() const noexcept { return rest.empty() ? '\0' : rest.front(); }
  bool take(char c) noexcept {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) noexcept {
    if (!rest.starts_with(word)) return false;
    rest.remove_prefix(word.size());
    return true;
  }
  bool take_sign() noexcept { return take('-') || take('+'); }
  template <class Accept>
  std::size_t take_while(Accept accept) noexcept {
    std::size_t count = 0;
    while (count < rest.size() && accept(rest[count])) ++count;
    rest.remove_prefix(count);
    return count;
  }
  std::size_t take_digits(std::size_t most = std::string_view::npos) noexcept {
    std::size_t count = 0;
    while (count < most && count < rest.size() && digit(rest[count])) ++count;
    rest.remove_prefix(count);
    return count;
  }
  std::size_t take_digits_or_underscores() noexcept {
    return take_while([](char c) { return digit(c) || c == '_'; });
  }
};

/// One or more ":SS" groups, SS from 0 to 59 with one or two digits.
bool take_sixties(Cursor& at) noexcept {
  bool any = false;
  while (at.peek() == ':') {
    Cursor next{at.rest.substr(1)};
    const std::size_t length = next.take_digits(2);
    if (length == 0 || (length == 2 && at.rest[1] > '5')) return any;
    at = next;
    any = true;
  }
  return any;
}

bool is_integer(std::string_view text) noexcept {
  Cursor at{text};
  at.take_sign();
  if (at.take('0')) {
    if (at.done()) return true;
    if (at.take('b')) return at.take_while([](char c) { return c == '0' || c == '1' || c == '_'; }) > 0 && at.done();
    if (at.take('x')) return at.take_while([](char c) { return hex(c) || c == '_'; }) > 0 && at.done();
    at.take_while([](char c) { return octal(c) || c == '_'; });
    return at.done();
  }
  if (!digit(at.peek())) return false;
  at.take_digits_or_underscores();
  return at.done() || (take_sixties(at) && at.done());
}

/// The rest after the integer part of a float: "." digits, with an exponent unless the number is sexagesimal.
bool is_fraction(Cursor at, bool exponent_allowed) noexcept {
  if (!at.take('.')) return false;
  at.take_digits_or_underscores();
  if (at.done()) return true;
  if (!exponent_allowed || !(at.take('e') || at.take('E')) || !at.take_sign()) return false;
  return at.take_digits() > 0 && at.done();
}

bool is_float(std::string_view text) noexcept {
  Cursor at{text};
  const bool with_sign = at.take_sign();
  if (at.peek() == '.') {
    const std::string_view word = at.rest.substr(1);
    if (word == "inf" || word == "Inf" || word == "INF") return true;
    if (with_sign) return false;
    if (word == "nan" || word == "NaN" || word == "NAN") return true;
    return !word.empty() && digit(word.front()) && is_fraction(at, true);
  }
  if (!digit(at.peek())) return false;
  at.take_digits_or_underscores();
  if (is_fraction(at, true)) return true;
  return take_sixties(at) && is_fraction(at, false);
}

bool is_bool(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 18> words = {"yes",  "Yes",  "YES",   "no",    "No",    "NO", "true", "True", "TRUE",
                                                      "false", "False", "FALSE", "on",    "On",    "ON", "off",  "Off",  "OFF"};
  if (text.size() < 2 || text.size() > 5) return false;
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

/// The parts of a timestamp; `lenient` as the constructor reads it (one-digit months alone), else as the resolver does.
struct Stamp {
  std::array<int, 6> part{};  // year .. second
  bool with_time = false;
  std::string_view fraction;
  bool zone = false;
  int offset_seconds = 0;
};

bool take_number(Cursor& at, std::size_t least, std::size_t most, int& out) noexcept {
  const std::string_view start = at.rest;
  const std::size_t length = at.take_digits(most);
  if (length < least) return false;
  std::from_chars(start.data(), start.data() + length, out);
  return true;
}

bool take_zone(Cursor& at, Stamp& stamp) noexcept {
  if (at.done()) return true;
  at.take_while([](char c) { return c == ' ' || c == '\t'; });
  if (at.take('Z')) {
    stamp.zone = true;
    return at.done();
  }
  const bool west = at.peek() == '-';
  if (!at.take_sign()) return false;
  int hours = 0;
  int minutes = 0;
  if (!take_number(at, 1, 2, hours)) return false;
  if (at.take(':') && !take_number(at, 2, 2, minutes)) return false;
  stamp.zone = true;
  stamp.offset_seconds = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
  return at.done();
}

bool read_stamp(std::string_view text, bool lenient, Stamp& stamp) noexcept {
  Cursor at{text};
  if (!take_number(at, 4, 4, stamp.part[0]) || !at.take('-')) return false;
  const std::string_view month = at.rest;
  if (!take_number(at, 1, 2, stamp.part[1]) || !at.take('-') || !take_number(at, 1, 2, stamp.part[2])) return false;
  if (at.done()) return lenient || month.size() == 5;  // "MM-DD"
  const bool letter = at.take('T') || at.take('t');
  if (!letter && at.take_while([](char c) { return c == ' ' || c == '\t'; }) == 0) return false;
  stamp.with_time = true;
  if (!take_number(at, 1, 2, stamp.part[3]) || !at.take(':') || !take_number(at, 2, 2, stamp.part[4]) || !at.take(':') ||
      !take_number(at, 2, 2, stamp.part[5])) {
    return false;
  }
  if (at.take('.')) {
    const std::string_view start = at.rest;
    stamp.fraction = start.substr(0, at.take_digits());
  }
  return take_zone(at, stamp);
}

// ---- construction

using Made = std::expected<Value, std::string>;

std::unexpected<std::string> wrong(std::string_view what) { return std::unexpected(std::string(what)); }

std::string without_underscores(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c != '_') out += c;
  }
  return out;
}

/// A natural number of any size, as Python's int has it: multiply, add, print.
class Natural {
 public:
  void multiply_add(std::uint32_t factor, std::uint32_t add) {
    std::uint64_t carry = add;
    for (std::uint32_t& limb : limbs_) {
      carry += static_cast<std::uint64_t>(limb) * factor;
      limb = static_cast<std::uint32_t>(carry % base);
      carry /= base;
    }
    if (carry != 0) limbs_.push_back(static_cast<std::uint32_t>(carry));
  }
  /// Adds a decimal number.
  void add(std::string_view digits) {
    Natural other;
    for (const char c : digits) other.multiply_add(10, static_cast<std::uint32_t>(c - '0'));
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < other.limbs_.size() || carry != 0; ++i) {
      if (i == limbs_.size()) limbs_.push_back(0);
      carry += limbs_[i] + (i < other.limbs_.size() ? other.limbs_[i] : 0U);
      limbs_[i] = static_cast<std::uint32_t>(carry % base);
      carry /= base;
    }
  }
  [[nodiscard]] std::string decimal() const {
    if (limbs_.empty()) return "0";
    std::string out = std::to_string(limbs_.back());
    for (std::size_t i = limbs_.size() - 1; i-- > 0;) {
      const std::string limb = std::to_string(limbs_[i]);
      out.append(9 - limb.size(), '0').append(limb);
    }
    return out;
  }

 private:
  static constexpr std::uint32_t base = 1'000'000'000;
  std::vector<std::uint32_t> limbs_;  // lowest first
};

int digit_value(char c) noexcept {
  if (digit(c)) return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

Made from_decimal(std::string_view digits, bool negative) {
  std::string text = negative ? "-" : "";
  text += digits;
  if (auto number = Value::integer_from_decimal(text)) return *std::move(number);
  return wrong("is not a valid integer");
}

Made integer_in_base(std::string_view digits, int base, bool negative) {
  if (digits.empty()) return wrong("is not a valid integer");
  std::int64_t small = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, small, base);
  if (stop == end && problem == std::errc{} && digits[0] != '-') return Value(negative ? -small : small);
  Natural number;
  for (const char c : digits) {
    const int one = digit_value(c);
    if (one >= base) return wrong("is not a valid integer");
    number.multiply_add(static_cast<std::uint32_t>(base), static_cast<std::uint32_t>(one));
  }
  return from_decimal(number.decimal(), negative);
}

Made sexagesimal_integer(std::string_view text, bool negative) {
  // Every part after the first is below 60 when the text was resolved; an explicit !!int may carry more.
  Natural total;
  for (const std::string_view part : text::split(text, ':')) {
    if (part.empty() || part.find_first_not_of("0123456789") != std::string_view::npos) return wrong("is not a valid integer");
    total.multiply_add(60, 0);
    total.add(part);
  }
  return from_decimal(total.decimal(), negative);
}

Made make_integer(std::string_view raw) {
  const std::string clean = without_underscores(raw);
  std::string_view text = text::trim(clean);
  if (text.empty()) return wrong("is not a valid integer");
  if (text.size() > max_digits) return wrong("has too many digits for an integer (4300 at most)");
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  if (text == "0") return Value(0);
  if (text.starts_with("0b")) return integer_in_base(text.substr(2), 2, negative);
  if (text.starts_with("0x")) return integer_in_base(text.substr(2), 16, negative);
  if (text.starts_with("0o") || text.starts_with("0O")) return integer_in_base(text.substr(2), 8, negative);
  if (text.starts_with('0')) return integer_in_base(text, 8, negative);
  if (text.find(':') != std::string_view::npos) return sexagesimal_integer(text, negative);
  return integer_in_base(text, 10, negative);
}

/// Python's float() of a text without underscores, in lower case.
bool read_double(std::string_view text, double& out) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text[0] == '-' || text[0] == '+') return false;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (end != text.data() + text.size() || problem == std::errc::invalid_argument) return false;
  if (text.find('(') != std::string_view::npos) return false;  // "nan(...)" is C's, not Python's
  if (problem == std::errc::result_out_of_range) out = real_from_decimal(text);  // 0 or infinity
  if (negative) out = -out;
  return true;
}

Made make_real(std::string_view raw) {
  std::string clean = text::lower(without_underscores(raw));
  std::string_view text = text::trim(clean);
  if (text.empty()) return wrong("is not a valid number");
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  double number = 0;
  if (text == ".inf") {
    number = std::numeric_limits<double>::infinity();
  } else if (text == ".nan") {
    return Value(std::numeric_limits<double>::quiet_NaN());
  } else if (text.find(':') != std::string_view::npos) {
    double weight = 1;
    const std::vector<std::string_view> parts = text::split(text, ':');
    for (std::size_t i = parts.size(); i-- > 0; weight *= 60) {
      double part = 0;
      if (!read_double(parts[i], part)) return wrong("is not a valid number");
      number += part * weight;
    }
  } else if (!read_double(text, number)) {
    return wrong("is not a valid number");
  }
  return Value(negative ? -number : number);
}

Made make_bool(std::string_view text) {
  const std::string word = text::lower(text);
  if (word == "yes" || word == "true" || word == "on") return Value(true);
  if (word == "no" || word == "false" || word == "off") return Value(false);
  return wrong("is not a truth value (yes, no, true, false, on, off)");
}

Made make_timestamp(std::string_view text) {
  Stamp stamp;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!read_stamp(text, true, stamp)) return wrong("is not a valid date or time");
  const auto [year, month, day, hour, minute, second] = stamp.part;
  if (year < 1) return wrong("is not a valid date: the year must not be 0");
  if (month < 1 || month > 12) return wrong("is not a valid date: the month must be in 1..12");
  if (day < 1 || day > days_in_month(year, month)) return wrong("is not a valid date: the month has no such day");
  DateTime time{.year = year, .month = month, .day = day, .hour = hour, .minute = minute, .second = second};
  time.date_only = !stamp.with_time;
  if (hour > 23) return wrong("is not a valid time: the hour must be in 0..23");
  if (minute > 59) return wrong("is not a valid time: the minute must be in 0..59");
  if (second > 59) return wrong("is not a valid time: the second must be in 0..59");
  int scale = 100'000;
  for (const char c : stamp.fraction.substr(0, 6)) {
    time.microsecond += (c - '0') * scale;
    scale /= 10;
  }
  time.has_offset = stamp.zone;
  time.offset_seconds = stamp.offset_seconds;
  if (std::abs(stamp.offset_seconds) >= 24 * 60 * 60) return wrong("is not a valid time: the offset must be below 24 hours");
  return Value(time);
}

/// Python's lenient decoder: what is not of the alphabet is passed over, decoding ends at complete padding.
Made make_binary(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<signed char, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) table[static_cast<unsigned char>(alphabet[i])] = static_cast<signed char>(i);
  std::string out;
  unsigned bits = 0;
  int in_quad = 0;
  int padding = 0;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) > 0x7f) return wrong("is not valid base64: it holds a character outside ASCII");
    if (c == '=') {
      if (in_quad >= 2 && in_quad + ++padding >= 4) return Value::bytes(out);
      continue;
    }
    const signed char six = table[static_cast<unsigned char>(c)];
    if (six < 0) continue;
    padding = 0;
    bits = ((bits << 6U) | static_cast<unsigned>(six)) & 0xffffU;
    in_quad = (in_quad + 1) % 4;
    if (in_quad == 2) out += static_cast<char>((bits >> 4U) & 0xffU);
    if (in_quad == 3) out += static_cast<char>((bits >> 2U) & 0xffU);
    if (in_quad == 0) out += static_cast<char>(bits & 0xffU);
  }
  if (in_quad != 0) return wrong("is not valid base64: it ends in the middle of a group of four");
  return Value::bytes(out);
}

}  // namespace

Tag resolve(std::string_view text) noexcept {
  if (text.empty()) return Tag::null;
  const char first = text.front();
  if (first == '\n') return Tag::str;
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (digit(first) || first == '-' || first == '+' || first == '.') {
    if (is_float(text)) return Tag::real;
    if (first != '.' && is_integer(text)) return Tag::integer;
    Stamp stamp;
    if (digit(first) && read_stamp(text, false, stamp)) return Tag::timestamp;
    return Tag::str;
  }
  switch (first) {
    case 'y': case 'Y': case 't': case 'T': case 'f': case 'F': case 'o': case 'O':
      return is_bool(text) ? Tag::boolean : Tag::str;
    case 'n': case 'N':
      if (is_bool(text)) return Tag::boolean;
      return text == "null" || text == "Null" || text == "NULL" ? Tag::null : Tag::str;
    case '~': return text == "~" ? Tag::null : Tag::str;
    case '<': return text == "<<" ? Tag::merge : Tag::str;
    case '=': return text == "=" ? Tag::value : Tag::str;
    case '!': case '&': case '*': return text.size() == 1 ? Tag::yaml : Tag::str;
    default: return Tag::str;
  }
}

Tag tag_from_name(std::string_view name) noexcept {
  constexpr std::string_view core = "tag:yaml.org,2002:";
  struct Entry {
    std::string_view name;
    Tag tag;
  };
  constexpr std::array<Entry, 17> core_tags = {{{"str", Tag::str}, {"int", Tag::integer}, {"bool", Tag::boolean}, {"null", Tag::null},
      {"float", Tag::real}, {"timestamp", Tag::timestamp}, {"binary", Tag::binary}, {"seq", Tag::seq}, {"map", Tag::map},
      {"set", Tag::set}, {"omap", Tag::omap}, {"pairs", Tag::pairs}, {"merge", Tag::merge}, {"value", Tag::value}, {"yaml", Tag::yaml},
      {"python/unicode", Tag::str}, {"python/dict", Tag::map}}};
  if (name == "!vault" || name == "!vault-encrypted") return Tag::vault;
  if (name == "!unsafe") return Tag::unsafe;
  if (!name.starts_with(core)) return Tag::unknown;
  name.remove_prefix(core.size());
  for (const Entry& entry : core_tags) {
    if (entry.name == name) return entry.tag;
  }
  return Tag::unknown;
}

std::expected<Value, std::string> construct(Tag tag, std::string_view text) {
  switch (tag) {
    case Tag::str: return Value(text);
    case Tag::null: return Value();
    case Tag::boolean: return make_bool(text);
    case Tag::integer: return make_integer(text);
    case Tag::real: return make_real(text);
    case Tag::timestamp: return make_timestamp(text);
    case Tag::binary: return make_binary(text);
    default: break;
  }
  HERDER_ASSERT(false);
}

}  // namespace herder::value::yaml
