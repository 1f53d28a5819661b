// One connector for all methods: who connects does not care how a host is reached.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "transport/ssh_connector.hpp"

namespace herder::transport {

struct ConnectorSettings {
  SshSettings ssh;
  std::string keeper_socket;  // empty: connections are made in this process and closed with it
};

/// Sends each target to libssh (here or in the keeper), the system's ssh or the local connector, each made when first needed. The
/// settings' stores are shared: give the same to every loop's connector.
std::unique_ptr<Connector> make_connector(ConnectorSettings settings);

}  // namespace herder::transport
