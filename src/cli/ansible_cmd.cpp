// Called as `ansible`: ad-hoc commands with its options, its output and its exit codes.
#include "base/error_format.hpp"
#include "cli/ansible_args.hpp"
#include "cli/common_options.hpp"
#include "cli/fleet.hpp"
#include "cli/io.hpp"
#include "cli/parsed.hpp"
#include "inventory/loader.hpp"
#include "inventory/pattern.hpp"
#include "transport/ansible_cfg.hpp"

namespace herder::cli {
namespace {

constexpr int ansible_interrupted = 99;

constexpr Option adhoc_options[] = {
    {.name = "module-name", .letter = 'm', .arg = Arg::text, .value = "MODULE_NAME", .fallback = "command", .help = "command, shell, raw, script or ping"},
    {.name = "args", .letter = 'a', .arg = Arg::text, .value = "MODULE_ARGS", .help = "the module's arguments"},
    {.name = "inventory", .letter = 'i', .arg = Arg::file, .repeat = true, .value = "INVENTORY", .env = "ANSIBLE_INVENTORY", .sees = "/etc/ansible/hosts",
     .help = "inventory host path or comma separated host list"},
    {.name = "limit", .letter = 'l', .arg = Arg::hosts, .value = "SUBSET", .help = "only these of the hosts"},
    {.name = "list-hosts", .help = "only list the hosts"},
    {.name = "forks", .letter = 'f', .arg = Arg::integer, .value = "FORKS", .fallback = "5", .env = "ANSIBLE_FORKS", .min = 1, .max = 100'000, .help = "hosts at the same time"},
    {.name = "one-line", .letter = 'o', .help = "condense output"},
    {.name = "tree", .letter = 't', .arg = Arg::directory, .value = "TREE", .help = "log output to this directory"},
    {.name = "task-timeout", .arg = Arg::integer, .value = "SECONDS", .fallback = "0", .env = "ANSIBLE_TASK_TIMEOUT", .help = "limit of the task; 0: none"},
    {.name = "extra-vars", .letter = 'e', .arg = Arg::text, .repeat = true, .value = "EXTRA_VARS", .help = "variables that win: name=value, JSON, YAML or @file"},
};
constexpr Option login_options[] = {
    {.name = "user", .letter = 'u', .arg = Arg::text, .value = "REMOTE_USER", .help = "log in as this user"},
    {.name = "connection", .letter = 'c', .arg = Arg::text, .value = "CONNECTION", .help = "ssh or local"},
    {.name = "timeout", .letter = 'T', .arg = Arg::integer, .value = "TIMEOUT", .min = 1, .help = "connection timeout in seconds"},
    {.name = "private-key", .arg = Arg::file, .value = "FILE", .help = "private key to log in with"},
    {.name = "key-file", .alias_of = "private-key"},
    {.name = "ask-pass", .letter = 'k', .help = "ask for the login password"},
    {.name = "connection-password-file", .arg = Arg::file, .value = "FILE", .help = "read the login password from this file"},
    {.name = "conn-pass-file", .alias_of = "connection-password-file"},
    {.name = "ssh-common-args", .arg = Arg::text, .value = "ARGS", .help = "arguments of ssh, as far as they have an equivalent"},
    {.name = "ssh-extra-args", .arg = Arg::text, .value = "ARGS", .help = "the same, only for ssh"},
    {.name = "become", .letter = 'b', .help = "run as another user"},
    {.name = "become-method", .arg = Arg::choice, .value = "METHOD", .fallback = "sudo", .choices = "sudo|su", .help = "how"},
    {.name = "become-user", .arg = Arg::text, .value = "USER", .fallback = "root", .help = "as whom"},
    {.name = "ask-become-pass", .letter = 'K', .help = "ask for the password for that"},
    {.name = "become-password-file", .arg = Arg::file, .value = "FILE", .help = "read that password from this file"},
    {.name = "become-pass-file", .alias_of = "become-password-file"},
};
constexpr OptionSet adhoc_sets[] = {{"Ad hoc", adhoc_options}, {"Login", login_options}, global_set};
constexpr Operand adhoc_operands[] = {{.name = "PATTERN", .arg = Arg::hosts, .help = "host pattern"}};

struct AdhocArgs {
  std::string pattern;
  AdhocModule module;
  InventoryArgs inventory;
  ConnectionArgs connection;
  BecomeArgs become;
  std::size_t forks = 5;
  int task_timeout_s = 0;
  bool list_hosts = false;
};

Result<ConnectionArgs> connection_of(const Parsed& parsed) {
  ConnectionArgs out;
  if (parsed.has("user")) out.user = parsed.text("user");
  if (parsed.has("connection")) out.connection = parsed.text("connection");
  if (parsed.has("timeout")) {
    out.connect_timeout = std::chrono::seconds(parsed.integer("timeout"));
    out.connect_timeout_given = true;
  }
  if (parsed.has("private-key")) out.private_keys = {parsed.text("private-key")};
  out.ask_pass = parsed.flag("ask-pass");
  out.password_file = parsed.text("connection-password-file");
  HERDER_TRY(out.over_vars, extra_vars(parsed.all("extra-vars")));
  value::MapBuilder under;
  for (const auto& [option, variable] : {std::pair{"ssh-common-args", "ansible_ssh_common_args"}, std::pair{"ssh-extra-args", "ansible_ssh_extra_args"}})
    if (const std::string text = parsed.text(option); !text.empty()) under.set(variable, Value(text));
  out.under_vars = std::move(under).build();
  return out;
}

Result<AdhocArgs> read_args(const Parsed& parsed) {
  AdhocArgs out;
  out.pattern = parsed.operand("PATTERN");
  out.list_hosts = parsed.flag("list-hosts");
  out.inventory = {.sources = parsed.all("inventory"), .limit = parsed.text("limit")};
  HERDER_TRY(out.connection, connection_of(parsed));
  out.become = {.become = parsed.flag("become"), .user = parsed.text("become-user"), .method = parsed.text("become-method"),
                .ask_pass = parsed.flag("ask-become-pass"), .password_file = parsed.text("become-password-file")};
  out.forks = static_cast<std::size_t>(parsed.integer("forks"));
  if (parsed.origin("forks") == Origin::fallback) {
    HERDER_TRY(const transport::AnsibleConfig config, transport::AnsibleConfig::find());
    HERDER_TRY(const auto forks, config.forks());
    out.forks = forks.value_or(out.forks);
  }
  out.task_timeout_s = static_cast<int>(parsed.integer("task-timeout"));
  const std::string name = parsed.text("module-name");
  const std::string arguments = parsed.text("args");
  if (!out.list_hosts) {
    HERDER_TRY(out.module, adhoc_module(name, arguments));
  }
  out.module.style.one_line = parsed.flag("one-line");
  out.module.style.tree = parsed.text("tree");
  out.module.style.task_timeout_s = out.task_timeout_s;
  return out;
}

int complain(const Error& failure, Io& io) {
  io.err.write(fmt::format("[ERROR]: {}\n", format_error_line(failure)));
  if (!failure.help.empty()) io.err.write(fmt::format("{}\n", failure.help));
  return failure.code == Errc::parse ? 4 : 1;
}

int list_hosts(const AdhocArgs& args, Io& io) {
  const auto sources = inventory_sources(args.inventory);
  if (!sources) return complain(sources.error(), io);
  auto loaded = inventory::load(*sources);
  if (!loaded) return complain(loaded.error(), io);
  auto chosen = inventory::select(*loaded->inventory, args.pattern, {.limits = args.inventory.limit.empty() ? std::vector<std::string>{} : std::vector{args.inventory.limit}});
  if (!chosen) return complain(chosen.error(), io);
  io.out.write(fmt::format("  hosts ({}):\n", chosen->hosts.size()));
  for (const inventory::HostId host : chosen->hosts) {
    io.out.write("    ");
    io.out.foreign(loaded->inventory->name(host));
    io.out.write("\n");
  }
  return 0;
}

int run_adhoc(AdhocArgs args, Io& io) {
  if (args.list_hosts) return list_hosts(args, io);
  auto become = become_from(args.become);
  if (!become) return complain(become.error(), io);
  auto fleet = choose_fleet(args.pattern, args.inventory, args.connection);
  if (!fleet && fleet.error().code == Errc::usage && fleet.error().what.starts_with("no host matches")) {
    io.err.write("[WARNING]: No hosts matched, nothing to do\n");
    return 0;
  }
  if (!fleet) return complain(fleet.error(), io);
  engine::ExecPlan plan = std::move(args.module.plan);
  plan.become = std::move(*become);
  plan.forks = args.forks;
  plan.timeout = std::chrono::seconds(args.task_timeout_s);
  const Reporting how{.make =
                          [&](report::Console& console) {
                            auto reporter = std::make_unique<report::Reporter>(console, report::StoreLimits{});
                            reporter->add(std::make_unique<report::AnsibleView>(console, args.module.style));
                            return reporter;
                          },
                      .code =
                          [](const report::Reporter& reporter) {
                            const int code = reporter.exit_code();
                            if (code == exit_code::interrupted) return ansible_interrupted;
                            return code == exit_code::herder ? code : report::ansible_exit_code(reporter.run().totals);
                          }};
  return run_and_report(std::move(plan), *std::move(fleet), args.connection, how, io);
}

Result<Action> prepare_adhoc(const Parsed& parsed) {
  auto args = read_args(parsed);
  // Wrong words of -a and modules that come later end as a failed run does in ansible, with 1 and not with the usage of options.
  if (!args) {
    for (const OptionSet& set : adhoc_sets)
      for (const Option& option : set.options)
        if (option.alias_of.empty()) (void)parsed.has(option.name);  // the failure answers for all of them
    return Action([failure = args.error()](Io& io) { return complain(failure, io); });
  }
  return Action([args = std::make_shared<AdhocArgs>(*std::move(args))](Io& io) { return run_adhoc(std::move(*args), io); });
}

}  // namespace

extern constinit const Command ansible_command{
    .name = "ansible",
    .summary = "run a module on hosts (herder's stand-in)",
    .sets = adhoc_sets,
    .operands = adhoc_operands,
    .prepare = prepare_adhoc,
    .dialect = Dialect::argparse,
};

}  // namespace herder::cli
