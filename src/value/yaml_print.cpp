// Chooses tags, styles and order; yaml_writer.hpp does the layout.
#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "value/compare.hpp"
#include "value/json.hpp"
#include "value/yaml.hpp"
#include "value/yaml_resolve.hpp"
#include "value/yaml_writer.hpp"

namespace herder::value {
namespace {

using yaml::Tag;

constexpr std::size_t simple_key_characters = 128;  // keys of about this length need "? "
constexpr std::string_view hidden = "********";

/// One scalar on its way out.
struct Scalar {
  std::string text;
  Tag tag = Tag::str;
  std::string_view tag_text;  // written when the text alone does not tell
  bool literal = false;       // wants the | style
};

std::string date_text(const DateTime& time) {
  std::string text = time.iso();
  if (const std::size_t letter = text.find('T'); letter != std::string::npos) text[letter] = ' ';
  return text;
}

std::string real_text(double number) {
  if (std::isnan(number)) return ".nan";
  if (std::isinf(number)) return number > 0 ? ".inf" : "-.inf";
  std::string text = python_float(number);
  if (const std::size_t e = text.find('e'); e != std::string::npos && text.find('.') == std::string::npos) text.insert(e, ".0");
  return text;
}

/// base64 in lines of 76 characters, each ended.
std::string base64_lines(std::string_view bytes) {
  const std::string all = text::base64(bytes);
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += 76) out.append(all, at, 76).append("\n");
  return out;
}

Scalar scalar_of(const Value& value, bool show_secrets) {
  if (has(value.marks(), Mark::secret) && !show_secrets) return {.text = std::string(hidden), .tag_text = "!!str"};
  switch (value.kind()) {
    case Kind::null: return {.text = "null", .tag = Tag::null, .tag_text = "!!null"};
    case Kind::boolean: return {.text = value.as_bool() ? "true" : "false", .tag = Tag::boolean, .tag_text = "!!bool"};
    case Kind::integer:
    case Kind::big: return {.text = value.big_decimal(), .tag = Tag::integer, .tag_text = "!!int"};
    case Kind::real: return {.text = real_text(value.as_real()), .tag = Tag::real, .tag_text = "!!float"};
    case Kind::date:
    case Kind::datetime: return {.text = date_text(value.as_datetime()), .tag = Tag::timestamp, .tag_text = "!!timestamp"};
    case Kind::bytes: return {.text = base64_lines(value.as_string()), .tag = Tag::binary, .tag_text = "!!binary", .literal = true};
    default: break;
  }
  const std::string text(value.as_string());
  if (has(value.marks(), Mark::vaulted)) return {.text = text, .tag = Tag::vault, .tag_text = "!vault", .literal = true};
  return {.text = text, .tag_text = "!!str"};
}

bool less(const Value& a, const Value& b) noexcept { return python_order(a, b) == std::partial_ordering::less; }

/// Keys that Python would sort; one that does not compare (1 and "a", NaN) leaves them all in their order.
std::vector<const MapEntry*> entries_in_order(const Value& map, bool sort) {
  std::vector<const MapEntry*> order;
  order.reserve(map.size());
  for (const MapEntry& entry : map.entries()) order.push_back(&entry);
  if (!sort || order.size() < 2) return order;
  const Value& first = order.front()->key;
  const bool comparable = std::ranges::all_of(order, [&first](const MapEntry* entry) {
    const auto compared = python_order(first, entry->key);
    return compared && *compared != std::partial_ordering::unordered;
  });
  if (comparable) std::ranges::sort(order, [](const MapEntry* a, const MapEntry* b) { return less(a->key, b->key); });
  return order;
}

bool is_collection(const Value& value) noexcept { return value.is_list() || value.is_map(); }

class Printer {
 public:
  explicit Printer(const YamlStyle& style)
      : style_(style), libyaml_(style.emitter == YamlEmitter::libyaml),
        writer_(indent_of(style), style.width > 2 * indent_of(style) ? style.width : YamlStyle{}.width, libyaml_) {}

  std::string print(const Value& value) && {
    node(value, {.root = true});
    return std::move(writer_).finish();
  }

 private:
  struct Place {
    bool root = false;
    bool in_map = false;
    bool simple_key = false;
  };

  static int indent_of(const YamlStyle& style) { return style.indent > 1 && style.indent < 10 ? style.indent : YamlStyle{}.indent; }

  void node(const Value& value, Place place) {
    if (!is_collection(value)) return scalar(value, place);
    const bool flow = flow_depth_ > 0 || value.size() == 0 || wants_flow(value);
    if (value.is_list()) return flow ? flow_list(value) : block_list(value, place);
    return flow ? flow_map(value) : block_map(value);
  }

  [[nodiscard]] bool wants_flow(const Value& value) const {
    if (style_.flow != YamlFlow::leaves) return style_.flow == YamlFlow::always;
    const auto plain = [](const Value& one) {
      return !is_collection(one) && one.kind() != Kind::bytes && !has(one.marks(), Mark::vaulted);
    };
    if (value.is_list()) return std::ranges::all_of(value.items(), plain);
    return std::ranges::all_of(value.entries(), [&](const MapEntry& entry) { return plain(entry.key) && plain(entry.value); });
  }

  void block_list(const Value& list, Place place) {
    const bool below_key = place.in_map && !writer_.only_indentation();
    const yaml::Writer::Level level(writer_, false, below_key && !style_.indented_lists);
    for (const Value& item : list.items()) {
      writer_.line_indent();
      writer_.indicator("-", true, false, true);
      node(item, {});
    }
  }

  void block_map(const Value& map) {
    const yaml::Writer::Level level(writer_, false);
    for (const MapEntry* entry : entries_in_order(map, style_.sort_keys)) {
      writer_.line_indent();
      if (simple_key(entry->key)) {
        node(entry->key, {.in_map = true, .simple_key = true});
        writer_.indicator(":", false);
      } else {
        writer_.indicator("?", true, false, true);
        node(entry->key, {.in_map = true});
        writer_.line_indent();
        writer_.indicator(":", true, false, true);
      }
      node(entry->value, {.in_map = true});
    }
  }

  void flow_list(const Value& list) {
    writer_.indicator("[", true, true);
    {
      const yaml::Writer::Level level(writer_, true);
      ++flow_depth_;
      bool first = true;
      for (const Value& item : list.items()) {
        if (!std::exchange(first, false)) writer_.indicator(",", false);
        if (writer_.past_width()) writer_.line_indent();
        node(item, {});
      }
      --flow_depth_;
    }
    writer_.indicator("]", false);
  }

  void flow_map(const Value& map) {
    writer_.indicator("{", true, true);
    {
      const yaml::Writer::Level level(writer_, true);
      ++flow_depth_;
      bool first = true;
      for (const MapEntry* entry : entries_in_order(map, style_.sort_keys)) {
        if (!std::exchange(first, false)) writer_.indicator(",", false);
        if (writer_.past_width()) writer_.line_indent();
        flow_entry(*entry);
      }
      --flow_depth_;
    }
    writer_.indicator("}", false);
  }

  void flow_entry(const MapEntry& entry) {
    if (simple_key(entry.key)) {
      node(entry.key, {.in_map = true, .simple_key = true});
      writer_.indicator(":", false);
    } else {
      writer_.indicator("?", true);
      node(entry.key, {.in_map = true});
      if (writer_.past_width()) writer_.line_indent();
      writer_.indicator(":", true);
    }
    node(entry.value, {.in_map = true});
  }

  bool simple_key(const Value& key) {
    if (is_collection(key)) return key.size() == 0;
    const Scalar out = scalar_of(key, style_.show_secrets);
    yaml::decode(out.text, text_);
    const yaml::Analysis analysis = yaml::analyze(text_, libyaml_);
    // PyYAML counts characters and the tag, also where it is not written; libyaml counts bytes, and tags that always are.
    if (libyaml_) return out.text.size() + (always_tagged(out) ? out.tag_text.size() : 0) <= simple_key_characters && !analysis.multiline;
    return text_.size() + out.tag_text.size() < simple_key_characters && !analysis.empty && !analysis.multiline;
  }

  static bool always_tagged(const Scalar& out) noexcept { return out.tag == Tag::binary || out.tag == Tag::vault; }

  enum class Form : std::uint8_t { plain, single_quoted, double_quoted, literal };

  [[nodiscard]] Form form_of(const Scalar& out, const yaml::Analysis& analysis, bool resolves, Place place) const {
    const bool bad_key = place.simple_key && (analysis.empty || analysis.multiline);
    if (out.literal) return flow_depth_ == 0 && !place.simple_key && analysis.block ? Form::literal : Form::double_quoted;
    if (resolves && !bad_key && (flow_depth_ > 0 ? analysis.flow_plain : analysis.block_plain)) return Form::plain;
    return analysis.single_quoted && !(place.simple_key && analysis.multiline) ? Form::single_quoted : Form::double_quoted;
  }

  void scalar(const Value& value, Place place) {
    const Scalar out = scalar_of(value, style_.show_secrets);
    yaml::decode(out.text, text_);
    const yaml::Analysis analysis = yaml::analyze(text_, libyaml_);
    const bool resolves = yaml::resolve(out.text) == out.tag;
    const Form form = form_of(out, analysis, resolves, place);
    if (!(form == Form::plain ? resolves : out.tag == Tag::str)) {
      writer_.indicator(libyaml_ && resolves ? std::string_view("!") : out.tag_text, true);
    }
    const yaml::Writer::Level level(writer_, true);
    const bool may_split = !place.simple_key;
    switch (form) {
      case Form::plain: return writer_.plain(text_, may_split, place.root);
      case Form::single_quoted: return writer_.single_quoted(text_, may_split);
      case Form::double_quoted: return writer_.double_quoted(text_, may_split);
      case Form::literal: return writer_.literal(text_);
    }
  }

  const YamlStyle& style_;
  bool libyaml_;
  yaml::Writer writer_;
  std::u32string text_;  // of the scalar at hand; kept for its memory
  int flow_depth_ = 0;
};

}  // namespace

std::string print_yaml(const Value& value, const YamlStyle& style) { return Printer(style).print(value); }

}  // namespace herder::value
