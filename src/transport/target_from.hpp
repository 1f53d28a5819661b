// How a host of the inventory is reached: its variables, the command line, the environment, ansible.cfg and ssh_config become a Target.
//
// Precedence is Ansible's: a variable of the host beats the command line (-u, --private-key ...), that beats the environment
// (ANSIBLE_*), that beats ansible.cfg, and all of them beat ssh_config, because they become options of ssh there. Among ssh options
// the first of a kind counts, in Ansible's order: ssh_args, host key checking, port, key, user, timeout, ssh_common_args,
// ssh_extra_args. ssh_config is asked about the value of ansible_host, not about the inventory's name.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"
#include "transport/connection_options.hpp"
#include "transport/known_hosts.hpp"
#include "transport/ssh_config.hpp"
#include "transport/target.hpp"

namespace herder::transport {

/// What the command line says, and what all hosts of a run share.
struct TargetSettings {
  std::optional<std::string> connection;       // "ssh", "local"
  std::optional<std::string> user;
  std::optional<int> port;
  std::vector<std::string> private_keys;       // "~" is expanded
  std::shared_ptr<const Secret> password;      // for hosts whose inventory has none; null: none
  std::shared_ptr<const Secret> passphrase;    // for encrypted key files; null: none
  std::string ssh_config;                      // -F: instead of the user's and the system's; "none": neither
  bool accept_new = false;                     // unknown host keys are taken and written down
  std::optional<Duration> connect_timeout;     // only when the user gave it
  ConfigLookup ansible_cfg;                    // empty: there is none
  std::shared_ptr<KnownHostsStore> known_hosts;  // to see which hosts only a @cert-authority vouches for; null: made here
  std::optional<LocalFacts> local;             // empty: of this process
  std::string user_config;                     // in place of ~/.ssh/config; for tests
  std::string system_config = "/etc/ssh/ssh_config";
};

/// Makes the targets of a run. make() and target() read small files when they first meet them (ssh_config, known_hosts, key types) and
/// may run Match exec: on worker threads, or before loops are busy. target() may be called from several threads at a time.
/// 10,000 targets took 0.2 s in a dev build on 2 cores; equal credentials and jump hosts are shared.
class TargetMaker {
 public:
  /// Errors: parse, denied (ssh_config), parse (environment, ansible.cfg).
  static Result<std::unique_ptr<TargetMaker>> make(TargetSettings settings);
  ~TargetMaker();
  TargetMaker(const TargetMaker&) = delete;
  TargetMaker& operator=(const TargetMaker&) = delete;

  /// The target of one host. Errors, all with a remedy and the place in the inventory or ssh_config: parse (a setting makes no sense),
  /// unsupported (a connection, template or cipher text that comes later), denied (a name that cannot be one).
  Result<std::shared_ptr<const Target>> target(std::string_view name, const VarLookup& vars);

  /// What users should know, once each however many hosts it concerns: settings without effect.
  std::vector<Error> take_warnings();

 private:
  friend class TargetMaking;
  struct State;
  explicit TargetMaker(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace herder::transport
