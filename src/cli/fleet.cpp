#include "cli/fleet.hpp"

#include "base/log.hpp"
#include "cli/secrets.hpp"
#include "inventory/loader.hpp"
#include "inventory/pattern.hpp"
#include "transport/ansible_cfg.hpp"
#include "transport/target_from.hpp"

namespace herder::cli {
namespace {

Result<transport::TargetSettings> settings_from(const ConnectionArgs& args) {
  transport::TargetSettings out;
  out.connection = args.connection;
  out.user = args.user;
  out.port = args.port;
  out.private_keys = args.private_keys;
  out.ssh_config = args.ssh_config;
  out.accept_new = args.accept_new;
  if (args.connect_timeout_given) out.connect_timeout = args.connect_timeout;
  HERDER_TRY(out.password, password_from(args.ask_pass, args.password_file, "SSH password: "));
  return out;
}

/// Variables of a host, the first failure kept: a file of variables that cannot be read concerns every host that it is for.
class HostVars {
 public:
  HostVars(const inventory::Inventory& all, inventory::HostId host, const ConnectionArgs& args) : all_(&all), host_(host), args_(&args) {}
  Value operator()(std::string_view name) {
    if (const Value* over = args_->over_vars.find(name)) return *over;
    auto found = all_->host_var(host_, name);
    if (found) return *found ? **found : args_->under_vars.get(name);
    if (!failure_) failure_ = found.error();
    return {};
  }
  [[nodiscard]] const std::optional<Error>& failure() const noexcept { return failure_; }

 private:
  const inventory::Inventory* all_;
  inventory::HostId host_;
  const ConnectionArgs* args_;
  std::optional<Error> failure_;
};

/// The remedy: the warnings name near hosts and groups.
std::string nothing_matches(const inventory::Inventory& all, const InventoryArgs& args, const std::vector<Error>& warnings) {
  if (all.host_count() == 0 && args.sources.empty()) return "name an inventory with -i FILE, or with HERDER_INVENTORY";
  for (const Error& warning : warnings)
    if (!warning.help.empty()) return warning.help;
  return "'herder inventory graph' shows the groups and hosts";
}

void append(std::vector<Error>& to, std::vector<Error> more) {
  for (Error& one : more) to.push_back(std::move(one));
}

}  // namespace

Result<Fleet> choose_fleet(const std::string& pattern, const InventoryArgs& args, const ConnectionArgs& connection) {
  Fleet out;
  HERDER_TRY(const std::vector<std::string> sources, inventory_sources(args));
  HERDER_TRY(inventory::Loaded loaded, inventory::load(sources));
  append(out.warnings, std::move(loaded.warnings));
  const inventory::Inventory& all = *loaded.inventory;
  const std::vector<std::string> limits = args.limit.empty() ? std::vector<std::string>{} : std::vector{args.limit};
  HERDER_TRY(inventory::Selection chosen, inventory::select(all, pattern, {.limits = limits}));
  append(out.warnings, std::move(chosen.warnings));
  if (chosen.hosts.empty())
    return std::unexpected(error(Errc::usage, "no host matches '{}'{}", pattern, args.limit.empty() ? "" : " within --limit")
                               .hint(nothing_matches(all, args, out.warnings)));
  HERDER_TRY(transport::TargetSettings settings, settings_from(connection));
  HERDER_TRY(const transport::AnsibleConfig config, transport::AnsibleConfig::find());
  settings.ansible_cfg = config.lookup();
  if (config.warning()) out.warnings.push_back(*config.warning());
  HERDER_TRY(const std::unique_ptr<transport::TargetMaker> maker, transport::TargetMaker::make(settings));
  for (const inventory::HostId host : chosen.hosts) {
    engine::ExecHost entry{.name = std::string(all.name(host)), .target = {}, .unusable = {}};
    HostVars vars(all, host, connection);
    auto target = maker->target(entry.name, [&vars](std::string_view name) { return vars(name); });
    if (vars.failure()) entry.unusable = vars.failure();
    else if (!target) entry.unusable = std::move(target).error();
    else entry.target = *std::move(target);
    out.hosts.push_back(std::move(entry));
  }
  append(out.warnings, maker->take_warnings());
  append(out.warnings, all.take_warnings());
  return out;
}

}  // namespace herder::cli
