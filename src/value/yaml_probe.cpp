// For tests in Python: one JSON request a line on stdin, one JSON answer a line on stdout.
//   {"op": "parse", "base64": TEXT}  ->  {"ok": {"root": NODE, "warnings": [ERROR, ...]}}
//   {"op": "any", "base64": TEXT}    ->  the same, of YAML or JSON
//   {"op": "all", "base64": TEXT}    ->  {"ok": [NODE, ...]}
//   {"op": "print", "node": NODE, "indent": 4, "width": 80, "sort_keys": true, "indented_lists": true, "flow": "leaves",
//    "libyaml": true}  ->  {"ok": TEXT}
// Failures: {"error": ..., "code": ..., "line": ..., "column": ..., "text": ..., "help": ...}. A NODE is [type, payload, marks, line,
// column]: types are Python's names, numbers and times travel as text, bytes as base64, maps as lists of pairs.
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "base/text.hpp"
#include "value/json.hpp"
#include "value/yaml.hpp"

namespace herder::value {
namespace {

Value node(const Value& value);

Value payload(const Value& value) {
  ListBuilder out;
  switch (value.kind()) {
    case Kind::null: return {};
    case Kind::boolean: return value.as_bool();
    case Kind::integer:
    case Kind::big: return value.big_decimal();
    case Kind::real: return std::isnan(value.as_real()) ? "nan" : fmt::format("{:.17g}", value.as_real());
    case Kind::string: return value.as_string();
    case Kind::bytes: return text::base64(value.as_string());
    case Kind::date:
    case Kind::datetime: return value.as_datetime().iso();
    case Kind::list:
      for (const Value& item : value.items()) out.push_back(node(item));
      return std::move(out).build();
    case Kind::map:
      for (const auto& [key, item] : value.entries()) out.push_back(Value::list({node(key), node(item)}));
      return std::move(out).build();
  }
  return {};
}

Value node(const Value& value) {
  return Value::list({python_name(value.kind()), payload(value), static_cast<int>(value.marks()), value.source().line(), value.source().column()});
}

Value value_of(const Value& node);

Value number_of(std::string_view type, const std::string& text) {
  if (type == "int") return Value::integer_from_decimal(text).value();
  return std::strtod(text.c_str(), nullptr);
}

Value list_of(const Value& payload) {
  ListBuilder out;
  for (const Value& one : payload.items()) out.push_back(value_of(one));
  return std::move(out).build();
}

Value map_of(const Value& payload) {
  MapBuilder out;
  for (const Value& pair : payload.items()) out.set(value_of(pair.items()[0]), value_of(pair.items()[1]));
  return std::move(out).build();
}

/// The value that a NODE describes (marks and position may be missing). Times are read as YAML reads them.
Value value_of(const Value& node) {
  const std::string_view type = node.items()[0].as_string();
  const Value& payload = node.items()[1];
  if (type == "list") return list_of(payload);
  if (type == "dict") return map_of(payload);
  if (type == "int" || type == "float") return number_of(type, std::string(payload.as_string()));
  if (type == "bytes") return Value::bytes(text::unbase64(payload.as_string()).value());
  if (type == "date" || type == "datetime") return parse_yaml(payload.as_string())->root;
  return payload;  // str, bool, NoneType
}

Value shown(const Error& failure) {
  return Value::map({{"error", failure.what},
                     {"code", name_of(failure.code)},
                     {"line", failure.where.line},
                     {"column", failure.where.column},
                     {"text", failure.where.text},
                     {"help", failure.help}});
}

std::string text_of(const Value& request) { return text::unbase64(request.get("base64").as_string()).value(); }

using Reader = Result<YamlDocument> (*)(std::string_view text, const YamlOptions& options);

Result<Value> op_parse(const Value& request, Reader reader) {
  HERDER_TRY(const YamlDocument document, reader(text_of(request), {.file = "probe.yml"}));
  ListBuilder warnings;
  for (const Error& one : document.warnings) warnings.push_back(shown(one));
  return Value::map({{"root", node(document.root)}, {"warnings", std::move(warnings).build()}});
}

Result<Value> op_all(const Value& request) {
  HERDER_TRY(const std::vector<YamlDocument> documents, parse_yaml_all(text_of(request), {.file = "probe.yml"}));
  ListBuilder roots;
  for (const YamlDocument& one : documents) roots.push_back(node(one.root));
  return std::move(roots).build();
}

Result<Value> op_print(const Value& request) {
  const std::string_view flow = request.get("flow").as_string();
  const YamlStyle style{.indent = static_cast<int>(request.get("indent").as_int()),
                        .sort_keys = request.get("sort_keys").as_bool(),
                        .indented_lists = request.get("indented_lists").as_bool(),
                        .width = static_cast<int>(request.get("width").as_int()),
                        .flow = flow == "leaves" ? YamlFlow::leaves : flow == "always" ? YamlFlow::always : YamlFlow::never,
                        .emitter = request.get("libyaml").truthy() ? YamlEmitter::libyaml : YamlEmitter::python};
  return Value(print_yaml(value_of(request.get("node")), style));
}

Result<Value> run(const std::string& line) {
  HERDER_TRY(const Value request, parse_json(line, {.depth = 1000}));
  const std::string_view op = request.get("op").as_string();
  if (op == "parse") return op_parse(request, parse_yaml);
  if (op == "any") return op_parse(request, parse_yaml_or_json);
  if (op == "all") return op_all(request);
  if (op == "print") return op_print(request);
  return fail(Errc::usage, "unknown op");
}

std::string answer(const std::string& line) {
  const Result<Value> result = run(line);
  return print_json(result ? Value::map({{"ok", *result}}) : shown(result.error()));
}

}  // namespace
}  // namespace herder::value

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << herder::value::answer(line) << "\n" << std::flush;
}
