// How `herder lab` talks to the process that runs a lab: a socket in the lab's directory, one line there, an answer back.
//
//   request:  WORD [WORD...] LF              "break web01,web02 slow=200ms garbage"
//   answer:   "ok" LF text, or "error" SP code-number LF what LF help
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "async/loop.hpp"
#include "base/file.hpp"

namespace herder::lab {

/// Answers a request; called on the serving loop, one at a time. May block.
using ControlHandler = std::function<Result<std::string>(const std::vector<std::string>& words)>;

/// The lock that says who runs the lab of a directory. Held as long as this lives, also after a crash of everybody else: the kernel
/// lets go of it when the process ends. The file holds the process's number.
class LabLock {
 public:
  /// Errors: conflict when somebody has it.
  static Result<LabLock> take(const std::string& state_dir);
  /// The process that has it; 0 when nobody has. Waits up to `patience` for it to be free.
  static int holder(const std::string& state_dir, Duration patience = {});

 private:
  explicit LabLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

/// Serves requests until one of them is "stop" or the process gets SIGTERM or SIGINT, which must be blocked in all threads; then
/// calls `end` and answers. A stale socket is replaced. Runs `loop`. Only the same user and root are answered.
Result<> serve_control(async::Loop& loop, const std::string& state_dir, ControlHandler handler, std::function<void()> end);

/// Blocks the signals that serve_control() waits for; before any thread is started.
void block_control_signals();

/// One request, blocking. Errors: not_found when nobody listens, timeout, and what the other side answered.
Result<std::string> ask(const std::string& state_dir, const std::string& request, Duration patience);

// The answer's form, also used by a process that reports how its start went.
std::string format_answer(const Result<std::string>& answer);
Result<std::string> parse_answer(const std::string& text);

}  // namespace herder::lab
