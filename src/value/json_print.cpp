// Values as JSON text, byte for byte as Python's json.dumps; a list of open containers instead of recursion.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "value/compare.hpp"
#include "value/json.hpp"
#include "value/python_literal.hpp"

namespace herder::value {
namespace {

constexpr std::string_view hidden = "********";

std::string float_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return python_float(number);
}

class JsonWriter {
 public:
  explicit JsonWriter(const JsonStyle& style) : style_(style) {}

  std::string write(const Value& value) {
    open_or_write(value);
    while (!open_.empty()) step();
    return std::move(out_);
  }

 private:
  struct Open {
    Value container;  // held, because a sorted map is made here
    std::size_t next = 0;
  };

  void step() {
    Open& top = open_.back();
    const std::size_t place = top.next++;
    const bool is_map = top.container.is_map();
    if (place == top.container.size()) {
      open_.pop_back();
      new_line();
      out_ += is_map ? '}' : ']';
      return;
    }
    if (place > 0) out_ += style_.indent > 0 || !style_.spaces ? "," : ", ";
    new_line();
    if (!is_map) return open_or_write(top.container.items()[place]);
    const MapEntry& entry = top.container.entries()[place];  // in the node: it stays when open_ moves
    write_key(entry.key);
    out_ += style_.spaces ? ": " : ":";
    open_or_write(entry.value);
  }

  void new_line() {
    if (style_.indent <= 0) return;
    out_ += '\n';
    out_.append(open_.size() * static_cast<std::size_t>(style_.indent), ' ');
  }

  void open_or_write(const Value& value) {
    if (has(value.marks(), Mark::secret)) return write_text(hidden);
    if (!value.is_list() && !value.is_map()) return write_scalar(value);
    if (value.size() == 0) {
      out_ += value.is_map() ? "{}" : "[]";
      return;
    }
    out_ += value.is_map() ? '{' : '[';
    open_.push_back({value.is_map() && style_.sort_keys ? sorted(value) : value});
  }

  void write_scalar(const Value& value) {
    switch (value.kind()) {
      case Kind::null: out_ += "null"; break;
      case Kind::boolean: out_ += value.as_bool() ? "true" : "false"; break;
      case Kind::integer: fmt::format_to(std::back_inserter(out_), "{}", value.as_int()); break;
      case Kind::big: out_ += value.big_decimal(); break;
      case Kind::real: out_ += float_text(value.as_real()); break;
      case Kind::string: {
        if (!has(value.marks(), Mark::vaulted)) return write_text(value.as_string());
        out_ += style_.spaces ? "{\"__ansible_vault\": " : "{\"__ansible_vault\":";
        write_text(value.as_string());
        out_ += '}';
        break;
      }
      case Kind::bytes: write_text(text::base64(value.as_string())); break;
      default: write_text(value.as_datetime().iso());
    }
  }

  void write_key(const Value& key) {
    if (has(key.marks(), Mark::secret)) return write_text(hidden);
    switch (key.kind()) {
      case Kind::string: return write_text(key.as_string());
      case Kind::null: return write_text("null");
      case Kind::boolean: return write_text(key.as_bool() ? "true" : "false");
      case Kind::real: return write_text(float_text(key.as_real()));
      case Kind::integer:
      case Kind::big: return write_text(key.big_decimal());
      case Kind::bytes: return write_text(text::base64(key.as_string()));
      case Kind::date:
      case Kind::datetime: return write_text(key.as_datetime().iso());
      case Kind::list:
      case Kind::map: return write_text(python_repr(key));
    }
  }

  /// As Python sorts the keys when it can; where it would raise, text first.
  static Value sorted(const Value& map) {
    const auto numeric = [](const MapEntry& entry) { return entry.key.is_number() || entry.key.is_bool(); };
    if (!std::ranges::all_of(map.entries(), numeric)) return sorted_by_key(map);
    std::vector<const MapEntry*> order;
    for (const MapEntry& entry : map.entries()) order.push_back(&entry);
    std::ranges::stable_sort(order, [](const MapEntry* a, const MapEntry* b) { return *python_order(a->key, b->key) < 0; });
    MapBuilder out;
    for (const MapEntry* entry : order) out.set(entry->key, entry->value);
    return std::move(out).build();
  }

  void write_text(std::string_view text) {
    out_ += '"';
    std::size_t plain = 0;
    for (std::size_t i = 0; i < text.size();) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
        ++i;
        continue;
      }
      const utf8::Step step = utf8::decode(text.substr(i));
      if (step.size > 0 && byte >= 0x7f && !style_.ascii) {
        i += step.size;
        continue;
      }
      out_ += text.substr(plain, i - plain);
      write_escaped(step.size == 0 ? 0xfffd : step.code);
      plain = i += std::max(step.size, 1U);
    }
    out_ += text.substr(plain);
    out_ += '"';
  }

  void write_escaped(char32_t code) {
    constexpr std::string_view special = "\"\\\b\f\n\r\t";
    constexpr std::string_view names = "\"\\bfnrt";
    if (code < 0x80) {
      if (const std::size_t which = special.find(static_cast<char>(code)); which != std::string_view::npos) {
        out_ += '\\';
        out_ += names[which];
        return;
      }
    } else if (!style_.ascii) {
      return utf8::append(out_, code);
    }
    const auto unit = [&](unsigned number) { fmt::format_to(std::back_inserter(out_), "\\u{:04x}", number); };
    if (code < 0x10000) return unit(code);
    unit(0xd800 + ((code - 0x10000) >> 10U));
    unit(0xdc00 + ((code - 0x10000) & 0x3ffU));
  }

  const JsonStyle& style_;
  std::string out_;
  std::vector<Open> open_;
};

}  // namespace

std::string print_json(const Value& value, const JsonStyle& style) { return JsonWriter(style).write(value); }

}  // namespace herder::value
