// Proves to a server who we are. Tries what is likeliest to be accepted first: sshd answers a refused attempt late on purpose, and
// drops the connection after MaxAuthTries (6) of them. What worked for one host is tried first on the next one with the same credentials.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "async/loop.hpp"
#include "async/sync.hpp"
#include "transport/ssh_agent.hpp"
#include "transport/ssh_keys.hpp"
#include "transport/ssh_link.hpp"

namespace herder::transport {

/// The proofs of one Credentials as far as they are loaded, and what worked last. One loop.
struct SshIdentities {
  std::shared_ptr<const Credentials> credentials;  // keeps the address, under which this is found, in use
  SshKeyStore::Keys keys;
  std::string worked;  // the id of the last successful proof: "publickey /home/u/.ssh/id_ed25519"
  bool loaded = false;
  bool loading = false;
  async::Event ready;
};

/// Loads identities once for each Credentials of a loop.
class SshKeyring {
 public:
  explicit SshKeyring(std::shared_ptr<SshKeyStore> store) : store_(std::move(store)) {}
  Async<Result<SshIdentities*>> identities(std::shared_ptr<const Credentials> credentials, Deadline deadline);
  SshAgents& agents() noexcept { return agents_; }

 private:
  std::shared_ptr<SshKeyStore> store_;
  std::unordered_map<const Credentials*, std::unique_ptr<SshIdentities>> known_;
  SshAgents agents_;
};

/// Authenticates and tells by what ("publickey /home/u/.ssh/id_ed25519"). Errors: denied, listing what was tried and what the server
/// accepts; unreachable when the connection went; timeout, cancelled. `link` and `keyring` outlive the call.
Async<Result<std::string>> authenticate(SshLink& link, std::shared_ptr<const Target> target, SshKeyring& keyring, Deadline deadline);

}  // namespace herder::transport
