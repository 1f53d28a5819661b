// From the settings of one ssh destination to the fields of a Target. Part of target_from.hpp; used for hosts and for jump hosts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/known_hosts.hpp"
#include "transport/ssh_config.hpp"
#include "transport/target_share.hpp"

namespace herder::transport {

/// What is the same for all targets of a run.
struct FillContext {
  LocalFacts local;
  std::string agent_socket;        // SSH_AUTH_SOCK
  bool accept_new = false;
  bool kerberos_ticket = false;
  std::shared_ptr<KnownHostsStore> known_hosts;
  std::shared_ptr<const Secret> passphrase;
  std::vector<std::string> variable_names;  // of this process's environment, for SendEnv patterns
};

/// Fills everything but name, jumps and proxy_command. `password` may be null. When libssh will not do, method and reason are set.
/// Errors: parse (a token or variable in a path), with its place.
Result<> fill_target(Target& target, const HostSettings& host, const Secret* password, const FillContext& context, TargetShare& share);

}  // namespace herder::transport
