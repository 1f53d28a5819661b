#include "inventory/ini_value.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "value/python_literal.hpp"

namespace herder::inventory {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// True for texts that are certainly no Python literal; most values of real inventories are decided here.
bool is_plain_text(std::string_view text) {
  if (text.empty()) return true;
  const char first = text[0];
  if (is_digit(first)) {
    // An IPv4 address or a version number.
    return std::ranges::count(text, '.') >= 2 && std::ranges::all_of(text, [](char c) { return is_digit(c) || c == '.'; });
  }
  const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '_';
  if (!letter && first != '/' && first != '~' && first != '@') return false;
  // Literals that start with a letter: True, False, None, set() and strings with a prefix; all but the words hold one of these.
  if (text.find_first_of("'\"(#") != std::string_view::npos) return false;
  return text.find("True") != 0 && text.find("False") != 0 && text.find("None") != 0;
}

/// Bytes become text that is no template, as Ansible takes them.
Value without_bytes(const Value& value) {
  switch (value.kind()) {
    case value::Kind::bytes: return Value(value.as_string()).marked(value::Mark::untrusted);
    case value::Kind::list: {
      value::ListBuilder list;
      for (const Value& item : value.items()) list.push_back(without_bytes(item));
      return std::move(list).build();
    }
    case value::Kind::map: {
      value::MapBuilder map;
      for (const value::MapEntry& entry : value.entries()) map.set(entry.key, without_bytes(entry.value));
      return std::move(map).build();
    }
    default: return value;
  }
}

/// A short decimal integer as Python accepts it.
bool is_small_integer(std::string_view text) {
  return !text.empty() && text.size() <= 18 && std::ranges::all_of(text, is_digit) && (text[0] != '0' || text.size() == 1);
}

}  // namespace

Value ini_value(std::string_view text) {
  if (is_plain_text(text)) return {text};
  if (is_small_integer(text)) return {*text::to_int(text)};
  if (auto literal = value::parse_python_literal(text)) return without_bytes(*literal);
  return {text};
}

Value IniValues::operator()(std::string_view text) {
  if (is_small_integer(text)) return {*text::to_int(text)};
  const std::size_t slot = std::hash<std::string_view>{}(text) % slots;
  if (is_plain_text(text)) {
    Value& kept = texts_[slot];
    if (!kept.is_string() || kept.as_string() != text) kept = Value(text);
    return kept;
  }
  Literal& kept = literals_[slot];
  if (kept.text != text) kept = {std::string(text), ini_value(text)};
  return kept.value;
}

}  // namespace herder::inventory
