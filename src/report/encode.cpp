#include "report/encode.hpp"

#include <utility>

#include <fmt/core.h>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "report/printable_stream.hpp"

namespace herder::report {
namespace {

/// Calls `each(code, valid)` for the characters of held + piece; what may go on in the next piece stays in `held`.
template <class Each>
void for_each_character(std::string& held, std::string_view piece, bool last, Each each) {
  std::string joined;
  if (!held.empty()) {
    joined = std::move(held);
    joined += piece;
    piece = joined;
  }
  const std::size_t open = last ? 0 : open_utf8_tail(piece);
  held.assign(piece.substr(piece.size() - open));
  piece.remove_suffix(open);
  while (!piece.empty()) {
    const utf8::Step step = utf8::decode(piece);
    each(step.size == 0 ? char32_t{0xFFFD} : step.code, step.size != 0);
    piece.remove_prefix(step.size == 0 ? 1 : step.size);
  }
}

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static_assert(alphabet.size() == 64);

}  // namespace

void TextScan::character(char32_t point) {
  if (point == '\n') {
    traits_.multi_line = true;
    ++traits_.final_newlines;
    return;
  }
  traits_.final_newlines = 0;
  has_text_ = true;
  // NEL, which YAML 1.1 takes for a line break, is not printable either.
  if (!text::is_printable(point) || point == 0xFFFE || point == 0xFFFF) traits_.literal = false;
}

void TextScan::feed(std::string_view piece) {
  for_each_character(held_, piece, false, [this](char32_t point, bool valid) {
    traits_.utf8 = traits_.utf8 && valid;
    character(point);
  });
}

TextTraits TextScan::finish() {
  for_each_character(held_, {}, true, [this](char32_t point, bool valid) {
    traits_.utf8 = traits_.utf8 && valid;
    character(point);
  });
  if (traits_.final_newlines > 2) traits_.final_newlines = 2;
  if (!traits_.utf8 || !has_text_) traits_.literal = false;
  return traits_;
}

void QuotedText::append(std::string& out, char32_t point) const {
  switch (point) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const bool never_in_yaml = point == 0xFFFE || point == 0xFFFF;
  if (text::is_printable(point) && !(yaml_ && never_in_yaml)) return utf8::append(out, point);
  if (point < 0x10000) {
    out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
  } else if (yaml_) {
    out += fmt::format("\\U{:08x}", static_cast<unsigned>(point));
  } else {
    const auto rest = static_cast<unsigned>(point) - 0x10000U;
    out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800U + (rest >> 10U), 0xdc00U + (rest & 0x3ffU));
  }
}

std::string QuotedText::feed(std::string_view piece) {
  std::string out;
  out.reserve(piece.size() + 16);
  for_each_character(held_, piece, false, [&](char32_t point, bool) { append(out, point); });
  return out;
}

std::string QuotedText::finish() {
  std::string out;
  for_each_character(held_, {}, true, [&](char32_t point, bool) { append(out, point); });
  return out;
}

std::string Base64Text::feed(std::string_view piece) {
  held_ += piece;
  const std::size_t whole = held_.size() - held_.size() % 3;
  std::string out;
  out.reserve(whole / 3 * 4);
  for (std::size_t i = 0; i < whole; i += 3) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>(held_[i + at])); };
    const unsigned bits = byte(0) << 16U | byte(1) << 8U | byte(2);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) out += alphabet[(bits >> shift) & 63U];
  }
  held_.erase(0, whole);
  return out;
}

std::string Base64Text::finish() { return text::base64(std::exchange(held_, {})); }

std::string json_quote(std::string_view text) {
  QuotedText quoted;
  std::string out = "\"" + quoted.feed(text);
  return out + quoted.finish() + "\"";
}

std::string csv_quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text::printable(text)) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace herder::report
