#include "inventory/json_text.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "value/json.hpp"

namespace herder::inventory {
namespace {

using value::Kind;
using value::Mark;

constexpr std::string_view hidden = "\"********\"";

constexpr bool needs_escape(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || static_cast<unsigned char>(c) >= 0x80;
}

void append_escape(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default: fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
}

void append_wrapped(std::string& out, std::string_view name, std::string_view text, unsigned level) {
  out += "{\n";
  append_indent(out, level + 1);
  append_json_string(out, name);
  out += ": ";
  append_json_string(out, text);
  out += '\n';
  append_indent(out, level);
  out += '}';
}

void append_text(std::string& out, const Value& value, unsigned level, UnsafeText unsafe) {
  if (has(value.marks(), Mark::secret))
    out += hidden;
  else if (has(value.marks(), Mark::vaulted))
    append_wrapped(out, "__ansible_vault", value.as_string(), level);
  else if (has(value.marks(), Mark::untrusted) && unsafe == UnsafeText::wrapped)
    append_wrapped(out, "__ansible_unsafe", value.as_string(), level);
  else
    append_json_string(out, value.as_string());
}

void append_real(std::string& out, double number) {
  if (number != number)
    out += "NaN";
  else if (number > 1.7976931348623157e308)
    out += "Infinity";
  else if (number < -1.7976931348623157e308)
    out += "-Infinity";
  else
    out += value::python_float(number);
}

void append_list(std::string& out, const Value& list, unsigned level, UnsafeText unsafe) {
  if (list.size() == 0) {
    out += "[]";
    return;
  }
  char separator = '[';
  for (const Value& item : list.items()) {
    out += separator;
    out += '\n';
    append_indent(out, level + 1);
    append_json(out, item, level + 1, unsafe);
    separator = ',';
  }
  out += '\n';
  append_indent(out, level);
  out += ']';
}

void append_map(std::string& out, const Value& map, unsigned level, UnsafeText unsafe) {
  if (map.size() == 0) {
    out += "{}";
    return;
  }
  std::vector<std::pair<std::string, const Value*>> entries;
  entries.reserve(map.size());
  for (const value::MapEntry& entry : map.entries()) entries.emplace_back(json_key(entry.key), &entry.value);
  std::ranges::sort(entries, {}, &std::pair<std::string, const Value*>::first);
  char separator = '{';
  for (const auto& [key, value] : entries) {
    out += separator;
    out += '\n';
    append_indent(out, level + 1);
    append_json_string(out, key);
    out += ": ";
    append_json(out, *value, level + 1, unsafe);
    separator = ',';
  }
  out += '\n';
  append_indent(out, level);
  out += '}';
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if(text, needs_escape) - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const utf8::Step step = utf8::decode(text);
    if (step.size == 1)
      append_escape(out, text[0]);
    else if (step.size == 0)
      out += "\xEF\xBF\xBD";
    else
      out += text.substr(0, step.size);
    text.remove_prefix(std::max(step.size, 1U));
  }
  out += '"';
}

void append_json(std::string& out, const Value& value, unsigned level, UnsafeText unsafe) {
  switch (value.kind()) {
    case Kind::null: out += "null"; return;
    case Kind::boolean: out += value.as_bool() ? "true" : "false"; return;
    case Kind::integer:
    case Kind::big: out += value.big_decimal(); return;
    case Kind::real: append_real(out, value.as_real()); return;
    case Kind::string: append_text(out, value, level, unsafe); return;
    case Kind::bytes: append_json_string(out, text::base64(value.as_string())); return;
    case Kind::date:
    case Kind::datetime: append_json_string(out, value.as_datetime().iso()); return;
    case Kind::list: append_list(out, value, level, unsafe); return;
    case Kind::map: append_map(out, value, level, unsafe); return;
  }
}

std::string json_key(const Value& key) {
  if (key.is_string()) return std::string(key.as_string());
  std::string text;
  append_json(text, key, 0, UnsafeText::plain);
  if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
  return text;
}

}  // namespace herder::inventory
