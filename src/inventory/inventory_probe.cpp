// For tests in Python: one JSON request a line on stdin, one JSON answer a line on stdout.
//   {"op": "list", "sources": [...], ...}  ->  {"ok": ...}  or  {"error": "...", "line": 1, "column": 5, "help": "..."}
// With a file as argument: loads it, writes the list (or with a second argument "graph" the graph) to stdout and ends; for
// measurements.
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "base/error_format.hpp"
#include "inventory/listing.hpp"
#include "inventory/loader.hpp"
#include "inventory/nodeset.hpp"
#include "inventory/pattern.hpp"
#include "inventory/query.hpp"
#include "value/json.hpp"

namespace herder::inventory {
namespace {

std::string text_of(const Value& request, std::string_view name) {
  const Value* found = request.find(name);
  return found == nullptr || !found->is_string() ? std::string() : std::string(found->as_string());
}

bool flag(const Value& request, std::string_view name) { return request.get(name).truthy(); }

std::vector<std::string> texts_of(const Value& request, std::string_view name) {
  std::vector<std::string> texts;
  const Value* found = request.find(name);
  if (found == nullptr || !found->is_list()) return texts;
  for (const Value& item : found->items()) texts.emplace_back(item.as_string());
  return texts;
}

Value list_of(const std::vector<std::string>& texts) {
  value::ListBuilder list;
  for (const std::string& text : texts) list.push_back(text);
  return std::move(list).build();
}

Result<Loaded> loaded(const Value& request) {
  LoadOptions options;
  options.playbook_dir = text_of(request, "playbook_dir");
  options.merge_hashes = flag(request, "merge");
  options.local_python = text_of(request, "python");
  return load(texts_of(request, "sources"), options);
}

Result<ListOptions> list_options(const Value& request, const Inventory& inventory) {
  ListOptions options;
  options.exported = flag(request, "export");
  options.explicit_playbook_dir = !text_of(request, "playbook_dir").empty() && !flag(request, "implicit_playbook_dir");
  const auto limits = texts_of(request, "limit");
  if (limits.empty()) return options;
  HERDER_TRY(Selection chosen, select(inventory, "all", {.limits = limits}));
  options.hosts = std::move(chosen.hosts);
  return options;
}

Result<Value> collected(const std::function<Result<>(const Sink&)>& write) {
  std::string text;
  HERDER_TRY_VOID(write([&text](std::string_view piece) -> Result<> {
    text += piece;
    return {};
  }));
  return Value(text);
}

Result<Value> op_list(const Value& request) {
  HERDER_TRY(const Loaded made, loaded(request));
  HERDER_TRY(const ListOptions options, list_options(request, *made.inventory));
  if (flag(request, "value")) return list_json(*made.inventory, options);
  if (flag(request, "yaml")) return list_yaml(*made.inventory, options);
  if (flag(request, "yaml_text"))
    return collected([&](const Sink& sink) { return write_list_yaml(*made.inventory, options, sink); });
  return collected([&](const Sink& sink) { return write_list_json(*made.inventory, options, sink); });
}

Result<Value> op_graph(const Value& request) {
  HERDER_TRY(const Loaded made, loaded(request));
  const std::string start = text_of(request, "group");
  HERDER_TRY(const GroupId group, require_group(*made.inventory, start.empty() ? "all" : start));
  HERDER_TRY(const ListOptions options, list_options(request, *made.inventory));
  const GraphOptions shape{.vars = flag(request, "vars"), .list = options};
  return collected([&](const Sink& sink) { return write_graph(*made.inventory, group, shape, sink); });
}

Result<Value> op_host(const Value& request) {
  HERDER_TRY(const Loaded made, loaded(request));
  HERDER_TRY(const HostId host, require_host(*made.inventory, text_of(request, "host")));
  HERDER_TRY(const ListOptions options, list_options(request, *made.inventory));
  HERDER_TRY(const std::string text,
             host_text(*made.inventory, host, flag(request, "yaml") ? ListFormat::yaml : ListFormat::json, options));
  return Value(text);
}

Result<Value> op_select(const Value& request) {
  HERDER_TRY(const Loaded made, loaded(request));
  value::ListBuilder answers;
  for (const std::string& pattern : texts_of(request, "patterns")) {
    const auto chosen = select(*made.inventory, pattern, {.limits = texts_of(request, "limit")});
    if (!chosen) {
      answers.push_back(Value::map({{"error", Value(chosen.error().what)}}));
      continue;
    }
    value::ListBuilder hosts;
    for (const HostId host : chosen->hosts) hosts.push_back(made.inventory->name(host));
    answers.push_back(std::move(hosts).build());
  }
  return std::move(answers).build();
}

Result<Value> op_query(const Value& request) {
  HERDER_TRY(const Loaded made, loaded(request));
  HERDER_TRY(const Query query, Query::parse(text_of(request, "query")));
  HERDER_TRY(const Query::Outcome outcome, query.run(*made.inventory, made.inventory->hosts_of(group_all)));
  value::ListBuilder hosts;
  for (const HostId host : outcome.hosts) hosts.push_back(made.inventory->name(host));
  return std::move(hosts).build();
}

Result<Value> op_warnings(const Value& request) {
  HERDER_TRY(const Loaded made, loaded(request));
  value::ListBuilder all;
  for (const Error& warning : made.warnings) all.push_back(format_error(warning, {.verbosity = 1}));
  return std::move(all).build();
}

Result<Value> op_fold(const Value& request) { return Value(fold_hosts(texts_of(request, "names"))); }

Result<Value> op_expand(const Value& request) {
  HERDER_TRY(const auto names, expand_nodeset(text_of(request, "text")));
  return list_of(names);
}

struct Op {
  std::string_view name;
  Result<Value> (*run)(const Value& request);
};

constexpr Op ops[] = {{"list", op_list},   {"graph", op_graph},       {"host", op_host}, {"select", op_select},
                      {"query", op_query}, {"warnings", op_warnings}, {"fold", op_fold}, {"expand", op_expand}};

Result<Value> run(const std::string& line) {
  HERDER_TRY(const Value request, value::parse_json(line, {.depth = 1000}));
  for (const Op& op : ops)
    if (op.name == request.get("op").as_string()) return op.run(request);
  return fail(Errc::usage, "unknown op");
}

std::string answer(const Result<Value>& result) {
  if (result) return value::print_json(Value::map({{"ok", *result}}));
  const Error& failure = result.error();
  return value::print_json(Value::map({{"error", Value(failure.what)},
                                       {"file", Value(failure.where.file)},
                                       {"line", failure.where.line},
                                       {"column", failure.where.column},
                                       {"help", Value(failure.help)},
                                       {"text", Value(format_error(failure, {.verbosity = 1}))}}));
}

int serve() {
  std::string line;
  while (std::getline(std::cin, line)) std::cout << answer(run(line)) << '\n';
  return 0;
}

int measure(const std::string& source, bool graph) {
  const Sink to_stdout = [](std::string_view piece) -> Result<> {
    while (!piece.empty()) {
      const ssize_t written = ::write(STDOUT_FILENO, piece.data(), piece.size());
      if (written < 0) return std::unexpected(os_error(errno, "write"));
      piece.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  };
  const auto made = load(std::vector{source});
  if (!made) {
    std::cerr << format_error(made.error());
    return 1;
  }
  const auto done =
      graph ? write_graph(*made->inventory, group_all, {}, to_stdout) : write_list_json(*made->inventory, {}, to_stdout);
  if (!done) std::cerr << format_error(done.error());
  // The process ends here: taking the inventory apart first would only cost time.
  ::_exit(done ? 0 : 1);
}

}  // namespace
}  // namespace herder::inventory

int main(int argc, char** argv) {
  if (argc > 1) return herder::inventory::measure(argv[1], argc > 2);
  return herder::inventory::serve();
}
