// For tests in Python: one JSON request a line on stdin, one JSON answer a line on stdout.
//   {"op": "json_print", "value": ..., "indent": 2}  ->  {"ok": "..."}  or  {"error": "...", "line": 1, "column": 5}
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "value/csv.hpp"
#include "value/diff.hpp"
#include "value/json.hpp"
#include "value/python_literal.hpp"
#include "value/python_regex.hpp"

namespace herder::value {
namespace {

std::string text_of(const Value& request, std::string_view name) {
  const Value* found = request.find(name);
  return found == nullptr ? std::string() : std::string(found->as_string());
}

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

RegexFlags regex_flags(const Value& request) {
  RegexFlags flags = RegexFlags::none;
  for (const char c : text_of(request, "flags"))
    flags = flags | (c == 'i' ? RegexFlags::ignore_case : c == 'm' ? RegexFlags::multiline : c == 's' ? RegexFlags::dotall
                     : c == 'x' ? RegexFlags::verbose : RegexFlags::ascii);
  return flags;
}

/// How many characters stand before each byte.
std::vector<std::int64_t> count_characters(std::string_view text) {
  std::vector<std::int64_t> out{0};
  for (const char c : text) out.push_back(out.back() + static_cast<std::int64_t>((static_cast<unsigned char>(c) & 0xc0U) != 0x80U));
  return out;
}

/// Places of all groups in characters, as Python's match.regs.
Value match_value(const RegexMatch& match, const std::vector<std::int64_t>& characters) {
  ListBuilder out;
  for (std::size_t i = 0; i <= match.groups(); ++i) {
    const auto span = match.span(i);
    out.push_back(span.matched ? Value::list({characters[span.begin], characters[span.end]}) : Value::list({-1, -1}));
  }
  return std::move(out).build();
}

Result<Value> op_regex(const Value& request) {
  const std::string text = text_of(request, "text");
  const std::string how = text_of(request, "how");
  HERDER_TRY(const PythonRegex regex, PythonRegex::compile(text_of(request, "pattern"), regex_flags(request)));
  if (how == "sub") {
    const Value* count = request.find("count");
    HERDER_TRY(std::string out, regex.sub(text_of(request, "replacement"), text, count == nullptr ? 0 : static_cast<std::size_t>(count->as_int())));
    return Value(out);
  }
  const std::vector<std::int64_t> characters = count_characters(text);
  ListBuilder out;
  if (how == "split") {
    HERDER_TRY(const auto pieces, regex.split(text));
    for (const auto& piece : pieces) out.push_back(piece ? Value(*piece) : Value());
  } else if (how == "find_all") {
    HERDER_TRY(const auto matches, regex.find_all(text));
    for (const RegexMatch& match : matches) out.push_back(match_value(match, characters));
  } else {
    HERDER_TRY(const auto match, how == "search" ? regex.search(text) : how == "match" ? regex.match(text) : regex.fullmatch(text));
    return match ? match_value(*match, characters) : Value();
  }
  return std::move(out).build();
}

Result<Value> op_regex_escape(const Value& request) { return Value(regex_escape(text_of(request, "text"))); }

Result<Value> op_csv_parse(const Value& request) {
  HERDER_TRY(const auto rows, parse_csv(text_of(request, "text"), {.delimiter = text_of(request, "delimiter")[0], .strict = flag(request, "strict", false)}));
  ListBuilder out;
  for (const CsvRow& row : rows) {
    ListBuilder fields;
    for (const std::string& field : row) fields.push_back(field);
    out.push_back(std::move(fields).build());
  }
  return std::move(out).build();
}

Result<Value> op_csv_print(const Value& request) {
  std::vector<std::string> fields;
  for (const Value& field : request.get("fields").items()) fields.emplace_back(field.as_string());
  return Value(print_csv_row(fields, text_of(request, "delimiter")[0]));
}

Result<Value> op_diff(const Value& request) {
  const DiffOptions options{.context = static_cast<int>(request.get("context").as_int()),
                            .method = flag(request, "shortest", false) ? DiffMethod::shortest : DiffMethod::python};
  return Value(unified_diff(text_of(request, "before"), text_of(request, "after"), "old", "new", options));
}

struct Op {
  std::string_view name;
  Result<Value> (*run)(const Value& request);
};

constexpr Op ops[] = {
    {"csv_parse", op_csv_parse},
    {"csv_print", op_csv_print},
    {"diff", op_diff},
    {"json_parse", op_json_parse},
    {"json_print", op_json_print},
    {"literal", op_literal},
    {"regex", op_regex},
    {"regex_escape", op_regex_escape},
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
