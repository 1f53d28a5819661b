// Ways to get a connected socket for an SSH session: TCP, a proxy command, a connection that a jump host makes.
#pragma once

#include <memory>
#include <string>

#include "base/file.hpp"
#include "transport/session.hpp"
#include "transport/ssh_handshake.hpp"

namespace herder::transport {

/// A socket, and what keeps it going.
struct Dialed {
  UniqueFd socket;
  std::shared_ptr<void> below;
  std::shared_ptr<const std::string> complaint;  // the last line that a proxy command wrote to stderr; null without one
};

/// Tries all addresses of the name (of that family), one after the other, each with its share of the time. Errors: unreachable, timeout,
/// cancelled.
Async<Result<Dialed>> dial_tcp(std::string host, int port, AddressFamily family, ConnectProgress& progress, Deadline deadline);

/// Runs the command by /bin/sh in a process group of its own, which is killed when `below` goes. Errors: not_found, limit.
Result<Dialed> dial_command(std::string command);

/// One end of a socket pair whose other end is what `process` reads and writes; `below` ends the process.
Result<Dialed> dial_process(std::unique_ptr<Process> process, std::shared_ptr<void> kept);

}  // namespace herder::transport
