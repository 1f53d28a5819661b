// Words as shells see them: quoting, splitting, globs.
#include <algorithm>

#include "base/text.hpp"

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

/// One step of a bracket expression: whether `c` is in it; `pattern` moves behind its ']'. Nothing when it is not closed.
std::optional<bool> match_set(std::string_view& pattern, char c) noexcept {
  std::size_t at = 1;
  const bool inverted = at < pattern.size() && pattern[at] == '!';
  if (inverted) ++at;
  bool hit = false;
  for (const std::size_t first = at; at < pattern.size(); ++at) {
    if (pattern[at] == ']' && at > first) {
      pattern.remove_prefix(at + 1);
      return hit != inverted;
    }
    const auto low = static_cast<unsigned char>(pattern[at]);
    auto high = low;
    if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
      high = static_cast<unsigned char>(pattern[at + 2]);
      at += 2;
    }
    const auto byte = static_cast<unsigned char>(c);
    hit = hit || (low <= byte && byte <= high);
  }
  return std::nullopt;
}

/// Whether the first element of `pattern`, which is no '*', takes `c`; then `pattern` moves behind it.
bool match_one(std::string_view& pattern, char c) noexcept {
  if (pattern[0] == '[') {
    std::string_view rest = pattern;
    if (const auto hit = match_set(rest, c)) {
      if (*hit) pattern = rest;
      return *hit;
    }
  }
  if (pattern[0] != '?' && pattern[0] != c) return false;
  pattern.remove_prefix(1);
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
    if (!pattern.empty() && pattern[0] == '*') {
      pattern.remove_prefix(1);
      retry_pattern = pattern;
      retry_text = text;
      has_retry = true;
    } else if (!pattern.empty() && !text.empty() && match_one(pattern, text[0])) {
      text.remove_prefix(1);
    } else {
      if (!has_retry || retry_text.empty()) return false;
      retry_text.remove_prefix(1);
      pattern = retry_pattern;
      text = retry_text;
    }
  }
  return true;
}

}  // namespace herder::text
