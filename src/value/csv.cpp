#include "value/csv.hpp"

namespace herder::value {
namespace {

bool is_line_end(char c) noexcept { return c == '\n' || c == '\r'; }

class CsvReader {
 public:
  CsvReader(std::string_view text, const CsvOptions& options) : text_(text), options_(options) {}

  Result<std::vector<CsvRow>> read() {
    if (options_.delimiter == '"' || is_line_end(options_.delimiter))
      return fail(Errc::usage, "a quote or a line end cannot be the delimiter of a CSV file");
    while (at_ < text_.size()) {
      row_.clear();
      if (!is_line_end(text_[at_])) HERDER_TRY_VOID(row());
      line_end();
      rows_.push_back(std::move(row_));
    }
    return std::move(rows_);
  }

 private:
  Result<> row() {
    while (true) {
      field_.clear();
      if (at_ < text_.size() && text_[at_] == '"') HERDER_TRY_VOID(quoted());
      while (at_ < text_.size() && text_[at_] != options_.delimiter && !is_line_end(text_[at_])) field_ += text_[at_++];
      if (field_.size() > options_.field_bytes) return refuse(Errc::limit, fmt::format("a field is longer than {} bytes", options_.field_bytes));
      row_.push_back(field_);
      if (at_ == text_.size() || is_line_end(text_[at_])) return {};
      ++at_;
    }
  }

  Result<> quoted() {
    const std::size_t opened_at = line_;
    ++at_;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') ++at_;
        else break;
      }
      line_ += ends_line(at_) ? 1 : 0;
      field_ += c;
    }
    if (at_ == text_.size()) {
      if (!options_.strict) return {};
      line_ = opened_at;
      return refuse(Errc::parse, "a quote is never closed");
    }
    ++at_;
    const bool ends = at_ == text_.size() || text_[at_] == options_.delimiter || is_line_end(text_[at_]);
    return ends || !options_.strict ? Result<>() : refuse(Errc::parse, "text follows a closing quote");
  }

  [[nodiscard]] bool ends_line(std::size_t at) const noexcept {
    return text_[at] == '\n' || (text_[at] == '\r' && (at + 1 == text_.size() || text_[at + 1] != '\n'));
  }

  void line_end() {
    if (at_ == text_.size()) return;
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    ++at_;
    ++line_;
  }

  std::unexpected<Error> refuse(Errc code, std::string_view what) const {
    return std::unexpected(error(code, "{}", what).at({.file = options_.file, .line = static_cast<int>(line_), .column = 0, .text = {}}));
  }

  std::string_view text_;
  const CsvOptions& options_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::string field_;
  CsvRow row_;
  std::vector<CsvRow> rows_;
};

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvOptions& options) { return CsvReader(text, options).read(); }

std::string print_csv_row(std::span<const std::string> fields, char delimiter, std::string_view line_end) {
  std::string out;
  const bool single_empty = fields.size() == 1 && fields[0].empty();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += delimiter;
    const std::string& field = fields[i];
    if (!single_empty && !field.contains(delimiter) && field.find_first_of("\"\r\n") == std::string::npos) {
      out += field;
      continue;
    }
    out += '"';
    for (const char c : field) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }
  return out += line_end;
}

}  // namespace herder::value
