// From a connected socket to a verified host: banner, key exchange, host key.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "transport/known_hosts.hpp"
#include "transport/ssh_link.hpp"
#include "transport/target.hpp"

namespace herder::transport {

/// How far a connect came: for what is said about a timeout, and whether another try makes sense.
struct ConnectProgress {
  const char* phase = "connecting";
  bool refused = false;  // ECONNREFUSED
  bool dropped = false;  // the server closed before its banner
  bool through_proxy = false;  // or what is between us and it
};

/// Exchanges banners and keys. When the server's banner is there, one of `slots` is taken: it goes back when the link's owner calls
/// release_slot() or the server keeps silent for long. At most 64 KiB are read in search of a banner.
/// Errors: unreachable, timeout, cancelled.
Async<Result<>> exchange_keys(SshLink& link, async::Limiter& slots, ConnectProgress& progress, Deadline deadline);

/// Compares the host's key with known_hosts as the target's policy says. Errors: denied, with the line to look at and the remedy.
Async<Result<>> check_host_key(SshLink& link, const Target& target, std::shared_ptr<KnownHosts> known);

/// The name and port under which known_hosts lists a target.
struct KnownName {
  std::string host;
  int port = 0;
};
KnownName known_name(const Target& target);

}  // namespace herder::transport
