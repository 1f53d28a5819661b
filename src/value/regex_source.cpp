// Reading characters and escapes, in patterns and replacements alike.
#include <algorithm>
#include <charconv>

#include "base/utf8.hpp"
#include "value/regex_translate.hpp"

namespace herder::value {
namespace {

bool is_digit_of(char c, int base) noexcept {
  if (base == 16 && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return true;
  return c >= '0' && c < '0' + std::min(base, 10);
}

}  // namespace

bool RegexSource::take(char c) noexcept {
  if (at_end() || text_[at_] != c) return false;
  ++at_;
  return true;
}

char32_t RegexSource::next() noexcept {
  const utf8::Step step = utf8::decode(text_.substr(at_));
  at_ += std::max(step.size, 1U);
  return step.code;
}

std::string_view RegexSource::digits(int base, std::size_t most) noexcept {
  const std::size_t start = at_;
  while (at_ < text_.size() && at_ - start < most && is_digit_of(text_[at_], base)) ++at_;
  return text_.substr(start, at_ - start);
}

std::optional<std::string_view> RegexSource::until(char end) noexcept {
  const std::size_t stop = text_.find(end, at_);
  if (stop == std::string_view::npos || stop == at_) return std::nullopt;
  const std::string_view out = text_.substr(at_, stop - at_);
  at_ = stop + 1;
  return out;
}

Result<std::optional<char32_t>> regex_character_escape(char letter, RegexSource& source) {
  constexpr std::string_view names = "afnrtv\\";
  constexpr std::string_view meanings = "\a\f\n\r\t\v\\";
  if (const std::size_t which = names.find(letter); which != std::string_view::npos)
    return static_cast<unsigned char>(meanings[which]);
  const std::size_t wanted = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  if (letter == 'N') return fail(Errc::unsupported, "characters by name (\\N{{...}}) are not supported");
  if (wanted == 0) return std::optional<char32_t>();
  const std::string_view digits = source.digits(16, wanted);
  if (digits.size() != wanted) return fail(Errc::parse, "incomplete escape \\{}{}", letter, digits);
  std::uint32_t code = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (code > 0x10ffff) return fail(Errc::parse, "bad escape \\{}{}", letter, digits);
  if (code >= 0xd800 && code <= 0xdfff) return fail(Errc::unsupported, "half a surrogate pair (\\{}{}) is not supported", letter, digits);
  return code;
}

bool is_group_name(std::string_view name) noexcept {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0; };
  if (name.empty() || !letter(name[0])) return false;
  return std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

Error regex_error(Errc code, std::string_view pattern, std::size_t at, std::string_view what) {
  const auto characters = std::ranges::count_if(pattern.substr(0, at), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
  return error(code, "{} at position {}", what, characters);
}

}  // namespace herder::value
