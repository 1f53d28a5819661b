#include "inventory/var_name.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace herder::inventory {
namespace {

struct CodeRange {
  char32_t first, last;
};

/// Blocks outside ASCII without letters and digits: blanks, punctuation, symbols, private use.
constexpr std::array no_words{
    CodeRange{0x80, 0xA9},     CodeRange{0xAB, 0xB1},       CodeRange{0xB4, 0xB4},       CodeRange{0xB6, 0xB8},
    CodeRange{0xBB, 0xBB},     CodeRange{0xBF, 0xBF},       CodeRange{0xD7, 0xD7},       CodeRange{0xF7, 0xF7},
    CodeRange{0x2000, 0x206F}, CodeRange{0x2190, 0x245F},   CodeRange{0x249C, 0x24E9},   CodeRange{0x2500, 0x2BFF},
    CodeRange{0x3000, 0x3004}, CodeRange{0x3008, 0x3020},   CodeRange{0xE000, 0xF8FF},   CodeRange{0xFE00, 0xFE6F},
    CodeRange{0xFFF0, 0xFFFF}, CodeRange{0x1F000, 0x1F0FF}, CodeRange{0x1F300, 0x1FAFF}, CodeRange{0xE0000, 0x10FFFF},
};

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_word(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::optional<std::int64_t> int_of_text(std::string_view text) {
  text = text::trim(text);
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_')
      digits += text[i];
    else if (i == 0 || i + 1 == text.size() || !is_digit(text[i - 1]) || !is_digit(text[i + 1]))
      return std::nullopt;
  }
  return text::to_int(digits);
}

}  // namespace

bool is_word_code(char32_t code) noexcept {
  return std::ranges::none_of(no_words, [code](CodeRange range) { return code >= range.first && code <= range.last; });
}

bool is_variable_name(std::string_view name) noexcept {
  if (name.empty() || is_digit(name[0]) || !std::ranges::all_of(name, is_word)) return false;
  constexpr std::array<std::string_view, 7> keywords{"true", "false", "none", "True", "False", "None", "not"};
  return std::ranges::find(keywords, name) == keywords.end();
}

bool is_group_name(std::string_view name) noexcept {
  if (name.empty() || is_digit(name[0])) return false;
  while (!name.empty()) {
    const utf8::Step step = utf8::decode(name);
    if (step.size == 0) return false;
    if (step.size == 1 ? !is_word(name[0]) : !is_word_code(step.code)) return false;
    name.remove_prefix(step.size);
  }
  return true;
}

std::optional<std::int64_t> python_int(const Value& value) {
  switch (value.kind()) {
    case value::Kind::boolean: return value.as_bool() ? 1 : 0;
    case value::Kind::integer: return value.as_int();
    case value::Kind::string: return int_of_text(value.as_string());
    case value::Kind::real: {
      const double number = std::trunc(value.as_real());
      if (!(std::abs(number) < 9e18)) return std::nullopt;
      return static_cast<std::int64_t>(number);
    }
    default: return std::nullopt;
  }
}

}  // namespace herder::inventory
