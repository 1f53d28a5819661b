// One pass over the lines. A section header says what the lines below it are; hosts before the first header are ungrouped.
// Groups may be named as children before they are declared: such edges wait in `pending_`.
#include "inventory/ini_inventory.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "inventory/address.hpp"
#include "inventory/ini_value.hpp"
#include "inventory/python_text.hpp"
#include "inventory/shlex.hpp"

namespace herder::inventory {
namespace {

enum class Section : std::uint8_t { hosts, children, vars };

struct Header {
  std::string_view group;
  std::string_view tag;  // empty: none
};

/// "[group]" or "[group:tag]", then nothing but a comment.
std::optional<Header> parse_header(std::string_view line) {
  if (!line.starts_with('[')) return std::nullopt;
  std::size_t end = 1;
  while (end < line.size() && line[end] != ':' && line[end] != ']' && blank_length(line.substr(end)) == 0) ++end;
  if (end == 1 || end == line.size()) return std::nullopt;
  Header header{line.substr(1, end - 1), {}};
  if (line[end] == ':') {
    const std::size_t close = line.find(']', end);
    if (close == std::string_view::npos || close == end + 1) return std::nullopt;
    header.tag = line.substr(end + 1, close - end - 1);
    const auto is_word = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    };
    if (!std::ranges::all_of(header.tag, is_word)) return std::nullopt;
    end = close;
  }
  if (line[end] != ']') return std::nullopt;
  const std::string_view rest = python_strip(line.substr(end + 1));
  if (!rest.empty() && rest[0] != '#') return std::nullopt;
  return header;
}

enum class Char : std::uint8_t { plain, blank, special };

struct Word {
  std::string_view text;
  std::size_t offset = 0;  // from the start of the stripped line
};

class Reader {
 public:
  Reader(const std::string& path, InventoryBuilder& builder)
      : path_(path), builder_(builder), file_(value::source_file_id(path)) {}

  Result<> run(std::string_view text) {
    PythonLines lines(text);
    ascii_ = lines.is_ascii();
    while (lines.next(raw_)) {
      ++number_;
      line_ = python_strip(raw_);
      if (line_.empty() || line_[0] == '#' || line_[0] == ';') continue;
      if (!ascii_ && !text::is_utf8(raw_)) return std::unexpected(at(0, error(Errc::parse, "this line is not UTF-8")));
      builder_.set_line(number_);
      HERDER_TRY_VOID(read_line());
    }
    return check_pending();
  }

 private:
  struct Pending {
    Section wanted_by{};
    bool open = false;
    std::size_t line = 0;
    std::vector<GroupId> parents;
  };

  Result<> read_line() {
    if (line_[0] == '[') {
      if (const auto header = parse_header(line_)) return read_header(*header);
      if (line_.back() == ']')
        return std::unexpected(
            at(0, error(Errc::parse, "'{}' is not a section header", line_)
                      .hint("write [group], [group:vars] or [group:children], without blanks inside the brackets")));
    }
    switch (section_) {
      case Section::hosts: return read_host();
      case Section::children: return read_child();
      case Section::vars: return read_variable();
    }
    return {};
  }

  Result<> read_header(const Header& header) {
    section_ = Section::hosts;
    if (header.tag == "children")
      section_ = Section::children;
    else if (header.tag == "vars")
      section_ = Section::vars;
    else if (!header.tag.empty() && header.tag != "hosts")
      return std::unexpected(unknown_tag(header));

    const auto known = builder_.find_group(header.group);
    Pending* const waiting = pending(header.group);
    if (!known && section_ == Section::vars && waiting == nullptr) add_pending(header.group, Section::vars);
    HERDER_TRY(group_, builder_.add_group(header.group));
    if (section_ == Section::vars || waiting == nullptr) return {};
    waiting->open = false;
    for (const GroupId parent : std::exchange(waiting->parents, {})) {
      if (auto added = builder_.add_child(parent, group_); !added) return std::unexpected(at(1, std::move(added).error()));
    }
    return {};
  }

  /// The mention of a group that is still to be declared.
  Pending* pending(std::string_view name) {
    const auto number = pending_names_.find(name);
    return number && pending_[*number].open ? &pending_[*number] : nullptr;
  }

  Pending& add_pending(std::string_view name, Section wanted_by) {
    const std::uint32_t number = pending_names_.intern(name);
    if (number == pending_.size()) pending_.emplace_back();
    pending_[number] = {wanted_by, true, number_, {}};
    return pending_[number];
  }

  Error unknown_tag(const Header& header) const {
    constexpr std::array<std::string_view, 3> tags{"hosts", "vars", "children"};
    const std::vector<std::string> names(tags.begin(), tags.end());
    const auto near = text::nearest(header.tag, names);
    return at(header.group.size() + 2,
              error(Errc::parse, "section [{}:{}]: there is no kind '{}'", header.group, header.tag, header.tag)
                  .hint(near ? fmt::format("did you mean [{}:{}]?", header.group, *near)
                             : "a section is [group], [group:vars] or [group:children]"));
  }

  Result<> read_child() {
    std::size_t end = 0;
    while (end < line_.size() && line_[end] != ':' && line_[end] != ']' && blank_length(line_.substr(end)) == 0) ++end;
    const std::string_view rest = python_strip(line_.substr(end));
    if (end == 0 || (!rest.empty() && (rest[0] != '#')))
      return std::unexpected(
          at(end, error(Errc::parse, "'{}' is not the name of a group", line_)
                      .hint("below [group:children] stands one group a line; variables go below [group:vars]")));
    const std::string_view name = line_.substr(0, end);
    if (const auto child = builder_.find_group(name)) {
      if (auto added = builder_.add_child(group_, *child); !added) return std::unexpected(at(0, std::move(added).error()));
      return {};
    }
    Pending* const waiting = pending(name);
    (waiting != nullptr ? *waiting : add_pending(name, Section::children)).parents.push_back(group_);
    return {};
  }

  Result<> read_variable() {
    const std::size_t equals = line_.find('=');
    if (equals == std::string_view::npos)
      return std::unexpected(at(0, error(Errc::parse, "'{}' is not a variable", without_secrets(line_))
                                       .hint("below [group:vars] stands name=value, one a line")));
    const std::string_view name = python_strip(line_.substr(0, equals));
    const std::string_view text = python_strip(line_.substr(equals + 1));
    const std::size_t offset = text.empty() ? equals + 1 : static_cast<std::size_t>(text.data() - line_.data());
    if (auto set = builder_.set_group_var(group_, builder_.var_names().intern(name), values_(text).at(position(offset))); !set)
      return std::unexpected(at(offset, std::move(set).error()));
    return {};
  }

  Result<> read_host() {
    HERDER_TRY_VOID(split_words());
    HERDER_TRY_VOID(read_assignments());
    const std::string_view first = words_[0].text;
    if (first.find_first_of("[:") == std::string_view::npos) {
      if (python_strip(first) == "---") return std::unexpected(yaml_marker());
      return add_host(first, {});
    }
    auto pattern = expand_host_pattern(first);
    if (!pattern) return std::unexpected(bad_pattern(std::move(pattern).error()));
    if (!pattern->port && python_strip(first).ends_with(':'))
      return std::unexpected(at(
          first.size() - 1,
          error(Errc::parse, "host '{}' ends in ':'", first)
              .hint("a port comes after the ':', such as web1:2222; a YAML inventory needs a name that ends in .yml or .yaml")));
    for (const std::string& name : pattern->names) { HERDER_TRY_VOID(add_host(name, pattern->port)); }
    return {};
  }

  Error yaml_marker() const {
    return at(0, error(Errc::parse, "'---' is not a host")
                     .hint("it starts a YAML document: give a YAML inventory a name that ends in .yml or .yaml"));
  }

  Error bad_pattern(Error failure) const {
    if (line_[0] == '[') failure.help = "if this is meant as a section header: only a # comment may come after the ']'";
    return at(words_[0].offset, std::move(failure));
  }

  /// Cuts line_ into words_: without shlex when nothing in it is special to shlex.
  Result<> split_words() {
    words_.clear();
    if (split_plainly()) return {};
    words_.clear();
    auto split = shlex_split(line_);
    if (!split) {
      Error failure = std::move(split).error();
      const auto offset = static_cast<std::size_t>(failure.where.column - 1);
      return std::unexpected(at(offset, std::move(failure)));
    }
    owned_ = std::move(*split);
    for (const ShlexWord& word : owned_) words_.push_back({word.text, word.offset});
    return {};
  }

  /// False when a character is special to shlex.
  bool split_plainly() {
    constexpr auto kinds = [] {
      std::array<Char, 256> made{};
      for (const char c : {' ', '\t', '\r'}) made[static_cast<unsigned char>(c)] = Char::blank;
      for (const char c : {'\'', '"', '\\', '#'}) made[static_cast<unsigned char>(c)] = Char::special;
      return made;
    }();
    std::size_t begin = 0;
    for (std::size_t at = 0; at < line_.size(); ++at) {
      const Char kind = kinds[static_cast<unsigned char>(line_[at])];
      if (kind == Char::plain) continue;
      if (kind == Char::special) return false;
      if (at > begin) words_.push_back({line_.substr(begin, at - begin), begin});
      begin = at + 1;
    }
    if (begin < line_.size()) words_.push_back({line_.substr(begin), begin});
    return true;
  }

  /// The words after the first: name=value.
  Result<> read_assignments() {
    assignments_.clear();
    for (std::size_t i = 1; i < words_.size(); ++i) {
      const Word& word = words_[i];
      const std::size_t equals = word.text.find('=');
      if (equals == std::string_view::npos)
        return std::unexpected(at(word.offset, error(Errc::parse, "what follows host '{}' is not name=value", words_[0].text)
                                                   .hint("one host a line; a value with blanks needs quotes: name=\"a b\"")));
      assignments_.push_back({builder_.var_names().intern(word.text.substr(0, equals)),
                              values_(word.text.substr(equals + 1)).at(position(word.offset + equals + 1))});
    }
    return {};
  }

  Result<> add_host(std::string_view name, std::optional<std::uint16_t> port) {
    auto host = builder_.add_host(name, group_, port);
    if (!host) return std::unexpected(at(0, std::move(host).error()));
    if (assignments_.empty()) return {};
    const VarTarget target = builder_.var_target(*host);
    for (const Assignment& assignment : assignments_) {
      if (auto set = builder_.set_target_var(target, assignment.name, assignment.value); !set)
        return std::unexpected(at(0, std::move(set).error()));
    }
    return {};
  }

  Result<> check_pending() const {
    const auto first = std::ranges::find(pending_, true, &Pending::open);
    if (first == pending_.end()) return {};
    const std::string_view name = pending_names_[static_cast<std::uint32_t>(first - pending_.begin())];
    Where where;
    where.file = path_;
    where.line = static_cast<int>(first->line);
    const auto names = builder_.group_names();
    const auto near = text::nearest(name, names);
    const std::string remedy = near && *near != name ? fmt::format("did you mean '{}'? Else declare it: [{}]", *near, name)
                                                     : fmt::format("declare it somewhere in this file: [{}]", name);
    if (first->wanted_by == Section::vars)
      return std::unexpected(error(Errc::parse, "section [{0}:vars] is for a group '{0}' that nothing declares", name)
                                 .at(std::move(where))
                                 .hint(remedy));
    return std::unexpected(
        error(Errc::parse, "group '{}' is a child of '{}', but nothing declares it", name, builder_.name(first->parents.back()))
            .at(std::move(where))
            .hint(remedy));
  }

  /// `offset` counts in line_; columns count in the raw line.
  [[nodiscard]] std::size_t column(std::size_t offset) const {
    const auto bytes = static_cast<std::size_t>(line_.data() - raw_.data()) + offset;
    if (ascii_) return bytes + 1;
    return 1 + static_cast<std::size_t>(std::ranges::count_if(
                   raw_.substr(0, bytes), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
  }

  [[nodiscard]] value::SourcePos position(std::size_t offset) const {
    return {file_, static_cast<std::uint32_t>(number_), static_cast<std::uint32_t>(column(offset))};
  }

  [[nodiscard]] Error at(std::size_t offset, Error failure) const {
    Where where;
    where.file = path_;
    where.line = static_cast<int>(number_);
    where.column = static_cast<int>(column(std::min(offset, line_.size())));
    where.text = without_secrets(raw_);
    failure.where = std::move(where);
    return failure;
  }

  struct Assignment {
    std::uint32_t name;
    Value value;
  };

  const std::string& path_;
  InventoryBuilder& builder_;
  const std::uint32_t file_;
  bool ascii_ = true;
  std::size_t number_ = 0;
  std::string_view raw_;
  std::string_view line_;  // raw_ without blanks around it
  Section section_ = Section::hosts;
  GroupId group_ = group_ungrouped;
  NameTable pending_names_;
  std::vector<Pending> pending_;  // by number in pending_names_
  IniValues values_;
  std::vector<Word> words_;
  std::vector<ShlexWord> owned_;
  std::vector<Assignment> assignments_;
};

}  // namespace

Result<> read_ini(std::string_view text, const std::string& path, InventoryBuilder& builder) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return Reader(path, builder).run(text);
}

}  // namespace herder::inventory
