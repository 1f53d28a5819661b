// The order of things for one host: which connection; the options that Ansible would give to ssh; what ssh_config says under them;
// the way there (jump hosts or a command); whether libssh can do all that.
#include "transport/target_from.hpp"

#include <algorithm>
#include <array>

#include <unistd.h>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "transport/ssh_args.hpp"
#include "transport/ssh_expand.hpp"
#include "transport/ssh_reasons.hpp"
#include "transport/target_fill.hpp"
#include "transport/target_share.hpp"

namespace herder::transport {
namespace {

constexpr std::size_t most_jumps = 8;
constexpr std::int64_t longest_timeout_s = 86400;

enum class Kind : std::uint8_t { ssh, system_ssh, local };

Result<Kind> kind_of(const SettingText& setting) {
  std::string_view name = setting.text;
  for (const std::string_view prefix : {"ansible.builtin.", "ansible.legacy.", "community.general.", "ansible.netcommon."})
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  if (name == "ssh" || name == "smart" || name == "paramiko" || name == "paramiko_ssh" || name == "libssh") return Kind::ssh;
  if (name == "system_ssh") return Kind::system_ssh;
  if (name == "local") return Kind::local;
  return std::unexpected(error(Errc::unsupported, "connection '{}' comes later", text::printable(setting.text))
                             .at(setting.where)
                             .hint("ssh, local and system_ssh (the system's ssh program) work now"));
}

std::vector<std::string> environment_names() {
  std::vector<std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    out.emplace_back(text.substr(0, text.find('=')));
  }
  std::ranges::sort(out);
  return out;
}

/// An option that a setting stands for: "port" "2222", from ansible_port.
Directive option(Key key, std::string value, std::string from) {
  return {.key = key, .keyword = std::string(keyword_name(key)), .args = {std::move(value)}, .file = std::move(from)};
}

}  // namespace

struct TargetMaker::State {
  TargetSettings settings;
  FillContext fill;
  std::shared_ptr<const SshConfig> config;
  TargetShare share;
  std::array<std::optional<SettingText>, static_cast<std::size_t>(Setting::count)> surroundings;  // environment, ansible.cfg

  [[nodiscard]] const std::optional<SettingText>& around(Setting setting) const { return surroundings[static_cast<std::size_t>(setting)]; }
};

/// Makes one target.
class TargetMaking {
 public:
  TargetMaking(TargetMaker::State& state, std::string_view name, const VarLookup& vars) : state_(state), name_(name), vars_(vars) {}

  Result<std::shared_ptr<const Target>> run() {
    HERDER_TRY(const Kind kind, connection());
    auto target = std::make_shared<Target>();
    target->name = name_;
    if (kind == Kind::local) {
      target->method = Method::local;
      target->address = "localhost";
      target->user = state_.fill.local.user;
      return target;
    }
    HERDER_TRY(const std::optional<SettingText> given, setting(Setting::host));
    const std::string host = given ? given->text : name_;
    HERDER_TRY_VOID(collect_options());
    HERDER_TRY(const HostSettings settings, config_->resolve(host, options_), "{}", given ? given->from : "the host's name");
    HERDER_TRY(const Secret* const password, take_password());
    HERDER_TRY_VOID(fill_target(*target, settings, password, state_.fill, state_.share));
    if (target->system_ssh_reason.empty() && kind == Kind::system_ssh) target->system_ssh_reason = "connection system_ssh is asked for";
    if (settings.find(Key::connect_timeout) != nullptr && settings.find(Key::connect_timeout)->file == exact_timeout_from_)
      target->connect_timeout = *state_.settings.connect_timeout;
    HERDER_TRY_VOID(way_to(*target, settings, target->jumps, {}));
    tell(settings);
    if (!target->system_ssh_reason.empty()) to_system_ssh(*target, host);
    return target;
  }

 private:
  using Jumps = std::vector<std::shared_ptr<const Target>>;

  /// The variable, else the surroundings.
  Result<std::optional<SettingText>> setting(Setting which) {
    HERDER_TRY(std::optional<SettingText> found, setting_from_vars(which, vars_));
    return found ? found : state_.around(which);
  }

  Result<Kind> connection() {
    HERDER_TRY(const std::optional<SettingText> variable, setting_from_vars(Setting::connection, vars_));
    if (variable) return kind_of(*variable);
    if (state_.settings.connection) return kind_of({.text = *state_.settings.connection, .from = "--connection"});
    const auto& around = state_.around(Setting::connection);
    return around ? kind_of(*around) : Kind::ssh;
  }

  Result<> collect_options() {
    HERDER_TRY_VOID(take_args(Setting::ssh_args));
    HERDER_TRY(const auto checking, setting(Setting::host_key_checking));
    if (checking) {
      HERDER_TRY(const bool check, to_truth(*checking));
      if (!check) options_.push_back(option(Key::strict_host_key, "no", checking->from));
    }
    HERDER_TRY_VOID(take_port());
    HERDER_TRY_VOID(take_keys());
    HERDER_TRY_VOID(take_user());
    HERDER_TRY_VOID(take_timeout());
    HERDER_TRY_VOID(take_args(Setting::ssh_common_args));
    HERDER_TRY_VOID(take_args(Setting::ssh_extra_args));
    HERDER_TRY(const auto provider, setting(Setting::pkcs11_provider));
    if (provider && !provider->text.empty()) options_.push_back(option(Key::pkcs11_provider, provider->text, provider->from));
    config_ = state_.config;
    if (!config_path_.empty()) {
      HERDER_TRY(config_, state_.share.config(config_path_, state_.fill.local), "ssh option -F");
    }
    return {};
  }

  Result<> take_args(Setting which) {
    HERDER_TRY(const auto given, setting(which));
    if (!given || given->text.empty()) return {};
    auto parsed = state_.share.args(given->text, given->from);
    if (!parsed) {
      if (parsed.error().where.file.empty()) parsed.error().where = given->where;
      return std::unexpected(std::move(parsed).error());
    }
    const SshArgs& args = **parsed;
    if (!args.others.empty()) return std::unexpected(error(Errc::parse, "'{}' in {} is no option of ssh", text::printable(args.others[0]), given->from).at(given->where));
    options_.insert(options_.end(), args.options.begin(), args.options.end());
    if (args.config) config_path_ = *args.config;
    for (const std::string& aside : args.left_aside) {
      state_.share.warn(error(Errc::unsupported, "ssh option {} in {} has no effect: herder has no equivalent", text::printable(aside), given->from)
                            .at(given->where)
                            .hint("ansible_connection=system_ssh gives such hosts to the system's ssh"));
    }
    return {};
  }

  Result<> take_port() {
    HERDER_TRY(auto port, setting_from_vars(Setting::port, vars_));
    if (!port && state_.settings.port) port = SettingText{.text = std::to_string(*state_.settings.port), .from = "--port"};
    if (!port) port = state_.around(Setting::port);
    if (!port || port->text.empty()) return {};
    HERDER_TRY(const std::int64_t number, to_number(*port, 1, 65535));
    options_.push_back(option(Key::port, std::to_string(number), port->from));
    return {};
  }

  Result<> take_keys() {
    HERDER_TRY(const auto content, setting(Setting::private_key));
    if (content && !content->text.empty()) {
      return std::unexpected(error(Errc::unsupported, "{}: keys as text come later", content->from).at(content->where).hint("put the key into a file and name it in ansible_ssh_private_key_file"));
    }
    HERDER_TRY(const auto variable, setting_from_vars(Setting::private_key_file, vars_));
    const auto& around = state_.around(Setting::private_key_file);
    if (variable) {
      if (!variable->text.empty()) options_.push_back(option(Key::identity_file, expand_user(variable->text), variable->from));
    } else if (!state_.settings.private_keys.empty()) {
      for (const std::string& path : state_.settings.private_keys) options_.push_back(option(Key::identity_file, expand_user(path), "--private-key"));
    } else if (around) {
      options_.push_back(option(Key::identity_file, expand_user(around->text), around->from));
    }
    return {};
  }

  Result<> take_user() {
    HERDER_TRY(auto user, setting_from_vars(Setting::user, vars_));
    if (!user && state_.settings.user) user = SettingText{.text = *state_.settings.user, .from = "--user"};
    if (!user) user = state_.around(Setting::user);
    if (user && !user->text.empty()) options_.push_back(option(Key::user, user->text, user->from));
    return {};
  }

  Result<> take_timeout() {
    HERDER_TRY(auto timeout, setting_from_vars(Setting::timeout, vars_));
    if (!timeout && state_.settings.connect_timeout) {
      exact_timeout_from_ = "--connect-timeout";
      const auto whole = std::chrono::ceil<std::chrono::seconds>(*state_.settings.connect_timeout).count();
      options_.push_back(option(Key::connect_timeout, std::to_string(std::max<std::int64_t>(1, whole)), exact_timeout_from_));
      return {};
    }
    if (!timeout) timeout = state_.around(Setting::timeout);
    if (!timeout || timeout->text.empty()) return {};
    HERDER_TRY(const std::int64_t seconds, to_number(*timeout, 1, longest_timeout_s));
    options_.push_back(option(Key::connect_timeout, std::to_string(seconds), timeout->from));
    return {};
  }

  /// The inventory's password, else the run's; null for none.
  Result<const Secret*> take_password() {
    HERDER_TRY(std::optional<SettingText> variable, setting_from_vars(Setting::password, vars_));
    if (!variable || variable->text.empty()) return state_.settings.password.get();
    own_password_ = Secret(variable->text);
    wipe(variable->text);
    redactor().add(own_password_);
    return &own_password_;
  }

  /// Jump hosts, or the command of a proxy, on the way to `target`. `behind` are the destinations already on this way.
  Result<> way_to(Target& target, const HostSettings& settings, Jumps& jumps, std::vector<std::string> behind) {
    behind.push_back(fmt::format("{}@{}:{}", settings.user, settings.host_name, settings.port));
    if (const Directive* line = settings.find(Key::proxy_jump)) {
      HERDER_TRY(const std::string text, settings.expand_proxy(line->rest, *line));
      HERDER_TRY(auto hops, parse_jumps(text), "{}", line->place());
      if (hops.empty()) return {};
      const Destination last = hops.back();
      hops.pop_back();
      return jump_over(target, last, hops, {}, config_, *line, jumps, std::move(behind));
    }
    const Directive* line = settings.find(Key::proxy_command);
    if (line == nullptr || text::lower(line->rest) == "none") return {};
    if (auto plain = as_jump(line->rest, line->place())) {
      std::shared_ptr<const SshConfig> config = state_.config;
      if (plain->args.config) {
        HERDER_TRY(config, state_.share.config(*plain->args.config, state_.fill.local), "{}", line->place());
      }
      return jump_over(target, plain->host, {}, plain->args.options, config, *line, jumps, std::move(behind));
    }
    HERDER_TRY(target.proxy_command, settings.expand_proxy(line->rest, *line));
    return {};
  }

  /// Adds the hop `last` and what leads to it: `before`, or else what ssh_config says of it.
  Result<> jump_over(Target& target, const Destination& last, const std::vector<Destination>& before, std::vector<Directive> options,
                     const std::shared_ptr<const SshConfig>& config, const Directive& because, Jumps& jumps, std::vector<std::string> behind) {
    const std::string place = because.place();
    if (last.port != 0) options.push_back(option(Key::port, std::to_string(last.port), place));
    if (!last.user.empty()) options.push_back(option(Key::user, last.user, place));
    if (!before.empty()) {
      Directive more = option(Key::proxy_jump, "", place);
      for (const Destination& hop : before) {
        const bool brackets = hop.host.contains(':');
        more.rest += (more.rest.empty() ? "" : ",") + (hop.user.empty() ? "" : hop.user + "@") + (brackets ? "[" + hop.host + "]" : hop.host) +
                     (hop.port != 0 ? ":" + std::to_string(hop.port) : "");
      }
      more.args = {more.rest};
      options.push_back(std::move(more));
    }
    HERDER_TRY(const HostSettings settings, config->resolve(last.host, options), "jump host {} ({})", text::printable(last.host), place);
    const std::string self = fmt::format("{}@{}:{}", settings.user, settings.host_name, settings.port);
    if (std::ranges::find(behind, self) != behind.end() || behind.size() > most_jumps) {
      return std::unexpected(error(Errc::parse, "the way over jump hosts leads back to {} ({})", text::printable(self), place)
                                 .at(because.where())
                                 .hint("exempt the jump host from its own rule: 'Host " + text::printable(last.host) + "' with 'ProxyJump none' before it"));
    }
    Target hop;
    hop.name = last.host;
    HERDER_TRY_VOID(fill_target(hop, settings, nullptr, state_.fill, state_.share), "jump host {}", text::printable(last.host));
    Jumps leading;
    HERDER_TRY_VOID(way_to(hop, settings, leading, std::move(behind)));
    if (hop.method == Method::system_ssh && target.system_ssh_reason.empty())
      target.system_ssh_reason = "jump host " + text::printable(last.host) + ": " + hop.system_ssh_reason;
    jumps = std::move(leading);
    jumps.push_back(state_.share.jump(std::move(hop)));
    return {};
  }

  /// The system's ssh reads ssh_config by itself; it is told what beats it.
  void to_system_ssh(Target& target, const std::string& host) {
    target.method = Method::system_ssh;
    target.address = host;
    const std::string& config = !config_path_.empty() ? config_path_ : state_.settings.ssh_config;
    if (!config.empty()) target.system_ssh_options = {"-F", config};
    for (const Directive& one : options_) {
      target.system_ssh_options.emplace_back("-o");
      target.system_ssh_options.push_back(option_text(one));
    }
    if (state_.settings.accept_new) {
      target.system_ssh_options.emplace_back("-o");
      target.system_ssh_options.emplace_back("StrictHostKeyChecking accept-new");
    }
    log::info("ssh.system_ssh", {{"host", name_}, {"reason", target.system_ssh_reason}});
  }

  void tell(const HostSettings& settings) {
    for (const std::string& what : without_effect(settings)) log::info("ssh.without_effect", {{"host", name_}, {"setting", what}});
    for (const Directive& one : options_)
      if ((one.key == Key::forward_agent || one.key == Key::forward_x11) && is_yes(one.args[0]))
        state_.share.warn(error(Errc::unsupported, "{} in {} has no effect: herder forwards neither agent nor X11", one.keyword, one.place())
                              .hint("use ProxyJump to reach hosts behind a bastion; it needs no agent there"));
    warn_of(Setting::retries, "use --retries");
    const auto program = setting(Setting::ssh_executable);
    if (program && *program && (*program)->text != "ssh" && !(*program)->text.ends_with("/ssh")) warn_of(Setting::ssh_executable, "ansible_connection=system_ssh runs the ssh found in PATH");
  }

  void warn_of(Setting which, const std::string& help) {
    const auto given = setting(which);
    if (!given || !*given || (*given)->text.empty() || (*given)->text == "0") return;
    state_.share.warn(error(Errc::unsupported, "{} has no effect here", (*given)->from).at((*given)->where).hint(help));
  }

  TargetMaker::State& state_;
  std::string name_;
  const VarLookup& vars_;
  std::vector<Directive> options_;
  std::string config_path_;  // -F among the host's ssh arguments
  std::shared_ptr<const SshConfig> config_;
  std::string exact_timeout_from_ = "-";
  Secret own_password_;
};

TargetMaker::TargetMaker(std::unique_ptr<State> state) : state_(std::move(state)) {}
TargetMaker::~TargetMaker() = default;

Result<std::unique_ptr<TargetMaker>> TargetMaker::make(TargetSettings settings) {
  auto state = std::make_unique<State>();
  state->settings = std::move(settings);
  TargetSettings& given = state->settings;
  FillContext& fill = state->fill;
  fill.local = given.local ? *given.local : LocalFacts::of_this_process();
  const char* socket = std::getenv("SSH_AUTH_SOCK");
  if (socket != nullptr) fill.agent_socket = socket;
  fill.accept_new = given.accept_new;
  fill.kerberos_ticket = kerberos_ticket_exists();
  fill.known_hosts = given.known_hosts ? given.known_hosts : std::make_shared<KnownHostsStore>();
  fill.passphrase = given.passphrase;
  fill.variable_names = environment_names();
  for (std::size_t i = 0; i < state->surroundings.size(); ++i)
    state->surroundings[i] = setting_from_surroundings(static_cast<Setting>(i), given.ansible_cfg);
  if (!given.ssh_config.empty()) {
    given.ssh_config = expand_user(given.ssh_config);
    HERDER_TRY(state->config, state->share.config(given.ssh_config, fill.local), "--ssh-config");
  } else {
    const std::string user_file = given.user_config.empty() ? fill.local.home + "/.ssh/config" : given.user_config;
    HERDER_TRY(state->config, SshConfig::load({.user_file = user_file, .system_file = given.system_config, .home = fill.local.home}, fill.local));
  }
  return std::unique_ptr<TargetMaker>(new TargetMaker(std::move(state)));
}

Result<std::shared_ptr<const Target>> TargetMaker::target(std::string_view name, const VarLookup& vars) {
  auto made = TargetMaking(*state_, name, vars).run();
  if (!made) return std::unexpected(with_via(std::move(made).error(), "host {}", text::printable(name)));
  return made;
}

std::vector<Error> TargetMaker::take_warnings() { return state_->share.take_warnings(); }

}  // namespace herder::transport
