// What a reached host can do, whatever reaches it: libssh, the system's ssh, this machine, the keeper, the simulator.
// Sessions and processes live on the loop on which they were made.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/async.hpp"
#include "async/deadline.hpp"
#include "transport/target.hpp"

namespace herder::transport {

struct Command {
  std::string line;       // for the login shell of the user over there; by `local`, for /bin/sh -c
  std::string subsystem;  // instead of a line: "sftp"
  std::vector<std::pair<std::string, std::string>> env;  // asked for by name; servers may refuse (AcceptEnv)
  bool pty = false;       // a pseudo-terminal: stdout and stderr become one, signals reach the foreground job
};

enum class Source : std::uint8_t { out, err };

/// A piece of output, 1 to 256 KiB; or the end of both streams (`end`).
struct Chunk {
  Source source = Source::out;
  bool end = false;
  std::string bytes;
};

/// How a command ended: a code, or the signal that killed it ("TERM").
struct Exit {
  std::optional<int> code;
  std::string signal;
};

/// A command that runs. Destroying it ends it: its channel is closed, a local process group is killed.
class Process {
 public:
  virtual ~Process() = default;
  /// The next output. Not reading holds the other side back (flow control). Errors: unreachable (connection lost), timeout, cancelled.
  virtual Async<Result<Chunk>> read(Deadline deadline) = 0;
  /// To its standard input; waits while it does not take it. `bytes` must live until done. Errors also: io (it closed its input).
  virtual Async<Result<>> write(std::string_view bytes, Deadline deadline) = 0;
  virtual Async<Result<>> close_input(Deadline deadline) = 0;
  /// After the end of output: how it ended. Errors: unreachable when the connection went before the answer came.
  virtual Async<Result<Exit>> wait(Deadline deadline) = 0;
  /// Asks for a signal ("TERM", "KILL", "INT") to be sent to it, as far as the other side can do that. Does not wait.
  virtual void signal(std::string_view name) = 0;
};

class Session {
 public:
  virtual ~Session() = default;
  /// Starts a command; many may run at a time. Errors: unreachable, denied (refused by the server), limit (no more channels).
  virtual Async<Result<std::unique_ptr<Process>>> start(Command command, Deadline deadline) = 0;
  /// False once the connection is known to be lost.
  [[nodiscard]] virtual bool alive() const = 0;
  /// For -v and `doctor`: "libssh, curve25519-sha256, aes128-gcm, ssh-ed25519, publickey /home/u/.ssh/id_ed25519".
  [[nodiscard]] virtual std::string describe() const = 0;
  /// Closes in an orderly way, bounded by `deadline`. Destroying a session without this just drops it.
  virtual Async<void> close(Deadline deadline) = 0;
};

/// Makes sessions. One per loop.
class Connector {
 public:
  virtual ~Connector() = default;
  /// Connects and authenticates. Errors: unreachable, timeout, denied (credentials or host key refused), cancelled; the text says
  /// which step failed and what to do.
  virtual Async<Result<std::shared_ptr<Session>>> connect(std::shared_ptr<const Target> target, Deadline deadline) = 0;
  /// Ends what runs in the background (keepalives, pooled connections). To be awaited before destruction; sessions must be gone.
  virtual Async<void> close() { co_return; }
};

}  // namespace herder::transport
