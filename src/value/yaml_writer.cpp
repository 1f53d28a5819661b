#include "value/yaml_writer.hpp"

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace herder::value::yaml {
namespace {

using namespace std::string_view_literals;

constexpr bool in(char32_t c, std::u32string_view set) noexcept { return set.find(c) != std::u32string_view::npos; }
constexpr bool blank_or_break(char32_t c) noexcept { return c == U'\0' || in(c, U" \t\r\n"); }

/// Text that other programs read back unchanged without an escape. U+0085, U+2028 and U+2029 are printable for YAML, but readers take them
/// for line breaks: PyYAML's own reader does not get back what its writer wrote, so here they are always escaped.
constexpr bool printable(char32_t c) noexcept {
  if (c == U'\n' || (c >= 0x20 && c <= 0x7e)) return true;
  if (c == 0x2028 || c == 0x2029 || c == 0xfeff) return false;
  return (c >= 0xa0 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c < 0x10ffff);
}

/// Where indicators stand that would be read as structure.
struct Indicators {
  bool in_flow = false;
  bool in_block = false;
};

Indicators find_indicators(std::u32string_view text) noexcept {
  Indicators found;
  if (text.starts_with(U"---") || text.starts_with(U"...")) return {.in_flow = true, .in_block = true};
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char32_t c = text[i];
    const bool blank_follows = i + 1 >= text.size() || blank_or_break(text[i + 1]);
    const bool flow_only = i == 0 ? c == U'?' || c == U':' : in(c, U",?[]{}:");
    const bool starts_structure = i == 0 && (in(c, U"#,[]{}&*!|>'\"%@`") || (in(c, U"?-") && blank_follows));
    const bool ends_key = c == U':' && blank_follows;
    const bool comment = i > 0 && c == U'#' && blank_or_break(text[i - 1]);
    if (starts_structure || ends_key || comment) return {.in_flow = true, .in_block = true};
    found.in_flow = found.in_flow || flow_only;
  }
  return found;
}

/// Length of the run at `at` whose characters all are (or all are not) `which`.
template <class Which>
std::size_t run(std::u32string_view text, std::size_t at, Which which) noexcept {
  std::size_t end = at;
  while (end < text.size() && which(text[end])) ++end;
  return end - at;
}

constexpr bool is_space(char32_t c) noexcept { return c == U' '; }
constexpr bool is_break(char32_t c) noexcept { return c == U'\n'; }
constexpr bool is_word(char32_t c) noexcept { return c != U' ' && c != U'\n'; }

}  // namespace

void decode(std::string_view text, std::u32string& out) {
  out.clear();
  while (!text.empty()) {
    const utf8::Step step = utf8::decode(text);
    out += step.size == 0 ? char32_t{0xfffd} : step.code;
    text.remove_prefix(step.size == 0 ? 1 : step.size);
  }
}

Analysis analyze(std::u32string_view text, bool libyaml) noexcept {
  if (text.empty()) return {.empty = true, .block_plain = true, .single_quoted = true};
  bool special = false;      // only escapes can say it
  bool break_space = false;  // a line that starts with a blank
  bool space_break = false;  // a line that ends in one
  Analysis result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    special = special || !printable(text[i]) || (libyaml && text[i] > 0xffff);
    result.multiline = result.multiline || is_break(text[i]) || (libyaml && text[i] == U'\r');
    if (i == 0) continue;
    break_space = break_space || (is_break(text[i - 1]) && is_space(text[i]));
    space_break = space_break || (is_space(text[i - 1]) && is_break(text[i]));
  }
  const bool blank_ends = !is_word(text.front()) || !is_word(text.back());
  const Indicators indicators = find_indicators(text);
  const bool one_line = !blank_ends && !break_space && !space_break && !special && !result.multiline;
  result.flow_plain = one_line && !indicators.in_flow;
  result.block_plain = one_line && !indicators.in_block;
  result.single_quoted = !break_space && !space_break && !special;
  result.block = !is_space(text.back()) && !space_break && !special;
  return result;
}

Writer::Level::Level(Writer& writer, bool flow, bool indentless) noexcept : writer_(writer), before_(writer.indent_) {
  if (before_ < 0) {
    writer.indent_ = flow ? writer.best_indent_ : 0;
  } else if (!indentless) {
    writer.indent_ += writer.best_indent_;
  }
}

void Writer::indicator(std::string_view text, bool space_before, bool whitespace, bool indention) {
  if (space_before && !whitespace_) {
    out_ += ' ';
    ++column_;
  }
  out_ += text;
  column_ += static_cast<int>(text.size());
  whitespace_ = whitespace;
  indention_ = indention_ && indention;
  open_ended_ = false;
}

void Writer::line_break() {
  out_ += '\n';
  whitespace_ = true;
  indention_ = true;
  column_ = 0;
}

void Writer::line_indent() {
  const int indent = indent_ < 0 ? 0 : indent_;
  if (!indention_ || column_ > indent || (column_ == indent && !whitespace_)) line_break();
  if (column_ >= indent) return;
  whitespace_ = true;
  out_.append(static_cast<std::size_t>(indent - column_), ' ');
  column_ = indent;
}

void Writer::put(std::u32string_view text) {
  for (const char32_t c : text) utf8::append(out_, c);
  column_ += static_cast<int>(text.size());
}

void Writer::plain(std::u32string_view text, bool may_split, bool root) {
  open_ended_ = open_ended_ || (root && !libyaml_);
  if (text.empty()) return;
  if (!whitespace_) put(U" ");
  whitespace_ = false;
  indention_ = false;
  for (std::size_t at = 0; at < text.size();) {
    const bool spaces = is_space(text[at]);
    const std::size_t length = spaces ? run(text, at, is_space) : run(text, at, is_word);
    if (spaces && length == 1 && may_split && past_width()) {
      line_indent();
      whitespace_ = false;
      indention_ = false;
    } else {
      put(text.substr(at, length));
    }
    at += length;
  }
}

void Writer::single_quoted(std::u32string_view text, bool may_split) {
  indicator("'", true);
  for (std::size_t at = 0; at < text.size();) {
    std::size_t length = 0;
    if (is_space(text[at])) {
      length = run(text, at, is_space);
      if (length == 1 && may_split && past_width() && at != 0 && at + 1 != text.size()) {
        line_indent();
      } else {
        put(text.substr(at, length));
      }
    } else if (is_break(text[at])) {
      length = run(text, at, is_break);
      for (std::size_t i = 0; i <= length; ++i) line_break();  // one more: a single break reads as a blank
      line_indent();
    } else {
      length = run(text, at, is_word);
      for (const char32_t c : text.substr(at, length)) put(c == U'\'' ? std::u32string_view(U"''") : std::u32string_view(&c, 1));
    }
    at += length;
  }
  indicator("'", false);
}

void Writer::put_escaped(char32_t c) {
  constexpr std::u32string_view known_ones = U"\0\a\b\t\n\v\f\r\x1b\"\\\x85\xa0\u2028\u2029"sv;
  constexpr std::string_view letters = "0abtnvfre\"\\N_LP";
  static_assert(known_ones.size() == letters.size());
  const std::size_t known = known_ones.find(c);
  std::string text;
  if (known != std::u32string_view::npos) {
    text = {'\\', letters[known]};
  } else {
    const auto code = static_cast<std::uint32_t>(c);
    text = code <= 0xff ? fmt::format("\\x{:02X}", code) : code <= 0xffff ? fmt::format("\\u{:04X}", code) : fmt::format("\\U{:08X}", code);
  }
  out_ += text;
  column_ += static_cast<int>(text.size());
}

void Writer::double_quoted(std::u32string_view text, bool may_split) {
  indicator("\"", true);
  std::size_t start = 0;  // of what is not written yet
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char32_t c = text[at];
    const bool as_is = c != U'"' && c != U'\\' && c != U'\n' && printable(c) && c < 0x10000;
    if (!as_is) {
      put(text.substr(start, at - start));
      put_escaped(c);
      start = at + 1;
    }
    if (!may_split || at == 0 || at + 1 >= text.size()) continue;
    if (libyaml_) {
      split_at_blank(text, at, start);
    } else {
      split_anywhere(text, at, start);
    }
  }
  put(text.substr(start));
  indicator("\"", false);
}

/// PyYAML ends a line with a backslash, before blanks and next to escapes.
void Writer::split_anywhere(std::u32string_view text, std::size_t at, std::size_t& start) {
  const int pending = static_cast<int>(at) - static_cast<int>(start);
  if ((text[at] != U' ' && pending > 0) || column_ + pending <= best_width_) return;
  if (start < at) {
    put(text.substr(start, at - start));
    start = at;
  }
  out_ += '\\';
  ++column_;
  line_indent();
  whitespace_ = false;
  indention_ = false;
  if (text[start] != U' ') return;
  out_ += '\\';
  ++column_;
}

/// libyaml ends a line instead of a blank, which reading it brings back.
void Writer::split_at_blank(std::u32string_view text, std::size_t at, std::size_t& start) {
  if (text[at] != U' ' || text[at - 1] == U' ') return;
  put(text.substr(start, at - start));
  start = at;
  if (column_ <= best_width_) return;
  line_indent();
  if (text[at + 1] == U' ') {
    out_ += '\\';
    ++column_;
  }
  start = at + 1;
}

void Writer::literal(std::u32string_view text) {
  std::string hints = "|";
  if (!is_word(text.front())) hints += std::to_string(best_indent_);
  bool keeps_breaks = false;
  if (!is_break(text.back())) {
    hints += '-';
  } else if (text.size() == 1 || is_break(text[text.size() - 2])) {
    hints += '+';
    keeps_breaks = true;
  }
  indicator(hints, true);
  open_ended_ = keeps_breaks;
  line_break();
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t line = run(text, at, [](char32_t c) { return !is_break(c); });
    if (line > 0) {
      line_indent();
      put(text.substr(at, line));
      column_ -= static_cast<int>(line);  // lines of a literal do not count
    }
    at += line;
    if (at < text.size() || line > 0) line_break();
    if (at < text.size()) ++at;
  }
}

std::string Writer::finish() && {
  line_indent();
  if (open_ended_) {
    indicator("...", true);
    line_indent();
  }
  return std::move(out_);
}

}  // namespace herder::value::yaml
