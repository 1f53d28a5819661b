// The user's ssh-agent. libssh talks to an agent by blocking, and once for each host anew; here one connection a loop asks the real
// agent without blocking and lists its keys once. libssh gets a socket whose other end is answered by us, so a worker thread that
// runs libssh's agent code waits for nothing but this loop, and never past the deadline.
// Format: draft-miller-ssh-agent (length-prefixed messages; 11/12 list, 13/14 sign).
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "async/loop.hpp"
#include "async/stream.hpp"
#include "async/sync.hpp"
#include "transport/ssh_link.hpp"

namespace herder::transport {

/// A key that an agent holds.
struct AgentKey {
  std::string blob;
  std::string comment;
};

/// A connection to one agent. One loop; requests queue up.
class SshAgent {
 public:
  explicit SshAgent(std::string socket) : socket_(std::move(socket)) {}
  /// The keys, asked for once. Errors: not_found, denied, io, timeout.
  Async<Result<std::vector<AgentKey>>> keys(Deadline deadline);
  /// One request and its answer, both without their length. Errors: io (the agent hung up, or talks nonsense), timeout, cancelled.
  Async<Result<std::string>> ask(std::string request, Deadline deadline);

 private:
  Async<Result<std::string>> exchange(std::string request, Deadline deadline);

  std::string socket_;
  std::unique_ptr<async::Stream> stream_;
  async::Limiter turn_{1};
  std::vector<AgentKey> keys_;
  bool listed_ = false;
};

/// The agents of a loop, by socket.
class SshAgents {
 public:
  SshAgent& at(const std::string& socket);

 private:
  std::unordered_map<std::string, std::unique_ptr<SshAgent>> agents_;
};

struct AgentRequest {
  std::string socket;
  std::vector<std::string> named;  // public keys (blobs) of the identity files: offered first
  bool only_named = false;         // IdentitiesOnly
  std::string first;               // the comment of a key to begin with
};

struct AgentAnswer {
  int rc = 0;                        // of libssh's ssh_userauth_agent
  std::vector<std::string> offered;  // blobs
  std::string key;                   // comment of the last key that signed
  std::string problem;               // why the agent could not be used at all
};

/// Tries the agent's keys. An agent that cannot be reached is no failure but a `problem`. Errors: timeout, cancelled.
Async<Result<AgentAnswer>> authenticate_by_agent(SshLink& link, SshAgents& agents, AgentRequest request, Deadline deadline);

}  // namespace herder::transport
