// A command that a light host runs: with pipes, or with a pseudo-terminal, in a process group of its own. Only what the SSH server
// needs; everything here is non-blocking and belongs to one loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "async/loop.hpp"
#include "base/file.hpp"

namespace herder::lab {

struct Pty {
  std::string term;
  int columns = 80;
  int rows = 24;
};

struct Launch {
  std::vector<std::string> argv;         // argv[0] is a path
  std::string name;                      // shown as argv[0] when not empty: "-sh" for a login shell
  std::vector<std::string> environment;  // all of it, "NAME=value"
  std::string directory;
  std::optional<Pty> pty;
};

class HostProcess {
 public:
  /// Errors: io, limit (too many descriptors or processes), not_found.
  static Result<std::unique_ptr<HostProcess>> start(Launch launch);
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;
  /// Must have ended: call end() first (asserted by reaping).
  ~HostProcess();

  enum class Pipe : std::uint8_t { in, out, err, exit };

  /// Reads what is there. Nothing when it would block; an empty string at the end, after which the pipe is closed.
  std::optional<std::string> read(Pipe pipe, std::size_t most);
  /// Bytes taken; all of them when nobody reads any more.
  std::size_t write(std::string_view bytes);
  /// A terminal has no end of input: there this only stops the writing, as with OpenSSH's server.
  void close_input();
  [[nodiscard]] bool open(Pipe pipe) const noexcept;
  [[nodiscard]] bool has_pty() const noexcept { return pty_; }

  /// Whether ready() wakes for this pipe; out, err and exit at first.
  void watch(Pipe pipe, bool on);
  /// Until one of the watched pipes can be used.
  Async<Result<>> ready(Deadline deadline);

  /// waitpid()'s status once it has ended, else nothing.
  std::optional<int> status();
  void resize(int columns, int rows);
  /// To the process group, or to the terminal's foreground group.
  void signal(int number);
  /// Ends what still runs: SIGHUP to the group and, 300 ms later, SIGKILL. Nothing when the command has ended before: what it
  /// left in the background stays, as with any SSH server.
  Async<void> end();

 private:
  HostProcess() = default;
  UniqueFd& fd_of(Pipe pipe) noexcept;
  void drop(Pipe pipe);

  pid_t pid_ = -1;
  bool pty_ = false;
  std::optional<int> status_;
  UniqueFd in_;
  UniqueFd out_;
  UniqueFd err_;
  UniqueFd exit_;   // pidfd
  UniqueFd epoll_;  // over the four above: one wait for all
  unsigned watched_ = 0;
  std::unique_ptr<async::FdWatch> watch_;
};

}  // namespace herder::lab
