// For tests in Python: one JSON request a line on stdin, one JSON answer a line on stdout. A request plays a run:
//   {"format": "yaml", "hosts": [{"host": "a", "out": BASE64, "err": BASE64, "code": 0} or {"host": "b", "lost": "why"}]}
//   {"ansible": "shell", "arguments": "...", "one_line": true, "tree": DIR, "hosts": [...]}
//   {"shorten": TEXT, "width": 120}  ->  {"ok": "..."}
//   ->  {"ok": {"out": "...", "err": "...", "code": 0}}
#include <iostream>
#include <string>

#include "base/text.hpp"
#include "report/ansible_view.hpp"
#include "report/testing.hpp"
#include "value/json.hpp"

namespace herder::report {
namespace {

std::string text_of(const Value& request, std::string_view name) {
  const Value* found = request.find(name);
  return found == nullptr ? std::string() : std::string(found->as_string());
}

Format format_of(const std::string& name) {
  if (name == "json") return Format::json;
  if (name == "ndjson") return Format::ndjson;
  if (name == "yaml") return Format::yaml;
  return name == "csv" ? Format::csv : Format::text;
}

void begin(FakeRun& run, const Value& request, std::vector<std::string> hosts) {
  run.settings = {.format = format_of(text_of(request, "format")), .fold = request.get("fold").truthy(), .progress = Progress::none};
  if (request.find("ansible") == nullptr) return run.begin(std::move(hosts));
  run.console = std::make_unique<Console>(run.outputs.out, run.outputs.err, run.terminal, false, false);
  run.reporter = std::make_unique<Reporter>(*run.console, StoreLimits{});
  run.reporter->add(std::make_unique<AnsibleView>(*run.console, AnsibleStyle{.module = text_of(request, "ansible"),
                                                                            .arguments = text_of(request, "arguments"),
                                                                            .task_arguments = request.get("task_arguments"),
                                                                            .one_line = request.get("one_line").truthy(),
                                                                            .tree = text_of(request, "tree")}));
  run.begin_with(std::move(hosts));
}

Value play(const Value& request) {
  FakeRun run;
  std::vector<std::string> names;
  for (const Value& host : request.get("hosts").items()) names.push_back(text_of(host, "host"));
  begin(run, request, std::move(names));
  for (const Value& host : request.get("hosts").items()) {
    const std::string name = text_of(host, "host");
    run.start(name);
    if (const std::string lost = text_of(host, "lost"); !lost.empty()) {
      run.lose(name, lost);
      continue;
    }
    const std::string out = text::unbase64(text_of(host, "out")).value_or("");
    const std::string err = text::unbase64(text_of(host, "err")).value_or("");
    for (std::size_t at = 0; at < out.size(); at += 5) run.print(name, out.substr(at, 5));
    if (!err.empty()) run.complain(name, err);
    run.exit(name, static_cast<int>(host.get("code").as_int()));
  }
  int code = run.end();
  if (request.find("ansible") != nullptr) code = ansible_exit_code(run.reporter->run().totals);
  return Value::map({{"out", Value(run.outputs.out_text)}, {"err", Value(run.outputs.err_text)}, {"code", Value(code)}});
}

}  // namespace
}  // namespace herder::report

int main() {
  using herder::Value;
  for (std::string line; std::getline(std::cin, line);) {
    const auto request = herder::value::parse_json(line);
    if (request && request->find("shorten") != nullptr) {
      const std::string text = herder::report::python_shorten(request->get("shorten").as_string(), static_cast<std::size_t>(request->get("width").as_int()));
      std::cout << herder::value::print_json(Value::map({{"ok", Value(text)}})) << '\n';
      continue;
    }
    const Value answer = request ? Value::map({{"ok", herder::report::play(*request)}}) : Value::map({{"error", Value(request.error().what)}});
    std::cout << herder::value::print_json(answer) << '\n';
  }
}
