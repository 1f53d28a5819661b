// Character classes: what \s \d \w mean in Python, and case-insensitive matching where PCRE2's differs.
#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "value/regex_translate.hpp"

namespace herder::value {
namespace {

using Range = std::pair<char32_t, char32_t>;
using Ranges = std::vector<Range>;

constexpr Range unicode_space[] = {{0x09, 0x0d},     {0x1c, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680}, {0x2000, 0x200a},
                                   {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
constexpr Range ascii_space[] = {{0x09, 0x0d}, {0x20, 0x20}};
constexpr Range ascii_digit[] = {{'0', '9'}};
constexpr Range ascii_word[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};

/// What Python takes for cases of one letter and PCRE2 does not: the dotted and the dotless i, and three pairs that fold to the same
/// sequences.
constexpr std::array<char32_t, 4> families[] = {{'I', 'i', 0x130, 0x131}, {0x390, 0x1fd3, 0x390, 0x1fd3}, {0x3b0, 0x1fe3, 0x3b0, 0x1fe3},
                                                {0xfb05, 0xfb06, 0xfb05, 0xfb06}};

template <std::size_t size>
void append(Ranges& out, const Range (&more)[size], bool negated) {
  if (!negated) {
    out.insert(out.end(), std::begin(more), std::end(more));
    return;
  }
  char32_t next = 0;
  for (const auto& [first, last] : more) {
    if (first > next) out.emplace_back(next, first - 1);
    next = last + 1;
  }
  out.emplace_back(next, 0x10ffff);
}

bool contains(const Ranges& ranges, char32_t code) {
  return std::ranges::any_of(ranges, [&](const Range& range) { return range.first <= code && code <= range.second; });
}

std::string code_text(char32_t code) {
  const bool plain = (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
  return plain ? std::string(1, static_cast<char>(code)) : fmt::format("\\x{{{:x}}}", static_cast<std::uint32_t>(code));
}

}  // namespace

void RegexClass::add_category(char name) {
  const bool ascii = has(flags_, RegexFlags::ascii);
  const bool negated = name >= 'A' && name <= 'Z';
  switch (name | 0x20) {
    case 's':
      if (ascii) append(ranges_, ascii_space, negated);
      else append(ranges_, unicode_space, negated);
      return;
    case 'd':
      if (ascii) return append(ranges_, ascii_digit, negated);
      break;
    default:
      if (ascii) return append(ranges_, ascii_word, negated);
  }
  categories_ += '\\';
  categories_ += name;
}

RegexClass::Ranges RegexClass::with_other_cases() const {
  Ranges out = ranges_;
  if (!has(flags_, RegexFlags::ignore_case)) return out;
  if (!has(flags_, RegexFlags::ascii)) {
    for (const auto& family : families)
      if (std::ranges::any_of(family, [&](char32_t code) { return contains(ranges_, code); }))
        for (const char32_t code : family) out.emplace_back(code, code);
    return out;
  }
  for (char32_t code = 'a'; code <= 'z'; ++code) {
    const char32_t upper = code - 'a' + 'A';
    if (contains(ranges_, code)) out.emplace_back(upper, upper);
    if (contains(ranges_, upper)) out.emplace_back(code, code);
  }
  return out;
}

std::string RegexClass::text(bool negated) const {
  std::string out = negated ? "[^" : "[";
  for (const auto& [first, last] : with_other_cases()) {
    out += code_text(first);
    if (last > first) out += "-" + code_text(last);
  }
  return out + categories_ + "]";
}

std::string regex_literal(char32_t code, RegexFlags flags) {
  const auto in_family = [&] {
    return std::ranges::any_of(families, [&](const auto& family) { return std::ranges::find(family, code) != family.end(); });
  };
  const bool letter = (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
  if (has(flags, RegexFlags::ignore_case) && (has(flags, RegexFlags::ascii) ? letter : in_family())) {
    RegexClass either(flags);
    either.add(code, code);
    return either.text(false);
  }
  return code_text(code);
}

}  // namespace herder::value
