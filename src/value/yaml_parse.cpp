// From libyaml's events straight to Values, without a tree of nodes between: a stack of unfinished collections, finished ones are handed
// to the one below. Aliases share the Value of their anchor; what they would amount to when written out is counted against the limits.
#include <yaml.h>

#include <array>
#include <optional>
#include <unordered_map>

#include "value/yaml.hpp"
#include "value/yaml_error.hpp"
#include "value/yaml_resolve.hpp"

namespace herder::value {
namespace {

using yaml::Tag;

constexpr std::size_t max_warnings = 1000;
constexpr std::size_t quoted_warnings = 20;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string_view view(const yaml_char_t* text) noexcept {
  return text == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(text));
}

/// A tag as people write it: "!!int", "!vault".
std::string shown_tag(std::string_view name) {
  constexpr std::string_view core = "tag:yaml.org,2002:";
  if (name.starts_with(core)) return fmt::format("!!{}", name.substr(core.size()));
  return std::string(name.starts_with('!') ? name : fmt::format("!<{}>", name));
}

/// Owns one event of libyaml's.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }
  void clear() {
    yaml_event_delete(&raw);
    raw = {};
  }
  yaml_event_t raw{};
};

/// Recent short texts, so that repeated keys and values share one node: a direct-mapped table, newer texts push out older ones.
class Interner {
 public:
  Value get(std::string_view text) {
    if (text.empty() || text.size() > max_bytes) return Value(text);
    Value& slot = slots_[std::hash<std::string_view>{}(text) % slots_.size()];
    if (!slot.is_string() || slot.as_string() != text) slot = Value(text);
    return slot;
  }

 private:
  static constexpr std::size_t max_bytes = 48;
  std::array<Value, 2048> slots_;
};

/// A finished value and how many nodes it would be with its aliases written out.
struct Item {
  Value value;
  std::size_t nodes = 1;
};

struct Anchor {
  Item item;
  bool open = true;  // its collection is still being read: an alias to it would be a loop
  std::size_t line = 0;
};

/// A collection that is being read.
struct Frame {
  Tag shape = Tag::map;  // seq, omap and pairs are sequences; map and set are mappings
  bool unsafe = false;   // inside !unsafe
  bool have_key = false;
  bool key_is_merge = false;
  std::size_t nodes = 1;
  yaml_mark_t mark{};
  yaml_mark_t key_mark{};
  std::string anchor;
  Value key;
  ListBuilder list;
  MapBuilder map;
  std::vector<Value> merges;  // what << brings in, weakest first

  [[nodiscard]] bool is_map() const noexcept { return shape == Tag::map || shape == Tag::set; }
};

class Loader {
 public:
  Loader(std::string_view text, const YamlOptions& options);
  ~Loader() { yaml_parser_delete(&parser_); }
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// The next document; nothing at the end of the stream.
  Result<std::optional<YamlDocument>> next_document();
  /// Fails when another document follows.
  Result<> expect_end();

 private:
  Result<> pull();
  Result<> handle();
  Result<> alias();
  Result<> scalar();
  Result<> open(bool mapping);
  Result<> close();
  Result<> deliver(Item item, const yaml_mark_t& mark, bool merge_key);
  Result<> take_key(Frame& frame, Item item, const yaml_mark_t& mark, bool merge_key);
  Result<> take_value(Frame& frame, Item item, const yaml_mark_t& mark);
  Result<> merge(Frame& frame, Value value, const yaml_mark_t& mark) const;
  Result<Tag> shape_of(std::string_view tag, bool mapping, bool& unsafe) const;
  Result<Value> finish(Frame& frame) const;
  Result<Value> finish_pairs(const Frame& frame) const;
  Result<Value> make_scalar(Tag tag, std::string_view text, bool untrusted);
  Result<> count(std::size_t nodes, std::size_t through_alias, const yaml_mark_t& mark);
  Result<> declare_anchor(std::string_view name, const yaml_mark_t& mark);

  [[nodiscard]] bool key_is_next() const noexcept { return !stack_.empty() && stack_.back().is_map() && !stack_.back().have_key; }
  [[nodiscard]] SourcePos position(const yaml_mark_t& mark) const noexcept {
    return {file_, static_cast<std::uint32_t>(std::min<std::size_t>(mark.line + 1, SourcePos::max_line)),
            static_cast<std::uint32_t>(std::min<std::size_t>(mark.column + 1, SourcePos::max_column))};
  }
  [[nodiscard]] Error fault(const yaml_mark_t& mark, std::string what, std::string help = {}, Errc code = Errc::parse) const {
    return Error{.code = code, .what = std::move(what), .where = yaml::place(source_, mark.line, mark.column), .help = std::move(help)};
  }
  Error parser_failure() const;

  const YamlOptions& options_;
  yaml::Source source_;
  std::uint32_t file_;
  yaml_parser_t parser_{};
  Event event_;
  Interner interner_;
  std::vector<Frame> stack_;
  std::unordered_map<std::string, Anchor> anchors_;
  std::optional<Value> root_;
  std::vector<Error> warnings_;
  std::size_t nodes_ = 0;        // aliases written out
  std::size_t alias_nodes_ = 0;  // of these, the ones that only aliases bring
};

Loader::Loader(std::string_view text, const YamlOptions& options)
    : options_(options), source_{.text = text, .file = options.file, .quote = !has(options.marks, Mark::secret)},
      file_(source_file_id(options.file)) {
  if (source_.text.starts_with(byte_order_mark)) source_.text.remove_prefix(byte_order_mark.size());
  HERDER_ASSERT(yaml_parser_initialize(&parser_) == 1);  // fails only without memory
  yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(source_.text.data()), source_.text.size());
}

Error Loader::parser_failure() const {
  const auto& p = parser_;
  if (p.error == YAML_MEMORY_ERROR) return error(Errc::limit, "not enough memory to read this document");
  const std::string_view problem = p.problem == nullptr ? "this is not YAML" : p.problem;
  if (p.error == YAML_READER_ERROR) {
    const bool control = problem.find("control") != std::string_view::npos;
    Error failure = error(Errc::parse, "{}", control ? "a control character, which YAML does not allow" : "a byte that is not UTF-8");
    failure.help = control ? "remove it, or write it as an escape in double quotes (\"\\x01\")" : "save the file as UTF-8";
    failure.where = yaml::place_of_byte(source_, p.problem_offset);
    return failure;
  }
  const yaml::Trouble trouble{.problem = problem,
                              .context = p.context == nullptr ? "" : p.context,
                              .line = p.problem_mark.line,
                              .column = p.problem_mark.column,
                              .context_line = p.context_mark.line,
                              .context_column = p.context_mark.column};
  return yaml::explain(source_, trouble);
}

Result<> Loader::pull() {
  event_.clear();
  if (yaml_parser_parse(&parser_, &event_.raw) == 0) return std::unexpected(parser_failure());
  return {};
}

Result<std::optional<YamlDocument>> Loader::next_document() {
  do {
    HERDER_TRY_VOID(pull());
    if (event_.raw.type == YAML_STREAM_END_EVENT || event_.raw.type == YAML_NO_EVENT) return std::nullopt;
  } while (event_.raw.type != YAML_DOCUMENT_START_EVENT);
  anchors_.clear();
  root_.reset();
  while (true) {
    HERDER_TRY_VOID(pull());
    if (event_.raw.type == YAML_DOCUMENT_END_EVENT) break;
    HERDER_TRY_VOID(handle());
  }
  HERDER_ASSERT(stack_.empty() && root_.has_value());
  return YamlDocument{.root = *std::exchange(root_, std::nullopt), .warnings = std::exchange(warnings_, {})};
}

Result<> Loader::expect_end() {
  HERDER_TRY_VOID(pull());
  if (event_.raw.type != YAML_DOCUMENT_START_EVENT) return {};
  return std::unexpected(fault(event_.raw.start_mark, "a second document starts here, but only one is allowed",
                               "remove the '---' line, or split the file"));
}

Result<> Loader::handle() {
  switch (event_.raw.type) {
    case YAML_ALIAS_EVENT: return alias();
    case YAML_SCALAR_EVENT: return scalar();
    case YAML_SEQUENCE_START_EVENT: return open(false);
    case YAML_MAPPING_START_EVENT: return open(true);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: return close();
    default: return {};
  }
}

Result<> Loader::count(std::size_t nodes, std::size_t through_alias, const yaml_mark_t& mark) {
  nodes_ += nodes;  // cannot wrap: every addend is at most limits.nodes, checked each time
  alias_nodes_ += through_alias;
  const YamlLimits& limits = options_.limits;
  if (nodes_ > limits.nodes) {
    return std::unexpected(fault(mark, fmt::format("this document has more than {} nodes", limits.nodes), "split it", Errc::limit));
  }
  // A large file may use its anchors often; a small one that explodes is an attack.
  if (alias_nodes_ > limits.alias_nodes && alias_nodes_ / 50 > nodes_ - alias_nodes_) {
    return std::unexpected(fault(mark, fmt::format("the aliases (*name) of this document stand for more than {} nodes", limits.alias_nodes),
                                 "this looks like an attack by nested aliases; write out what is really needed", Errc::limit));
  }
  return {};
}

Result<> Loader::declare_anchor(std::string_view name, const yaml_mark_t& mark) {
  if (name.empty()) return {};
  const auto [entry, fresh] = anchors_.try_emplace(std::string(name), Anchor{.line = mark.line});
  if (fresh) return {};
  return std::unexpected(fault(mark, fmt::format("the anchor '&{}' is defined twice; the first is on line {}", name, entry->second.line + 1),
                               "give one of them another name"));
}

Result<> Loader::alias() {
  const auto& raw = event_.raw;
  const std::string name(view(raw.data.alias.anchor));
  const auto found = anchors_.find(name);
  if (found == anchors_.end()) {
    return std::unexpected(fault(raw.start_mark, source_.quote ? fmt::format("the alias '*{}' has no anchor '&{}' above it", name, name)
                                                               : std::string("this alias has no anchor above it"),
                                 "define the anchor first; quote the value if it is not meant as an alias"));
  }
  if (found->second.open) {
    return std::unexpected(fault(raw.start_mark, fmt::format("the alias '*{}' is inside its own anchor (line {})", name, found->second.line + 1),
                                 "a value cannot contain itself"));
  }
  const std::size_t nodes = found->second.item.nodes;
  HERDER_TRY_VOID(count(nodes, nodes, raw.start_mark));
  Item item = found->second.item;
  if (!stack_.empty() && stack_.back().unsafe) item.value = item.value.marked_deep(Mark::untrusted);
  return deliver(std::move(item), raw.start_mark, false);
}

Result<Value> Loader::make_scalar(Tag tag, std::string_view text, bool untrusted) {
  Mark marks = options_.marks;
  if (untrusted) marks = marks | Mark::untrusted;
  if (key_is_next()) marks = marks & (Mark::untrusted | Mark::vaulted);  // a key is never secret: it names things
  if (tag == Tag::vault) {
    if (yaml::resolve(text) != Tag::str) {
      return std::unexpected(fault(event_.raw.start_mark, "!vault needs cipher text", "it starts with $ANSIBLE_VAULT;"));
    }
    marks = marks | Mark::vaulted;
    tag = Tag::str;
  }
  const SourcePos where = position(event_.raw.start_mark);
  if (tag == Tag::str) return interner_.get(text).marked(marks).at(where);
  auto made = yaml::construct(tag, text);
  if (made && (made->is_null() || made->is_bool())) return std::move(*made).at(where);
  if (made) return std::move(*made).marked(marks).at(where);
  const std::string shown = source_.quote ? fmt::format("'{}'", text.substr(0, 60)) : "a value";
  return std::unexpected(fault(event_.raw.start_mark, fmt::format("{} {}", shown, made.error()), "quote it if it is meant as text"));
}

Result<> Loader::scalar() {
  const auto& raw = event_.raw;
  const auto& data = raw.data.scalar;
  const std::string_view text(reinterpret_cast<const char*>(data.value), data.length);
  const std::string_view name = view(data.tag);
  const bool as_key = key_is_next();
  HERDER_TRY_VOID(count(1, 0, raw.start_mark));
  HERDER_TRY_VOID(declare_anchor(view(data.anchor), raw.start_mark));

  Tag tag = Tag::str;
  bool untrusted = !stack_.empty() && stack_.back().unsafe;
  if (name.empty() || name == "!") {
    if (data.plain_implicit != 0) tag = yaml::resolve(text);
  } else {
    tag = yaml::tag_from_name(name);
    if (tag == Tag::unsafe) {  // Ansible resolves what is behind !unsafe again, even when it is quoted
      untrusted = true;
      tag = yaml::resolve(text);
    }
  }
  const bool merge_key = as_key && tag == Tag::merge && stack_.back().shape == Tag::map;
  if (as_key && (tag == Tag::value || merge_key)) tag = Tag::str;
  switch (tag) {
    case Tag::merge:
    case Tag::value:
    case Tag::yaml:
      return std::unexpected(fault(raw.start_mark, fmt::format("'{}' has a special meaning in YAML and no value", text), "quote it"));
    case Tag::seq:
    case Tag::map:
    case Tag::set:
    case Tag::omap:
    case Tag::pairs:
      return std::unexpected(fault(raw.start_mark, fmt::format("the tag {} does not fit a single value", shown_tag(name))));
    case Tag::unknown:
      return std::unexpected(fault(raw.start_mark, source_.quote ? fmt::format("unknown tag {}", shown_tag(name)) : std::string("unknown tag"), "quote the value if '!' belongs to its text"));
    default: break;
  }
  HERDER_TRY(Value value, make_scalar(tag, text, untrusted));
  Item item{.value = std::move(value)};
  if (data.anchor != nullptr) {
    Anchor& anchor = anchors_[std::string(view(data.anchor))];
    anchor.item = item;
    anchor.open = false;
  }
  return deliver(std::move(item), raw.start_mark, merge_key);
}

Result<Tag> Loader::shape_of(std::string_view name, bool mapping, bool& unsafe) const {
  const yaml_mark_t& mark = event_.raw.start_mark;
  const Tag plain = mapping ? Tag::map : Tag::seq;
  if (name.empty() || name == "!") return plain;
  const Tag tag = yaml::tag_from_name(name);
  const bool for_map = tag == Tag::map || tag == Tag::set;
  const bool for_list = tag == Tag::seq || tag == Tag::omap || tag == Tag::pairs;
  if (mapping ? for_map : for_list) return tag;
  switch (tag) {
    case Tag::unsafe: unsafe = true; return plain;
    case Tag::unknown: return std::unexpected(fault(mark, source_.quote ? fmt::format("unknown tag {}", shown_tag(name)) : std::string("unknown tag")));
    case Tag::vault: return std::unexpected(fault(mark, "!vault needs cipher text, not a list or mapping", "write !vault | and the text below"));
    default: return std::unexpected(fault(mark, fmt::format("the tag {} does not fit a {}", shown_tag(name), mapping ? "mapping" : "list")));
  }
}

Result<> Loader::open(bool mapping) {
  const auto& raw = event_.raw;
  const auto* name = mapping ? raw.data.mapping_start.tag : raw.data.sequence_start.tag;
  const auto* anchor = mapping ? raw.data.mapping_start.anchor : raw.data.sequence_start.anchor;
  HERDER_TRY_VOID(count(1, 0, raw.start_mark));
  if (stack_.size() >= options_.limits.depth) {
    return std::unexpected(fault(raw.start_mark, fmt::format("lists and mappings are nested more than {} deep", options_.limits.depth), {}, Errc::limit));
  }
  HERDER_TRY_VOID(declare_anchor(view(anchor), raw.start_mark));
  Frame frame;
  frame.unsafe = !stack_.empty() && stack_.back().unsafe;
  HERDER_TRY(frame.shape, shape_of(view(name), mapping, frame.unsafe));
  frame.mark = raw.start_mark;
  frame.anchor = view(anchor);
  stack_.push_back(std::move(frame));
  return {};
}

Result<> Loader::close() {
  Frame& frame = stack_.back();
  HERDER_TRY(Value value, finish(frame));
  Item item{.value = std::move(value).at(position(frame.mark)), .nodes = frame.nodes};
  if (!frame.anchor.empty()) {
    Anchor& anchor = anchors_[frame.anchor];
    anchor.item = item;
    anchor.open = false;
  }
  const yaml_mark_t mark = frame.mark;
  stack_.pop_back();
  return deliver(std::move(item), mark, false);
}

Result<Value> Loader::finish_pairs(const Frame& frame) const {
  const Value list = ListBuilder(frame.list).build();
  ListBuilder pairs;
  pairs.reserve(list.size());
  for (const Value& one : list.items()) {
    if (!one.is_map() || one.size() != 1) {
      return std::unexpected(fault(frame.mark, "every element of !!omap and !!pairs must be one 'key: value'"));
    }
    const MapEntry& entry = one.entries().front();
    pairs.push_back(Value::list({entry.key, entry.value}).at(one.source()));
  }
  return std::move(pairs).build();
}

Result<Value> Loader::finish(Frame& frame) const {
  if (frame.shape == Tag::omap || frame.shape == Tag::pairs) return finish_pairs(frame);
  if (frame.shape == Tag::seq) return frame.list.size() == 0 ? Value::empty_list() : std::move(frame.list).build();
  if (!frame.merges.empty()) {
    MapBuilder merged(std::move(frame.merges.front()));
    const std::span<const Value> later(frame.merges.begin() + 1, frame.merges.end());
    for (const Value& one : later) {
      for (const MapEntry& entry : one.entries()) merged.set(entry.key, entry.value);
    }
    for (const MapEntry& entry : frame.map.entries()) merged.set(entry.key, entry.value);
    frame.map = std::move(merged);
  }
  if (frame.shape == Tag::map) return frame.map.size() == 0 ? Value::empty_map() : std::move(frame.map).build();
  ListBuilder members;  // a set: its members in the order written
  members.reserve(frame.map.size());
  for (const MapEntry& entry : frame.map.entries()) members.push_back(entry.key);
  return members.size() == 0 ? Value::empty_list() : std::move(members).build();
}

Result<> Loader::deliver(Item item, const yaml_mark_t& mark, bool merge_key) {
  if (stack_.empty()) {
    root_ = std::move(item.value);
    return {};
  }
  Frame& frame = stack_.back();
  frame.nodes += item.nodes;
  if (!frame.is_map()) {
    frame.list.push_back(std::move(item.value));
    return {};
  }
  if (!frame.have_key) return take_key(frame, std::move(item), mark, merge_key);
  return take_value(frame, std::move(item), mark);
}

Result<> Loader::take_key(Frame& frame, Item item, const yaml_mark_t& mark, bool merge_key) {
  if (item.value.is_list() || item.value.is_map()) {
    std::string help = yaml::template_help(source_, mark.line);
    if (!help.empty()) return std::unexpected(fault(frame.mark, "a value that starts with '{{' needs quotes around it", std::move(help)));
    return std::unexpected(fault(mark, "a list or mapping cannot be a key", "quote the key if the brackets belong to its text"));
  }
  frame.key = std::move(item.value);
  frame.key_mark = mark;
  frame.have_key = true;
  frame.key_is_merge = merge_key;
  return {};
}

Result<> Loader::take_value(Frame& frame, Item item, const yaml_mark_t& mark) {
  frame.have_key = false;
  if (frame.key_is_merge) return merge(frame, std::move(item.value), mark);
  if (frame.map.set(frame.key, std::move(item.value))) return {};
  const std::string shown = frame.key.is_string() ? fmt::format("'{}'", frame.key.as_string()) : std::string("of the same value");
  if (warnings_.size() >= max_warnings) return {};
  yaml::Source source = source_;
  source.quote = source.quote && warnings_.size() < quoted_warnings;  // finding a line takes a walk through the text
  warnings_.push_back(Error{.code = Errc::parse,
                            .what = fmt::format("the key {} is there twice; the last one counts", shown),
                            .where = yaml::place(source, frame.key_mark.line, frame.key_mark.column),
                            .help = "remove one of them"});
  return {};
}

Result<> Loader::merge(Frame& frame, Value value, const yaml_mark_t& mark) const {
  const auto refuse = [this](const yaml_mark_t& at) {
    return std::unexpected(fault(at, "'<<' merges a mapping or a list of mappings, and this is neither",
                                 "quote the key as '<<' if it is not meant as a merge"));
  };
  if (value.is_map()) {
    frame.merges.push_back(std::move(value));
    return {};
  }
  if (!value.is_list()) return refuse(mark);
  for (const Value& one : value.items()) {
    if (!one.is_map()) return refuse({.line = one.source().line() - 1, .column = one.source().column() - 1});
  }
  // In a list the first mapping is the strongest.
  for (std::size_t i = value.size(); i-- > 0;) frame.merges.push_back(value.items()[i]);
  return {};
}

}  // namespace

Result<YamlDocument> parse_yaml(std::string_view text, const YamlOptions& options) {
  Loader loader(text, options);
  HERDER_TRY(std::optional<YamlDocument> first, loader.next_document());
  if (!first) return YamlDocument{};
  HERDER_TRY_VOID(loader.expect_end());
  return *std::move(first);
}

Result<std::vector<YamlDocument>> parse_yaml_all(std::string_view text, const YamlOptions& options) {
  Loader loader(text, options);
  std::vector<YamlDocument> documents;
  while (true) {
    HERDER_TRY(std::optional<YamlDocument> next, loader.next_document());
    if (!next) return documents;
    documents.push_back(*std::move(next));
  }
}

}  // namespace herder::value
