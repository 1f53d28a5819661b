// The rules look at the offending line as a person would: tabs first (they hide the rest), then templates without quotes, then quotes, then
// colons, then indentation. Each rule answers with a place that may be better than the parser's, which only knows where it gave up.
#include "value/yaml_error.hpp"

#include <cctype>
#include <optional>

#include "base/text.hpp"

namespace herder::value::yaml {
namespace {

/// Length of the line break at `at` (libyaml's idea: \r\n, \n, \r, NEL, LS, PS), 0 when there is none.
std::size_t break_length(std::string_view text, std::size_t at) noexcept {
  const std::string_view rest = text.substr(at);
  if (rest.starts_with("\r\n")) return 2;
  if (rest.starts_with('\n') || rest.starts_with('\r')) return 1;
  if (rest.starts_with("\xC2\x85")) return 2;
  if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) return 3;
  return 0;
}

std::string_view line_at(std::string_view text, std::size_t line) noexcept {
  std::size_t start = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t length = break_length(text, at);
    if (length == 0) {
      ++at;
      continue;
    }
    if (line == 0) break;
    --line;
    at += length;
    start = at;
  }
  return line == 0 ? text.substr(start, at - start) : std::string_view{};
}

std::size_t indent_of(std::string_view line) noexcept {
  const std::size_t first = line.find_first_not_of(' ');
  return first == std::string_view::npos ? line.size() : first;
}

/// The last line above `line` that is neither blank nor a comment.
std::optional<std::size_t> line_above(std::string_view text, std::size_t line) noexcept {
  while (line-- > 0) {
    const std::string_view trimmed = text::trim(line_at(text, line));
    if (!trimmed.empty() && trimmed[0] != '#') return line;
  }
  return std::nullopt;
}

/// Where in the line the value starts: after indentation, "- " and "key: ". Columns in bytes.
std::size_t value_start(std::string_view line) noexcept {
  std::size_t at = indent_of(line);
  while (line.substr(at).starts_with("- ")) {
    at = line.find_first_not_of(' ', at + 1);
    if (at == std::string_view::npos) return line.size();
  }
  if (at < line.size() && (line[at] == '"' || line[at] == '\'' || line[at] == '{' || line[at] == '[')) return at;
  const std::size_t colon = line.find(": ", at);
  if (colon == std::string_view::npos) return at;
  const std::size_t value = line.find_first_not_of(' ', colon + 1);
  return value == std::string_view::npos ? line.size() : value;
}

std::size_t column_of_byte(std::string_view line, std::size_t byte) noexcept {
  std::size_t column = 0;
  for (std::size_t i = 0; i < byte && i < line.size(); ++i) column += (static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U ? 1U : 0U;
  return column;
}

/// `line` with the part from `start` on in quotes, for "write: ...". Long lines are not repeated.
std::string quoted_form(std::string_view line, std::size_t start) {
  std::string_view value = line.substr(start);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t' || value.back() == '\r')) value.remove_suffix(1);
  if (value.empty() || line.size() > 200) return {};
  std::string out(text::trim(line.substr(0, start)));
  if (!out.empty()) out += ' ';
  const bool has_double = value.find('"') != std::string_view::npos || value.find('\\') != std::string_view::npos;
  if (!has_double) return out.append("\"").append(value).append("\"");
  out += '\'';
  for (const char c : value) out.append(c == '\'' ? 2 : 1, c);
  return out += '\'';
}

struct Explained {
  std::string what;
  std::string help;
  std::size_t line;
  std::size_t column;
};

/// One document's failure, seen by the rules below.
class Diagnosis {
 public:
  Diagnosis(const Source& source, const Trouble& trouble)
      : source_(source), trouble_(trouble), line_(line_at(source.text, trouble.line)) {}

  Explained explain() {
    if (auto found = tab()) return *found;
    if (auto found = open_quote()) return *found;
    if (auto found = template_without_quotes()) return *found;
    if (auto found = text_after_quote()) return *found;
    if (auto found = special_start()) return *found;
    if (auto found = no_key()) return *found;
    if (auto found = colon_in_text()) return *found;
    if (auto found = collection_in_line()) return *found;
    if (auto found = open_bracket()) return *found;
    if (auto found = after_value()) return *found;
    if (auto found = indentation()) return *found;
    if (auto found = after_document()) return *found;
    if (auto found = escape()) return *found;
    return plain();
  }

 private:
  using Maybe = std::optional<Explained>;
  [[nodiscard]] bool problem_has(std::string_view part) const { return trouble_.problem.find(part) != std::string_view::npos; }
  [[nodiscard]] bool context_has(std::string_view part) const { return trouble_.context.find(part) != std::string_view::npos; }
  [[nodiscard]] std::string write_help(std::string_view lead, std::string_view line, std::size_t start) const {
    const std::string form = source_.quote ? quoted_form(line, start) : std::string{};
    return form.empty() ? std::string(lead) : fmt::format("{}: {}", lead, form);
  }

  Maybe tab() const {
    const std::size_t first = line_.find_first_not_of(' ');
    const bool in_indent = first != std::string_view::npos && line_[first] == '\t';
    const std::size_t any = line_.find('\t');
    const bool at_token = problem_has("cannot start any token") && any != std::string_view::npos && column_of_byte(line_, any) == trouble_.column;
    if (!in_indent && !at_token) return {};
    const std::size_t column = in_indent ? first : column_of_byte(line_, any);
    return Explained{in_indent ? "a tab indents this line" : "a tab stands where YAML wants spaces", "replace tabs by spaces", trouble_.line,
                     column};
  }

  Maybe open_quote() const {
    if (!context_has("quoted scalar") || !(problem_has("end of stream") || problem_has("document indicator"))) return {};
    return Explained{"the quote that opens here is never closed",
                     "close it, or put the whole value in the other kind of quotes if the quote belongs to the text", trouble_.context_line,
                     trouble_.context_column};
  }

  Maybe template_without_quotes() const {
    const std::size_t start = value_start(line_);
    if (!line_.substr(start).starts_with("{{")) return {};
    return Explained{"a value that starts with '{{' needs quotes around it", write_help("write", line_, start), trouble_.line,
                     column_of_byte(line_, start)};
  }

  Maybe text_after_quote() const {
    const std::size_t start = value_start(line_);
    if (start >= line_.size() || (line_[start] != '"' && line_[start] != '\'') || trouble_.column == 0) return {};
    const std::size_t close = line_.find(line_[start], start + 1);
    if (close == std::string_view::npos || column_of_byte(line_, close) >= trouble_.column) return {};
    if (problem_has("mapping values") && line_.substr(close + 1).starts_with(":")) return {};
    std::string help = write_help("put the whole value in quotes", line_, start);
    if (source_.quote && is_apostrophe(close)) help = fmt::format("write: {}", with_double_quotes(start));
    return Explained{"text follows the closing quote", std::move(help), trouble_.line, column_of_byte(line_, start)};
  }

  /// 'it's': a quote between two letters.
  [[nodiscard]] bool is_apostrophe(std::size_t quote) const {
    return line_[quote] == '\'' && quote + 1 < line_.size() && std::isalpha(static_cast<unsigned char>(line_[quote + 1])) != 0 &&
           std::isalpha(static_cast<unsigned char>(line_[quote - 1])) != 0;
  }
  [[nodiscard]] std::string with_double_quotes(std::size_t start) const {
    std::string out(text::trim(line_));
    const std::size_t from = start - indent_of(line_);
    out[from] = '"';
    if (out.back() == '\'' && out.size() > from + 1) out.back() = '"';
    return out;
  }

  Maybe special_start() const {
    const bool directive = context_has("directive");
    const std::size_t start = directive ? indent_of(line_) : value_start(line_);
    if (start >= line_.size()) return {};
    const char first = line_[start];
    const bool token = (problem_has("cannot start any token") || problem_has("expected node content")) &&
                       std::string_view("@`%],}").find(first) != std::string_view::npos;
    const bool alias = problem_has("alphabetic or numeric") && (first == '*' || first == '&');
    const bool block = context_has("block scalar") && (first == '|' || first == '>');
    const bool tag = context_has("tag") && first == '!';
    if (!token && !alias && !block && !tag && !(directive && first == '%')) return {};
    return Explained{fmt::format("a value without quotes cannot start with '{}' here", first), write_help("quote it", line_, start),
                     trouble_.line, column_of_byte(line_, start)};
  }

  /// A line that stands where a "key: value" must stand: without space after the colon, without colon, or without key.
  Maybe no_key() const {
    if (problem_has("could not find expected ':'")) return no_key_in(trouble_.context_line);
    const std::size_t start = indent_of(line_);
    if (problem_has("expected key") && trouble_.column == column_of_byte(line_, start) && line_.substr(start).starts_with(":")) {
      return Explained{"the key before this ':' is missing", "write the key, or quote the text if it starts with ':'", trouble_.line,
                       trouble_.column};
    }
    if (!problem_has("mapping values are not allowed")) return {};
    // The line above was read as the start of a text that this line goes on with.
    const auto above = line_above(source_.text, trouble_.line);
    if (!above || line_.substr(value_start(line_)).find(": ") != std::string_view::npos) return {};
    const std::string_view previous = line_at(source_.text, *above);
    if (indent_of(previous) != start || value_start(previous) != start || previous.substr(start).starts_with("- ")) return {};
    return no_key_in(*above);
  }

  [[nodiscard]] Explained no_key_in(std::size_t number) const {
    const std::string_view line = line_at(source_.text, number);
    const std::size_t start = indent_of(line);
    const std::size_t colon = line.find(':', start);
    if (colon != std::string_view::npos && colon + 1 < line.size() && line[colon + 1] != ' ') {
      return {"there is no space after the colon", "write 'key: value', with a space", number, column_of_byte(line, colon)};
    }
    if (line.substr(start).starts_with("-")) {
      return {"there is no space after the dash", "write '- item', with a space", number, start};
    }
    return {"this line has no ':', but it stands where a 'key: value' is expected",
            "add the colon, or indent the line if it continues the value above", number, start};
  }

  Maybe colon_in_text() const {
    if (!problem_has("mapping values are not allowed")) return {};
    const std::size_t start = value_start(line_);
    const std::size_t inner = line_.find(": ", start);
    if (start > indent_of(line_) && inner != std::string_view::npos) {
      return Explained{"': ' inside a value without quotes", write_help("quote the value", line_, start), trouble_.line,
                       column_of_byte(line_, inner)};
    }
    const auto above = line_above(source_.text, trouble_.line);
    const std::string_view previous = above ? line_at(source_.text, *above) : std::string_view{};
    if (above && indent_of(previous) < indent_of(line_)) {
      return Explained{fmt::format("a 'key: value' cannot be nested here: line {} above already has a value", *above + 1),
                       "align the two lines, or move the value above under a key of its own", trouble_.line, indent_of(line_)};
    }
    return Explained{"a 'key: value' is not allowed here", "check the indentation of this line and the one above, and quote values with ': '",
                     trouble_.line, trouble_.column};
  }

  Maybe collection_in_line() const {
    const bool list = problem_has("block sequence entries are not allowed");
    if (!list && !problem_has("mapping keys are not allowed")) return {};
    return Explained{fmt::format("'{}' cannot start a value behind its key", list ? "- " : "? "),
                     list ? "put the list on the next line, or quote the value if it is text" : "quote the value", trouble_.line, trouble_.column};
  }

  Maybe open_bracket() const {
    const bool list = context_has("flow sequence");
    if (!list && !context_has("flow mapping")) return {};
    return Explained{fmt::format("'{}' opens here, but before line {}, column {} there is neither ',' nor '{}'", list ? '[' : '{',
                                 trouble_.line + 1, trouble_.column + 1, list ? ']' : '}'),
                     "close it, separate the elements with commas, or quote the text if the bracket belongs to it", trouble_.context_line,
                     trouble_.context_column};
  }

  /// Something behind a finished value in the same line.
  Maybe after_value() const {
    if (!context_has("block") || trouble_.column <= column_of_byte(line_, value_start(line_))) return {};
    return Explained{"this does not belong to the value before it", write_help("quote the value", line_, value_start(line_)), trouble_.line,
                     trouble_.column};
  }

  Maybe after_document() const {
    if (!problem_has("<document start>")) return {};
    const std::string_view first = text::trim(source_.text).substr(0, 1);
    if (first == "[" && line_above(source_.text, trouble_.line)) {
      return Explained{"text follows the end of the list '[...]'", "this looks like INI, not YAML: check the file's name", trouble_.line, trouble_.column};
    }
    return Explained{"this line is indented less than the first one of the document, or text follows the end of the value",
                     "start all top-level lines in the same column", trouble_.line, trouble_.column};
  }

  Maybe indentation() const {
    const bool in_map = context_has("block mapping");
    if (!in_map && !context_has("block collection")) return {};
    const std::string_view kind = in_map ? "mapping" : "list";
    if (trouble_.column == trouble_.context_column) {
      const bool dash = line_.substr(indent_of(line_)).starts_with("- ");
      return Explained{fmt::format("the {} that starts on line {} cannot go on like this", kind, trouble_.context_line + 1),
                       in_map && dash ? "indent the list under its key; a mapping cannot turn into a list"
                                      : "every line of a list starts with '- ', every line of a mapping is 'key: value'",
                       trouble_.line, trouble_.column};
    }
    return Explained{fmt::format("the indentation fits nothing above: the {} that starts on line {} is indented by {}, this is by {}", kind,
                                 trouble_.context_line + 1, trouble_.context_column, indent_of(line_)),
                     "align the line with the others of its level", trouble_.line, indent_of(line_)};
  }

  Maybe escape() const {
    if (!context_has("quoted scalar")) return {};
    return Explained{problem_has("unknown escape") ? "this backslash escape does not exist" : "this backslash escape is not complete",
                     "write \\\\ for a backslash, or use single quotes, where backslashes are plain text", trouble_.line,
                     trouble_.column};
  }

  Explained plain() const {
    std::string what(trouble_.problem);
    if (!trouble_.context.empty()) what += fmt::format(" ({} that starts on line {})", trouble_.context, trouble_.context_line + 1);
    return {std::move(what), {}, trouble_.line, trouble_.column};
  }

  const Source& source_;
  const Trouble& trouble_;
  std::string_view line_;
};

}  // namespace

Where place(const Source& source, std::size_t line, std::size_t column) {
  Where where{.file = std::string(source.file), .line = static_cast<int>(line + 1), .column = static_cast<int>(column + 1)};
  if (source.quote) where.text = text::cut(line_at(source.text, line), 500);
  return where;
}

Where place_of_byte(const Source& source, std::size_t offset) {
  std::size_t line = 0;
  std::size_t start = 0;
  for (std::size_t at = 0; at < offset && at < source.text.size();) {
    const std::size_t length = break_length(source.text, at);
    at += length != 0 ? length : 1;
    if (length != 0 && at <= offset) {
      ++line;
      start = at;
    }
  }
  return place(source, line, column_of_byte(source.text.substr(start), offset - start));
}

Error explain(const Source& source, const Trouble& trouble) {
  Explained found = Diagnosis(source, trouble).explain();
  return Error{.code = Errc::parse, .what = std::move(found.what), .where = place(source, found.line, found.column), .help = std::move(found.help)};
}

std::string template_help(const Source& source, std::size_t line) {
  const std::string_view text = line_at(source.text, line);
  const std::size_t start = value_start(text);
  if (!text.substr(start).starts_with("{{")) return {};
  const std::string form = source.quote ? quoted_form(text, start) : std::string{};
  return form.empty() ? "put quotes around the template" : fmt::format("write: {}", form);
}

}  // namespace herder::value::yaml
