// herder inventory list | graph | host | export | query, and the ansible-inventory stand-in.
#include <unistd.h>

#include <cstdlib>

#include "base/error_format.hpp"
#include "base/file.hpp"
#include "cli/common_options.hpp"
#include "cli/fleet.hpp"
#include "cli/io.hpp"
#include "cli/parsed.hpp"
#include "cli/run_args.hpp"
#include "inventory/listing.hpp"
#include "inventory/loader.hpp"
#include "inventory/nodeset.hpp"
#include "inventory/pattern.hpp"
#include "inventory/query.hpp"
#include "transport/ansible_cfg.hpp"

namespace herder::cli {
namespace {

using inventory::Inventory;
using inventory::Loaded;

constexpr Option shape_options[] = {
    {.name = "yaml", .letter = 'y', .help = "write YAML instead of JSON"},
    {.name = "playbook-dir", .arg = Arg::directory, .value = "DIR", .help = "take group_vars/ and host_vars/ beside this playbook, too"},
};
constexpr Option graph_options[] = {
    {.name = "vars", .help = "show variables, too"},
    {.name = "playbook-dir", .arg = Arg::directory, .value = "DIR", .help = "take group_vars/ and host_vars/ beside this playbook, too"},
};
constexpr Option query_options[] = {
    {.name = "fold", .help = "write hosts as ranges in one line"},
    {.name = "playbook-dir", .arg = Arg::directory, .value = "DIR", .help = "take group_vars/ and host_vars/ beside this playbook, too"},
};
constexpr OptionSet shape_sets[] = {{"Output", shape_options}, inventory_set, global_set};
constexpr OptionSet graph_sets[] = {{"Output", graph_options}, inventory_set, global_set};
constexpr OptionSet query_sets[] = {{"Output", query_options}, inventory_set, global_set};
constexpr Operand host_operands[] = {{.name = "HOST", .arg = Arg::hosts, .help = "a host of the inventory"}};
constexpr Operand group_operands[] = {{.name = "GROUP", .arg = Arg::hosts, .arity = Arity::optional, .help = "where the tree begins; all when left out"}};
constexpr Operand query_operands[] = {{.name = "EXPR", .help = "an expression over a host's variables"}};

enum class What : std::uint8_t { list, graph, host, query };

struct ListArgs {
  What what = What::list;
  InventoryArgs inventory;
  std::string playbook_dir;
  std::string name;         // host, group or expression
  bool yaml = false;
  bool exported = false;
  bool vars = false;
  bool fold = false;
  bool as_ansible = false;  // warnings and messages in its words
  std::string output_file;  // empty: standard output
  Value extra_vars = Value::empty_map();
};

std::string absolute(const std::string& path) {
  char* real = ::realpath(path.c_str(), nullptr);
  std::string out = real != nullptr ? real : path;
  std::free(real);
  return out;
}

Result<Loaded> load(const ListArgs& args) {
  inventory::LoadOptions options;
  // As ansible-inventory: without a playbook directory, the working directory is one.
  options.playbook_dir = absolute(args.playbook_dir.empty() ? "." : args.playbook_dir);
  HERDER_TRY(const std::vector<std::string> sources, inventory_sources(args.inventory));
  return inventory::load(sources, options);
}

Result<inventory::ListOptions> list_options(const Inventory& all, const ListArgs& args, std::vector<Error>& warnings) {
  inventory::ListOptions out{.exported = args.exported, .explicit_playbook_dir = !args.playbook_dir.empty(), .extra_vars = args.extra_vars, .hosts = {}};
  if (args.inventory.limit.empty()) return out;
  HERDER_TRY(inventory::Selection chosen, inventory::select(all, "all", {.limits = {args.inventory.limit}}));
  for (Error& warning : chosen.warnings) warnings.push_back(std::move(warning));
  out.hosts = std::move(chosen.hosts);
  return out;
}

Result<> write_all(const Inventory& all, const ListArgs& args, const inventory::ListOptions& options, const inventory::Sink& sink) {
  return args.yaml ? inventory::write_list_yaml(all, options, sink) : inventory::write_list_json(all, options, sink);
}

Result<> write_host(const Inventory& all, const ListArgs& args, const inventory::ListOptions& options, const inventory::Sink& sink) {
  HERDER_TRY(const inventory::HostId host, inventory::require_host(all, args.name));
  HERDER_TRY(const std::string text, inventory::host_text(all, host, args.yaml ? inventory::ListFormat::yaml : inventory::ListFormat::json, options));
  return sink(text);
}

Result<> write_tree(const Inventory& all, const ListArgs& args, const inventory::ListOptions& options, const inventory::Sink& sink) {
  HERDER_TRY(const inventory::GroupId group, inventory::require_group(all, args.name.empty() ? "all" : args.name));
  return inventory::write_graph(all, group, {.vars = args.vars, .list = options}, sink);
}

Result<> write_query(const Inventory& all, const ListArgs& args, std::vector<Error>& warnings, const inventory::Sink& sink) {
  HERDER_TRY(const inventory::Query query, inventory::Query::parse(args.name));
  HERDER_TRY(const inventory::Selection chosen,
             inventory::select(all, "all", {.limits = args.inventory.limit.empty() ? std::vector<std::string>{} : std::vector{args.inventory.limit}}));
  HERDER_TRY(inventory::Query::Outcome outcome, query.run(all, chosen.hosts));
  for (Error& warning : outcome.warnings) warnings.push_back(std::move(warning));
  std::vector<std::string> names;
  for (const inventory::HostId host : outcome.hosts) names.emplace_back(all.name(host));
  if (args.fold) return names.empty() ? Result<>() : sink(inventory::fold_hosts(names) + "\n");
  for (const std::string& name : names) HERDER_TRY_VOID(sink(name + "\n"));
  return {};
}

Result<> show(const ListArgs& args, std::vector<Error>& warnings, const inventory::Sink& sink) {
  HERDER_TRY(Loaded loaded, load(args));
  warnings = std::move(loaded.warnings);
  const Inventory& all = *loaded.inventory;
  HERDER_TRY(const inventory::ListOptions options, list_options(all, args, warnings));
  Result<> done;
  switch (args.what) {
    case What::list: done = write_all(all, args, options, sink); break;
    case What::graph: done = write_tree(all, args, options, sink); break;
    case What::host: done = write_host(all, args, options, sink); break;
    case What::query: done = write_query(all, args, warnings, sink); break;
  }
  for (Error& warning : all.take_warnings()) warnings.push_back(std::move(warning));
  return done;
}

int run(const ListArgs& args, Io& io) {
  std::vector<Error> warnings;
  std::string file;
  // Variable values are foreign text: a terminal gets them made printable, everybody else gets the bytes.
  const inventory::Sink sink = [&](std::string_view text) -> Result<> {
    if (!args.output_file.empty()) file += text;
    else if (io.terminal.out_is_terminal()) io.out.foreign(text);
    else io.out.raw(text);
    return io.out.failure() ? Result<>(std::unexpected(*io.out.failure())) : Result<>();
  };
  Result<> done = show(args, warnings, sink);
  if (done && !args.output_file.empty()) done = write_file_atomically(args.output_file, file);
  for (const Error& warning : warnings) {
    if (io.verbosity < 0) break;
    if (args.as_ansible) io.err.write(fmt::format("[WARNING]: {}\n", format_error_line(warning)));
    else io.err.write("warning: " + format_error_line(warning) + (warning.help.empty() ? "" : "; " + warning.help) + "\n");
  }
  if (done) return exit_code::ok;
  io.err.write(format_error(done.error(), {.color = io.color_err, .verbosity = io.verbosity}));
  const Errc code = done.error().code;
  const bool usage = code == Errc::usage || code == Errc::not_found;
  if (args.as_ansible) return usage ? exit_code::usage : exit_code::herder;
  return usage || code == Errc::parse ? exit_code::usage : exit_code::herder;
}

Action action_of(ListArgs args) {
  return [args = std::move(args)](Io& io) { return run(args, io); };
}

ListArgs read_common(const Parsed& parsed, What what) {
  ListArgs out;
  out.what = what;
  out.inventory = read_inventory_args(parsed);
  out.playbook_dir = parsed.text("playbook-dir");
  return out;
}

Result<Action> prepare_list(const Parsed& parsed) {
  ListArgs args = read_common(parsed, What::list);
  args.yaml = parsed.flag("yaml");
  return action_of(std::move(args));
}

Result<Action> prepare_export(const Parsed& parsed) {
  ListArgs args = read_common(parsed, What::list);
  args.yaml = parsed.flag("yaml");
  args.exported = true;
  return action_of(std::move(args));
}

Result<Action> prepare_host(const Parsed& parsed) {
  ListArgs args = read_common(parsed, What::host);
  args.yaml = parsed.flag("yaml");
  args.name = parsed.operand("HOST");
  return action_of(std::move(args));
}

Result<Action> prepare_graph(const Parsed& parsed) {
  ListArgs args = read_common(parsed, What::graph);
  args.vars = parsed.flag("vars");
  args.name = parsed.operand("GROUP");
  return action_of(std::move(args));
}

Result<Action> prepare_query(const Parsed& parsed) {
  ListArgs args = read_common(parsed, What::query);
  args.fold = parsed.flag("fold");
  args.name = parsed.operand("EXPR");
  return action_of(std::move(args));
}

constexpr Option ansible_options[] = {
    {.name = "inventory", .letter = 'i', .arg = Arg::file, .repeat = true, .value = "INVENTORY", .env = "ANSIBLE_INVENTORY", .sees = "/etc/ansible/hosts",
     .help = "inventory host path or comma separated host list"},
    {.name = "limit", .letter = 'l', .arg = Arg::hosts, .value = "SUBSET", .help = "only these hosts"},
    {.name = "list", .help = "all hosts as JSON"},
    {.name = "host", .arg = Arg::text, .value = "HOST", .help = "variables of one host"},
    {.name = "graph", .help = "the tree of groups"},
    {.name = "yaml", .letter = 'y', .help = "YAML instead of JSON"},
    {.name = "vars", .help = "variables in the graph, too"},
    {.name = "export", .help = "variables where they are defined"},
    {.name = "output", .arg = Arg::file, .value = "FILE", .help = "write to this file"},
    {.name = "playbook-dir", .arg = Arg::directory, .value = "DIR", .help = "take group_vars/ and host_vars/ beside this playbook"},
};
constexpr OptionSet ansible_sets[] = {{"Options", ansible_options}, global_set};
constexpr Operand ansible_operands[] = {{.name = "GROUP", .arity = Arity::optional, .help = "where the graph begins"}};

Result<Action> prepare_ansible_inventory(const Parsed& parsed) {
  ListArgs args;
  args.as_ansible = true;
  args.inventory = {.sources = parsed.all("inventory"), .limit = parsed.text("limit")};
  args.playbook_dir = parsed.text("playbook-dir");
  args.yaml = parsed.flag("yaml");
  args.vars = parsed.flag("vars");
  args.exported = parsed.flag("export");
  args.output_file = parsed.text("output");
  const bool list = parsed.flag("list");
  const bool graph = parsed.flag("graph");
  const std::string host = parsed.text("host");
  const std::string group = parsed.operand("GROUP");
  if (static_cast<int>(list) + static_cast<int>(graph) + static_cast<int>(!host.empty()) != 1)
    return Action([](Io& io) {
      io.err.write("[ERROR]: No action selected, exactly one of --host, --graph or --list needs to be specified.\n");
      return exit_code::usage;
    });
  args.what = list ? What::list : graph ? What::graph : What::host;
  args.name = graph ? group : host;
  return action_of(std::move(args));
}

}  // namespace

Result<std::vector<std::string>> inventory_sources(const InventoryArgs& args) {
  constexpr const char* usual = "/etc/ansible/hosts";
  if (!args.sources.empty()) return args.sources;
  HERDER_TRY(const transport::AnsibleConfig config, transport::AnsibleConfig::find());
  if (std::vector<std::string> configured = config.inventory(); !configured.empty()) return configured;
  return ::access(usual, F_OK) == 0 ? std::vector<std::string>{usual} : std::vector<std::string>{};
}

extern constinit const Command inventory_list_command{
    .name = "inventory list", .summary = "all groups and hosts with their variables, as ansible-inventory --list", .sets = shape_sets, .prepare = prepare_list};
extern constinit const Command inventory_export_command{
    .name = "inventory export", .summary = "the same with variables where they are defined", .sets = shape_sets, .prepare = prepare_export};
extern constinit const Command inventory_host_command{
    .name = "inventory host", .summary = "the variables of one host", .sets = shape_sets, .operands = host_operands, .prepare = prepare_host};
extern constinit const Command inventory_graph_command{
    .name = "inventory graph", .summary = "the tree of groups, as ansible-inventory --graph", .sets = graph_sets, .operands = group_operands, .prepare = prepare_graph};

constexpr Example query_examples[] = {
    {"inventory query \"env == 'prod' and 'web' in group_names\"", "names, one a line"},
    {"inventory query --fold 'ansible_port is defined'", "as ranges"},
};
extern constinit const Command inventory_query_command{
    .name = "inventory query",
    .summary = "the hosts for which an expression over their variables is true",
    .about = "The expression is a part of Jinja2: names, 'text', numbers, lists, a.b, a['b'], == != < <= > >=, in, not in, and, or, not, ( ),\n"
             "is defined, is match('regex') and others (docs/inventory.md). Templates inside variables are not evaluated yet.",
    .sets = query_sets,
    .operands = query_operands,
    .examples = query_examples,
    .prepare = prepare_query,
};

extern constinit const Command ansible_inventory_command{
    .name = "ansible-inventory",
    .summary = "show the inventory (herder's stand-in)",
    .sets = ansible_sets,
    .operands = ansible_operands,
    .prepare = prepare_ansible_inventory,
    .dialect = Dialect::argparse,
};

}  // namespace herder::cli
