// For tests in Python: {"base64": TEXT} a line on stdin -> {"ok": {SECTION: {KEY: VALUE}}} or {"error": ..., "line": ...} on stdout.
#include <iostream>

#include "base/text.hpp"
#include "value/ini.hpp"
#include "value/json.hpp"

namespace herder::value {
namespace {

Result<Value> run(const std::string& line) {
  HERDER_TRY(const Value request, parse_json(line));
  HERDER_TRY(const IniFile file, IniFile::parse(text::unbase64(request.get("base64").as_string()).value()));
  return file.values();
}

std::string answer(const std::string& line) {
  const Result<Value> result = run(line);
  if (result) return print_json(Value::map({{"ok", *result}}));
  return print_json(Value::map({{"error", result.error().what}, {"line", result.error().where.line}}));
}

}  // namespace
}  // namespace herder::value

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << herder::value::answer(line) << "\n" << std::flush;
}
