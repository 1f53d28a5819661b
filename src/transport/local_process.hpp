// A program on this machine: pipes, a process group of its own, no waiting that blocks. What `local`, ProxyCommand, the system's
// ssh and helper programs are made of.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "async/loop.hpp"
#include "base/file.hpp"
#include "base/signals.hpp"
#include "transport/session.hpp"

namespace herder::transport {

struct Spawn {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH
  std::vector<std::pair<std::string, std::string>> env;  // added to (or replacing in) this process's environment
  std::string chdir;
  bool merge_error_output = false;  // stderr goes where stdout goes
  bool pass_error_output = false;   // stderr is ours
};

/// Starts a program in a new process group. The child has only descriptors 0-2 and default signal handling. When this object goes,
/// the whole group is killed and reaped. Errors of spawning: not_found, denied, limit.
class LocalProcess final : public Process {
 public:
  static Result<std::unique_ptr<LocalProcess>> spawn(const Spawn& how);
  LocalProcess(const LocalProcess&) = delete;
  LocalProcess& operator=(const LocalProcess&) = delete;
  ~LocalProcess() override;

  /// Output ends when both pipes end, or when the program has ended and what it wrote is read: a daemon that it left behind and
  /// that keeps the pipes open does not hold us up.
  Async<Result<Chunk>> read(Deadline deadline) override;
  Async<Result<>> write(std::string_view bytes, Deadline deadline) override;
  Async<Result<>> close_input(Deadline deadline) override;
  Async<Result<Exit>> wait(Deadline deadline) override;
  /// To the whole process group.
  void signal(std::string_view name) override;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  LocalProcess() = default;
  std::optional<Chunk> read_now();
  bool reap();
  void drop(UniqueFd& pipe);

  pid_t pid_ = -1;
  UniqueFd pidfd_;
  UniqueFd in_;
  UniqueFd out_;
  UniqueFd err_;
  UniqueFd poll_;  // an epoll descriptor over out_, err_ and pidfd_: one wait for all three
  std::unique_ptr<async::FdWatch> poll_watch_;
  std::unique_ptr<async::FdWatch> in_watch_;
  std::optional<Exit> exit_;
};

using herder::signal_name;
using herder::signal_number;

}  // namespace herder::transport
