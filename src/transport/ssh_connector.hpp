// Connects to hosts over SSH by libssh.
#pragma once

#include <cstddef>
#include <memory>

#include "transport/known_hosts.hpp"
#include "transport/session.hpp"
#include "transport/ssh_keys.hpp"

namespace herder::transport {

/// What all connectors of a process share, and how fast a connector may start. The defaults suit thousands of hosts.
struct SshSettings {
  std::shared_ptr<KnownHostsStore> known_hosts;  // made when empty; share it between the loops of a process
  std::shared_ptr<SshKeyStore> keys;             // the same
  std::size_t most_dialing = 1024;    // hosts that are being connected to at a time: a bound on descriptors
  std::size_t most_handshakes = 64;   // of them in key exchange and authentication; one that stalls does not count
  std::size_t most_per_jump = 10;     // of them through the same jump host
  double starts_per_second = 0;       // 0: as fast as it goes
  int refused_retries = 3;            // after ECONNREFUSED, within the connect timeout
  int dropped_retries = 20;           // after a close before the banner (MaxStartups), within the connect timeout
};

/// A connector for the loop on which it is used first. Sessions outlive it; connects in flight must not. The program ignores SIGPIPE.
std::unique_ptr<Connector> make_ssh_connector(SshSettings settings);

}  // namespace herder::transport
