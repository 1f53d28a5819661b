#include "transport/ssh_config_line.hpp"

#include <algorithm>

namespace herder::transport {
namespace {

constexpr std::string_view white = " \t\r\n";

std::size_t behind_blanks(std::string_view text, std::size_t at) noexcept { return std::min(text.find_first_not_of(white, at), text.size()); }

}  // namespace

std::optional<std::string> Words::next() {
  if (done_) return std::nullopt;
  const std::size_t begin = at_;
  std::size_t end = line_.find_first_of(" \t\r\n\"=", at_);
  if (end == std::string::npos) {
    done_ = true;
    return line_.substr(begin);
  }
  if (line_[end] == '"') {
    line_.erase(end, 1);  // what stands before the quote belongs to the word
    end = line_.find('"', end);
    if (end == std::string::npos) {
      done_ = open_quote_ = true;
      return std::nullopt;
    }
    at_ = behind_blanks(line_, end + 1);
    return line_.substr(begin, end - begin);
  }
  const bool was_equals = line_[end] == '=';
  at_ = behind_blanks(line_, end + 1);
  if (!was_equals && at_ < line_.size() && line_[at_] == '=') at_ = behind_blanks(line_, at_ + 1);
  return line_.substr(begin, end - begin);
}

std::optional<std::vector<std::string>> split_arguments(std::string_view text) {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ' || text[i] == '\t') continue;
    if (text[i] == '#') break;
    std::string word;
    char quote = '\0';
    for (; i < text.size(); ++i) {
      const char c = text[i];
      const char after = i + 1 < text.size() ? text[i + 1] : '\0';
      if (c == '\\' && (after == '\'' || after == '"' || after == '\\' || (quote == '\0' && after == ' '))) {
        word += after;
        ++i;
      } else if (quote == '\0' && (c == ' ' || c == '\t')) {
        break;
      } else if (quote == '\0' && (c == '"' || c == '\'')) {
        quote = c;
      } else if (quote != '\0' && c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    }
    if (quote != '\0') return std::nullopt;
    words.push_back(std::move(word));
  }
  return words;
}

}  // namespace herder::transport
