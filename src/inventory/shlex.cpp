#include "inventory/shlex.hpp"

namespace herder::inventory {
namespace {

Error broken(std::string_view what, std::size_t offset, std::string_view remedy) {
  Where where;
  where.column = static_cast<int>(offset) + 1;
  return error(Errc::parse, "{}", what).at(std::move(where)).hint(std::string(remedy));
}

class Splitter {
 public:
  explicit Splitter(std::string_view line) : line_(line) {}

  Result<std::vector<ShlexWord>> run() {
    for (; at_ < line_.size(); ++at_) {
      const char c = line_[at_];
      if (c == '#') break;
      if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        in_word_ = false;
      } else if (c == '\'' || c == '"') {
        HERDER_TRY_VOID(quoted(c));
      } else if (c == '\\') {
        if (at_ + 1 == line_.size())
          return std::unexpected(broken("a backslash ends the line", at_, "write it twice, or take it away"));
        word().text += line_[++at_];
      } else {
        word().text += c;
      }
    }
    return std::move(words_);
  }

 private:
  ShlexWord& word() {
    if (!in_word_) words_.push_back({{}, at_});
    in_word_ = true;
    return words_.back();
  }

  Result<> quoted(char quote) {
    ShlexWord& current = word();
    const std::size_t open = at_;
    for (++at_; at_ < line_.size() && line_[at_] != quote; ++at_) {
      if (quote == '"' && line_[at_] == '\\') {
        if (at_ + 1 == line_.size()) break;
        if (line_[at_ + 1] != '"' && line_[at_ + 1] != '\\') current.text += '\\';
        ++at_;
      }
      current.text += line_[at_];
    }
    if (at_ >= line_.size() || line_[at_] != quote)
      return std::unexpected(broken(quote == '"' ? "a double quote is not closed" : "a single quote is not closed", open,
                                    "close it, or put a backslash before it if it belongs to the text"));
    return {};
  }

  std::string_view line_;
  std::size_t at_ = 0;
  bool in_word_ = false;
  std::vector<ShlexWord> words_;
};

}  // namespace

Result<std::vector<ShlexWord>> shlex_split(std::string_view line) { return Splitter(line).run(); }

}  // namespace herder::inventory
