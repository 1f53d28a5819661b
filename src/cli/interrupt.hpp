// Ctrl-C and SIGTERM for commands that run on a fleet.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "async/scope.hpp"

namespace herder::cli {

/// While this lives, the first SIGINT, SIGTERM or SIGHUP calls `stop` (with a reason for people) on the loop where it was made; the
/// second ends the process at once with exit code 130. One at a time in a process.
class InterruptGuard {
 public:
  explicit InterruptGuard(std::function<void(const std::string& reason)> stop);
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  ~InterruptGuard();

  /// To be awaited before destruction.
  Async<void> end();

 private:
  Async<void> wait(Deadline deadline);

  std::function<void(const std::string&)> stop_;
  async::Scope scope_;
};

}  // namespace herder::cli
