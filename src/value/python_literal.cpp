// The grammar of ast.literal_eval: expressions made of constants, displays and signed numbers. Everything else that Python could
// parse (names, calls, operators) is "not a literal", and so is whatever Python could not parse.
#include "value/python_literal.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "value/python_token.hpp"

namespace herder::value {
namespace {

constexpr int deepest = 64;

struct Parsed {
  Value value;
  bool hashable = true;  // as the Python object would be: it may be a key or a member of a set
  bool number = false;   // an unsigned number: may get a sign
};

class LiteralParser {
 public:
  explicit LiteralParser(std::string_view text) : scan_(text) {}

  std::optional<Value> parse() {
    scan_.skip_blank_lines();
    Parsed first;
    if (!expression(first, 0)) return std::nullopt;
    if (scan_.peek() == ',') {
      if (!rest_of_tuple(first, '\0', 0)) return std::nullopt;
    }
    scan_.skip_to_end();
    if (!scan_.at_end()) return std::nullopt;
    return std::move(first.value);
  }

 private:
  bool expression(Parsed& out, int depth) {
    const char c = scan_.peek();
    if (c != '-' && c != '+') return atom(out, depth);
    scan_.next();
    if (!atom(out, depth) || !out.number) return false;
    out.number = false;
    if (c == '-') out.value = negated(out.value);
    return true;
  }

  static Value negated(const Value& number) {
    if (number.kind() == Kind::real) return -number.as_real();
    return *Value::integer_from_decimal("-" + number.big_decimal());
  }

  bool atom(Parsed& out, int depth) {
    const char c = scan_.peek();
    switch (c) {
      case '[': return list(out, depth);
      case '(': return parenthesis(out, depth);
      case '{': return braces(out, depth);
      case '"':
      case '\'': return strings(out);
      default: break;
    }
    if ((c >= '0' && c <= '9') || c == '.') return number(out);
    return scan_.at_string_prefix() ? strings(out) : word(out);
  }

  bool number(Parsed& out) {
    auto value = scan_.number();
    if (!value) return false;
    out = {.value = std::move(*value), .number = true};
    return true;
  }

  bool word(Parsed& out) {
    const std::string_view name = scan_.word();
    if (name == "None") out = {};
    else if (name == "True") out = {.value = Value(true)};
    else if (name == "False") out = {.value = Value(false)};
    else if (name == "set") return empty_set(out);
    else return false;
    return true;
  }

  bool empty_set(Parsed& out) {
    if (!scan_.open('(') || !scan_.close(')')) return false;
    out = {.value = Value::empty_list(), .hashable = false};
    return true;
  }

  bool strings(Parsed& out) {
    auto value = scan_.strings();
    if (!value) return false;
    out = {.value = std::move(*value)};
    return true;
  }

  bool list(Parsed& out, int depth) {
    if (depth == deepest || !scan_.open('[')) return false;
    ListBuilder items;
    while (!scan_.close(']')) {
      Parsed item;
      if (!expression(item, depth + 1)) return false;
      items.push_back(std::move(item.value));
      if (!scan_.separator(']')) return false;
    }
    out = {.value = std::move(items).build(), .hashable = false};
    return true;
  }

  bool parenthesis(Parsed& out, int depth) {
    if (depth == deepest || !scan_.open('(')) return false;
    if (scan_.close(')')) {
      out = {.value = Value::empty_list()};
      return true;
    }
    if (!expression(out, depth + 1)) return false;
    if (scan_.peek() == ',') return rest_of_tuple(out, ')', depth + 1);
    return scan_.close(')');
  }

  /// After the first element; `end` is the bracket that closes it, or '\0' for a tuple without parentheses.
  bool rest_of_tuple(Parsed& out, char end, int depth) {
    bool hashable = out.hashable;
    ListBuilder items;
    items.push_back(std::move(out.value));
    while (scan_.peek() == ',') {
      scan_.next();
      const char c = scan_.peek();
      if (c == end || (end == '\0' && (c == '\n' || c == '#'))) break;
      Parsed item;
      if (!expression(item, depth)) return false;
      hashable &= item.hashable;
      items.push_back(std::move(item.value));
    }
    out = {.value = std::move(items).build(), .hashable = hashable};
    return end == '\0' || scan_.close(end);
  }

  bool braces(Parsed& out, int depth) {
    if (depth == deepest || !scan_.open('{')) return false;
    out = {.value = Value::empty_map(), .hashable = false};
    if (scan_.close('}')) return true;
    Parsed first;
    if (!expression(first, depth + 1) || !first.hashable) return false;
    return scan_.peek() == ':' ? dict(out, std::move(first.value), depth) : set(out, std::move(first.value), depth);
  }

  bool dict(Parsed& out, Value key, int depth) {
    MapBuilder entries;
    while (true) {
      if (scan_.peek() != ':') return false;
      scan_.next();
      Parsed value;
      if (!expression(value, depth + 1)) return false;
      entries.set(std::move(key), std::move(value.value));
      if (!scan_.separator('}')) return false;
      if (scan_.close('}')) break;
      Parsed next;
      if (!expression(next, depth + 1) || !next.hashable) return false;
      key = std::move(next.value);
    }
    out.value = std::move(entries).build();
    return true;
  }

  bool set(Parsed& out, Value first, int depth) {
    MapBuilder members;  // keeps the first of equal ones
    members.set(std::move(first), Value());
    while (true) {
      if (!scan_.separator('}')) return false;
      if (scan_.close('}')) break;
      Parsed next;
      if (!expression(next, depth + 1) || !next.hashable) return false;
      members.set(std::move(next.value), Value());
    }
    ListBuilder items;
    for (const MapEntry& entry : members.entries()) items.push_back(entry.key);
    out.value = std::move(items).build();
    return true;
  }

  PythonScanner scan_;
};

}  // namespace

std::optional<Value> parse_python_literal(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  if (text.empty() || text.contains('\0') || !text::is_utf8(text)) return std::nullopt;
  if (!text.contains('\r')) return LiteralParser(text).parse();
  std::string normal;  // Python reads \r\n and \r as \n
  for (std::size_t i = 0; i < text.size(); ++i) {
    normal += text[i] == '\r' ? '\n' : text[i];
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return LiteralParser(normal).parse();
}

}  // namespace herder::value
