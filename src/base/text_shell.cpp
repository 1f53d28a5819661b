// Words as shells see them: quoting, splitting, globs.
#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace herder::text {
namespace {

constexpr std::string_view plain_marks = "_-./:=@%+,";

bool is_plain_word(std::string_view word) noexcept {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || plain_marks.find(c) != std::string_view::npos;
  });
}

/// The state of a split: what has been read of the current word, and whether there is one ('' is a word too).
struct Splitter {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;

  void add(char c) {
    word += c;
    in_word = true;
  }
  void end_word() {
    if (in_word) words.push_back(std::move(word));
    word.clear();
    in_word = false;
  }
};

/// The character at the front of `text`; a byte that is no UTF-8 counts as one that equals only itself.
utf8::Step front_character(std::string_view text) noexcept {
  const utf8::Step step = utf8::decode(text);
  constexpr char32_t no_text = 0x110000;
  return step.size > 0 ? step : utf8::Step{no_text + static_cast<unsigned char>(text[0]), 1};
}

/// One step of a bracket expression: whether `c` is in it; `pattern` moves behind its ']'. Nothing when it is not closed.
std::optional<bool> match_set(std::string_view& pattern, char32_t c) noexcept {
  std::size_t at = 1;
  const bool inverted = at < pattern.size() && pattern[at] == '!';
  if (inverted) ++at;
  bool hit = false;
  for (const std::size_t first = at; at < pattern.size();) {
    if (pattern[at] == ']' && at > first) {
      pattern.remove_prefix(at + 1);
      return hit != inverted;
    }
    const utf8::Step low = front_character(pattern.substr(at));
    utf8::Step high = low;
    at += low.size;
    if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
      high = front_character(pattern.substr(at + 1));
      at += 1 + high.size;
    }
    hit = hit || (low.code <= c && c <= high.code);
  }
  return std::nullopt;
}

/// Whether the first element of `pattern`, which is no '*', takes `c`; then `pattern` moves behind it.
bool match_one(std::string_view& pattern, char32_t c) noexcept {
  if (pattern[0] == '[') {
    std::string_view rest = pattern;
    if (const auto hit = match_set(rest, c)) {
      if (*hit) pattern = rest;
      return *hit;
    }
  }
  const utf8::Step own = front_character(pattern);
  if (pattern[0] != '?' && own.code != c) return false;
  pattern.remove_prefix(own.size);
  return true;
}

}  // namespace

std::string shell_quote(std::string_view word) {
  if (is_plain_word(word)) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') out += "'\\''";
    else out += c;
  }
  return out + '\'';
}

std::optional<std::vector<std::string>> shell_split(std::string_view line) {
  Splitter state;
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == '\'') {
      if (c == quote) quote = '\0';
      else state.add(c);
    } else if (c == '\\') {
      if (++i == line.size()) return std::nullopt;
      // Between double quotes a backslash is special only before these; a line end behind it vanishes everywhere.
      if (quote == '"' && std::string_view("$`\"\\\n").find(line[i]) == std::string_view::npos) state.add('\\');
      if (line[i] != '\n') state.add(line[i]);
    } else if (quote == '"') {
      if (c == quote) quote = '\0';
      else state.add(c);
    } else if (c == '\'' || c == '"') {
      quote = c;
      state.in_word = true;
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      state.end_word();
    } else {
      state.add(c);
    }
  }
  if (quote != '\0') return std::nullopt;
  state.end_word();
  return std::move(state.words);
}

bool glob_match(std::string_view pattern, std::string_view text) noexcept {
  // Only the last '*' needs to be tried again: what an earlier one takes more, the later one could take as well. So the cost is
  // at most pattern x text.
  std::string_view retry_pattern;
  std::string_view retry_text;
  bool has_retry = false;
  while (!text.empty() || !pattern.empty()) {
    const utf8::Step front = text.empty() ? utf8::Step{} : front_character(text);
    if (!pattern.empty() && pattern[0] == '*') {
      pattern.remove_prefix(1);
      retry_pattern = pattern;
      retry_text = text;
      has_retry = true;
    } else if (!pattern.empty() && !text.empty() && match_one(pattern, front.code)) {
      text.remove_prefix(front.size);
    } else {
      if (!has_retry || retry_text.empty()) return false;
      retry_text.remove_prefix(front_character(retry_text).size);
      pattern = retry_pattern;
      text = retry_text;
    }
  }
  return true;
}

}  // namespace herder::text
