// How ssh cuts a configuration line into words: the keyword and Match criteria in one way, arguments in another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace herder::transport {

/// Words that end at blanks, at one '=' or at a double quote; a quoted text is one word. For keywords and for Match.
class Words {
 public:
  explicit Words(std::string_view line) : line_(line) {}
  /// The next word, which may be empty (leading blanks make one); nothing at the end, and when a quote is left open.
  std::optional<std::string> next();
  /// What has not been read, after blanks and '='.
  [[nodiscard]] std::string_view rest() const { return done_ ? std::string_view{} : std::string_view(line_).substr(at_); }
  [[nodiscard]] bool open_quote() const noexcept { return open_quote_; }

 private:
  std::string line_;
  std::size_t at_ = 0;
  bool done_ = false;
  bool open_quote_ = false;
};

/// Arguments: separated by blanks, with single or double quotes, \' \" \\ and "\ " for the character itself; an unquoted '#' at the
/// start of a word begins a comment. Nothing when a quote is left open.
std::optional<std::vector<std::string>> split_arguments(std::string_view text);

}  // namespace herder::transport
