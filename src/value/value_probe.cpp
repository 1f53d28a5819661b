// For tests in Python: one JSON request a line on stdin, one JSON answer a line on stdout.
//   {"op": "json_print", "value": ..., "indent": 2}  ->  {"ok": "..."}  or  {"error": "...", "line": 1, "column": 5}
#include <cstdio>
#include <iostream>
#include <string>

#include "value/json.hpp"
#include "value/python_literal.hpp"

namespace herder::value {
namespace {

std::string text_of(const Value& request, std::string_view name) { return std::string(request.get(name).as_string()); }

bool flag(const Value& request, std::string_view name, bool otherwise) {
  const Value* found = request.find(name);
  return found == nullptr ? otherwise : found->truthy();
}

Result<Value> op_json_parse(const Value& request) {
  return parse_json(text_of(request, "text"), {.file = "probe.json", .depth = 500});
}

Result<Value> op_json_print(const Value& request) {
  JsonStyle style{.sort_keys = flag(request, "sort_keys", false), .ascii = flag(request, "ascii", true), .spaces = flag(request, "spaces", true)};
  if (const Value* indent = request.find("indent")) style.indent = static_cast<int>(indent->as_int());
  return Value(print_json(request.get("value"), style));
}

/// The value of a literal as repr() prints it; null for what is none.
Result<Value> op_literal(const Value& request) {
  const auto value = parse_python_literal(text_of(request, "text"));
  return value ? Value(python_repr(*value)) : Value();
}

Result<Value> op_repr(const Value& request) { return Value(python_repr(request.get("value"))); }
Result<Value> op_str(const Value& request) { return Value(python_str(request.get("value"))); }

struct Op {
  std::string_view name;
  Result<Value> (*run)(const Value& request);
};

constexpr Op ops[] = {
    {"json_parse", op_json_parse},
    {"json_print", op_json_print},
    {"literal", op_literal},
    {"repr", op_repr},
    {"str", op_str},
};

Result<Value> run(const std::string& line) {
  HERDER_TRY(const Value request, parse_json(line, {.depth = 1000}));
  for (const Op& op : ops)
    if (op.name == request.get("op").as_string()) return op.run(request);
  return fail(Errc::usage, "unknown op");
}

std::string answer(const Result<Value>& result) {
  if (result) return print_json(Value::map({{"ok", *result}}));
  const Error& failure = result.error();
  return print_json(Value::map({{"error", failure.what},
                                {"code", name_of(failure.code)},
                                {"line", failure.where.line},
                                {"column", failure.where.column},
                                {"text", failure.where.text},
                                {"help", failure.help}}));
}

}  // namespace
}  // namespace herder::value

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << herder::value::answer(herder::value::run(line)) << "\n" << std::flush;
  return 0;
}
