#include "value/ini.hpp"

#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace herder::value {
namespace {

constexpr std::string_view default_section = "DEFAULT";

/// Python's str.isspace().
bool is_space(char32_t c) noexcept {
  if (c < 0x80) return c == U' ' || (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x1f);
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

/// One line as code points: where its text starts and ends, as Python's strip() has it.
std::size_t blank_prefix(std::string_view text) noexcept {
  std::size_t at = 0;
  while (at < text.size()) {
    const utf8::Step step = utf8::decode(text.substr(at));
    if (step.size == 0 || !is_space(step.code)) break;
    at += step.size;
  }
  return at;
}

/// The last code point of a text that is not empty, and where it starts.
std::pair<std::size_t, char32_t> last_character(std::string_view text) noexcept {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) --at;
  return {at, utf8::decode(text.substr(at)).code};
}

std::string_view without_blank_end(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto [at, code] = last_character(text);
    if (!is_space(code)) break;
    text = text.substr(0, at);
  }
  return text;
}

std::string_view stripped(std::string_view text) noexcept { return without_blank_end(text.substr(blank_prefix(text))); }

std::size_t characters(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return count;
}

/// Where the comment of a line starts; npos when it has none.
std::size_t comment_start(std::string_view line, std::string_view inline_comments) noexcept {
  const std::size_t first = blank_prefix(line);
  if (first < line.size() && (line[first] == '#' || line[first] == ';')) return 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (inline_comments.find(line[at]) == std::string_view::npos) continue;
    if (at == 0 || is_space(last_character(line.substr(0, at)).second)) return at;
  }
  return std::string_view::npos;
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

/// "[header]" with anything behind it; the header ends at the last bracket.
std::optional<std::string_view> header_of(std::string_view text) noexcept {
  if (!text.starts_with('[')) return std::nullopt;
  const std::size_t end = text.rfind(']');
  if (end == std::string_view::npos || end < 2) return std::nullopt;
  return text.substr(1, end - 1);
}

}  // namespace

/// One pass over the lines.
class IniFile::Reader {
 public:
  explicit Reader(IniFile& file) : file_(file), file_id_(source_file_id(file.options_.file)) {}

  Result<> read() {
    for (number_ = 0; number_ < file_.lines_.size(); ++number_) HERDER_TRY_VOID(read_line(file_.lines_[number_]));
    finish_value();
    MapBuilder all;
    for (const std::string& name : order_) all.set(Value(name).at(headers_.at(name)), std::move(sections_[name]).build().at(headers_.at(name)));
    file_.values_ = std::move(all).build();
    return {};
  }

 private:
  Result<> read_line(std::string_view line) {
    if (!text::is_utf8(line)) return std::unexpected(fault("this line is not UTF-8", "save the file as UTF-8", 0));
    const std::size_t comment = comment_start(line, file_.options_.inline_comments);
    const std::string_view text = stripped(line.substr(0, comment));
    if (text.empty()) {
      if (comment == std::string_view::npos && has_key_) value_ += '\n';
      return {};
    }
    const std::size_t first = blank_prefix(line);
    const std::size_t indent = characters(line.substr(0, first));
    if (has_key_ && indent > indent_) {
      value_.append("\n").append(text);
      file_.entries_.back().count = number_ + 1 - file_.entries_.back().first;
      return {};
    }
    indent_ = indent;
    if (const auto header = header_of(text)) return section(*header, indent);
    if (section_.empty()) {
      return std::unexpected(fault("this stands before the first [section]", "write a line like [defaults] above it", indent));
    }
    return option(text, indent);
  }

  Result<> section(std::string_view header, std::size_t indent) {
    finish_value();
    section_ = header;
    const auto [place, fresh] = headers_.try_emplace(section_, position(indent));
    if (fresh) {
      order_.push_back(section_);
      sections_.try_emplace(section_);
      return {};
    }
    if (header == default_section) return {};
    return std::unexpected(fault(fmt::format("the section [{}] is there twice; the first is on line {}", section_, place->second.line()),
                                 "put their keys together under one of them", indent));
  }

  Result<> option(std::string_view text, std::size_t indent) {
    finish_value();
    const std::size_t delimiter = text.find_first_of("=:");
    if (delimiter == std::string_view::npos) {
      return std::unexpected(fault("this line is neither 'key = value' nor [section]",
                                   "write '=' between key and value, or indent the line if it goes on with the value above", indent));
    }
    key_ = text::lower(stripped(text.substr(0, delimiter)));
    if (key_.empty()) return std::unexpected(fault("the key before this delimiter is missing", "write 'key = value'", indent));
    const auto [place, fresh] = keys_.try_emplace({section_, key_}, number_);
    if (!fresh) {
      return std::unexpected(fault(fmt::format("the key '{}' is there twice in [{}]; the first is on line {}", key_, section_, place->second + 1),
                                   "remove one of them", indent));
    }
    const std::string_view value = stripped(text.substr(delimiter + 1));
    const std::size_t before = value.empty() ? text.size() : static_cast<std::size_t>(value.data() - text.data());
    key_position_ = position(indent);
    value_position_ = position(indent + characters(text.substr(0, before)));
    value_ = value;
    has_key_ = true;
    file_.entries_.push_back({.section = section_, .key = key_, .first = number_, .count = 1});
    return {};
  }

  void finish_value() {
    if (!has_key_) return;
    sections_[section_].set(Value(key_).at(key_position_), Value(without_blank_end(value_)).marked(file_.options_.marks).at(value_position_));
    has_key_ = false;
  }

  [[nodiscard]] SourcePos position(std::size_t column) const noexcept {
    return {file_id_, static_cast<std::uint32_t>(std::min<std::size_t>(number_ + 1, SourcePos::max_line)),
            static_cast<std::uint32_t>(std::min<std::size_t>(column + 1, SourcePos::max_column))};
  }
  [[nodiscard]] Error fault(std::string what, std::string help, std::size_t column) const {
    Error failure{.code = Errc::parse, .what = std::move(what), .where = position(column).where(), .help = std::move(help)};
    failure.where.file = file_.options_.file;
    if (!has(file_.options_.marks, Mark::secret)) failure.where.text = text::cut(stripped_end(file_.lines_[number_]), 500);
    return failure;
  }
  static std::string_view stripped_end(std::string_view line) noexcept {
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  IniFile& file_;
  std::uint32_t file_id_;
  std::size_t number_ = 0;
  std::size_t indent_ = 0;  // of the line that started the section or key at hand
  std::string section_;
  std::string key_;
  std::string value_;
  bool has_key_ = false;
  SourcePos key_position_;
  SourcePos value_position_;
  std::vector<std::string> order_;
  std::map<std::string, SourcePos> headers_;
  std::map<std::string, MapBuilder> sections_;
  std::map<std::pair<std::string, std::string>, std::size_t> keys_;
};

Result<IniFile> IniFile::parse(std::string_view text, const IniOptions& options) {
  IniFile file;
  file.options_ = options;
  file.lines_ = split_lines(text);
  HERDER_TRY_VOID(Reader(file).read());
  return file;
}

const Value* IniFile::find(std::string_view section, std::string_view key) const noexcept {
  const Value* keys = values_.find(section);
  if (keys == nullptr && section != default_section) return nullptr;
  const Value* found = keys == nullptr ? nullptr : keys->find(key);
  if (found != nullptr) return found;
  const Value* defaults = values_.find(default_section);
  return defaults == nullptr ? nullptr : defaults->find(key);
}

const IniFile::Entry* IniFile::entry(std::string_view section, std::string_view key) const noexcept {
  for (const Entry& one : entries_)
    if (one.section == section && one.key == key) return &one;
  return nullptr;
}

std::vector<std::string> IniFile::with(std::string_view section, std::string_view key, std::string_view value) const {
  std::vector<std::string> lines = lines_;
  const std::string_view end = !lines.empty() && lines.front().ends_with("\r\n") ? "\r\n" : "\n";
  if (!lines.empty() && !lines.back().ends_with('\n')) lines.back() += end;
  std::vector<std::string> made;
  for (const std::string_view line : text::split(value, '\n')) {
    const std::string_view lead = line.empty() ? "" : made.empty() ? " " : "    ";
    made.push_back(fmt::format("{}{}{}{}", made.empty() ? fmt::format("{} =", key) : std::string(), lead, line, end));
  }
  std::size_t at = lines.size();
  if (const Entry* old = entry(section, key)) {
    at = old->first;
    const std::string indent = lines[at].substr(0, blank_prefix(lines[at]));
    for (std::string& line : made)
      if (line != end) line.insert(0, indent);
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at), lines.begin() + static_cast<std::ptrdiff_t>(at + old->count));
  } else if (const Value* keys = values_.find(section)) {
    // Behind the section's last key, else behind its header: blank lines and comments below stay with what follows.
    at = keys->source().line();
    for (const Entry& one : entries_)
      if (one.section == section) at = one.first + one.count;
  } else {
    made.insert(made.begin(), fmt::format("[{}]{}", section, end));
    if (!lines.empty()) made.insert(made.begin(), std::string(end));
  }
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), made.begin(), made.end());
  return lines;
}

Result<> IniFile::set(std::string_view section, std::string_view key, std::string_view value) {
  IniFile changed;
  changed.options_ = options_;
  changed.lines_ = with(section, key, value);
  const Value* old = values_.find(section);
  MapBuilder keys(old == nullptr ? Value::empty_map() : *old);
  keys.set(key, value);
  MapBuilder wanted(values_);
  wanted.set(section, std::move(keys).build());
  // Reading it back is the proof that the text means this and nothing else.
  if (!Reader(changed).read() || changed.values_ != std::move(wanted).build()) {
    return std::unexpected(error(Errc::unsupported, "an INI file cannot hold this value of '{}' in [{}]", key, section)
                               .hint("blanks at the ends, ' ;', and lines that start with '#' or ';' would be read as something else"));
  }
  *this = std::move(changed);
  return {};
}

bool IniFile::remove(std::string_view section, std::string_view key) {
  const Entry* old = entry(section, key);
  if (old == nullptr) return false;
  const auto first = lines_.begin() + static_cast<std::ptrdiff_t>(old->first);
  lines_.erase(first, first + static_cast<std::ptrdiff_t>(old->count));
  IniFile changed;
  changed.options_ = options_;
  changed.lines_ = std::move(lines_);
  HERDER_ASSERT(Reader(changed).read().has_value());  // fewer keys cannot make a readable file unreadable
  *this = std::move(changed);
  return true;
}

std::string IniFile::print() const {
  std::string text;
  for (const std::string& line : lines_) text += line;
  return text;
}

}  // namespace herder::value
