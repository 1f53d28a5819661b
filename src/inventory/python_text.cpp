#include "inventory/python_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace herder::inventory {
namespace {

constexpr bool is_ascii_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f'); }

bool is_rare_blank(char32_t code) noexcept {
  return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
         code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

/// The length of the line end at the front of `text`, or 0.
std::size_t line_end_length(std::string_view text) noexcept {
  const char c = text[0];
  if (c == '\r') return text.starts_with("\r\n") ? 2 : 1;
  if ((c >= '\n' && c <= '\f') || (c >= '\x1c' && c <= '\x1e')) return 1;
  if (text.starts_with("\xC2\x85")) return 2;
  return text.starts_with("\xE2\x80\xA8") || text.starts_with("\xE2\x80\xA9") ? 3 : 0;
}

}  // namespace

std::size_t blank_length(std::string_view text) noexcept {
  if (text.empty()) return 0;
  if (static_cast<unsigned char>(text[0]) < 0x80) return is_ascii_blank(text[0]) ? 1 : 0;
  const utf8::Step step = utf8::decode(text);
  return step.size > 0 && is_rare_blank(step.code) ? step.size : 0;
}

std::string_view python_strip(std::string_view text) noexcept {
  while (const std::size_t size = blank_length(text)) text.remove_prefix(size);
  for (;;) {
    while (!text.empty() && is_ascii_blank(text.back())) text.remove_suffix(1);
    // A rare blank takes two or three bytes.
    std::size_t size = 0;
    for (const std::size_t bytes : {2U, 3U})
      if (text.size() >= bytes && blank_length(text.substr(text.size() - bytes)) == bytes) size = bytes;
    if (size == 0) return text;
    text.remove_suffix(size);
  }
}

PythonLines::PythonLines(std::string_view text) noexcept : rest_(text) {
  unsigned char high = 0;
  unsigned char control = 0;
  for (const char c : text) {  // simple enough for the compiler to vectorise
    high |= static_cast<unsigned char>(c);
    control |= static_cast<unsigned char>(static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? 1 : 0);
  }
  ascii_ = high < 0x80;
  only_newlines_ = ascii_ && control == 0;
}

bool PythonLines::next(std::string_view& line) noexcept {
  if (rest_.empty()) return false;
  if (!only_newlines_) return next_rare(line);
  const std::size_t end = rest_.find('\n');
  line = rest_.substr(0, end);
  rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  return true;
}

bool PythonLines::next_rare(std::string_view& line) noexcept {
  std::size_t at = 0;
  std::size_t end = 0;
  while (at < rest_.size() && (end = line_end_length(rest_.substr(at))) == 0) ++at;
  line = rest_.substr(0, at);
  rest_.remove_prefix(at + end);
  return true;
}

std::string without_secrets(std::string_view line) {
  constexpr std::array<std::string_view, 6> hints{"pass", "secret", "token", "credential", "api_key", "apikey"};
  std::string shown(line);
  for (std::size_t equals = shown.find('='); equals != std::string::npos; equals = shown.find('=', equals + 1)) {
    std::size_t begin = equals;
    while (begin > 0 && !is_ascii_blank(shown[begin - 1])) --begin;
    if (begin == equals && equals > 0) begin = 0;  // "name = value"
    const std::string name = text::lower(std::string_view(shown).substr(begin, equals - begin));
    if (std::ranges::none_of(hints, [&](std::string_view hint) { return name.contains(hint); })) continue;
    std::fill(shown.begin() + static_cast<std::ptrdiff_t>(equals) + 1, shown.end(), '*');
    break;  // to the end of the line: a value that is cut wrongly may be the very mistake
  }
  return shown;
}

}  // namespace herder::inventory
