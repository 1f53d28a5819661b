// Wakes a coroutine that waits for something else, to look at what has changed.
#pragma once

#include <memory>

#include "async/loop.hpp"

namespace herder::lab {

/// A wait under deadline() ends with Errc::cancelled when kick() is called; a kick before the wait is not lost. Who waits calls
/// clear() before it looks around. One loop.
class Kick {
 public:
  void kick() { async::cancel(*state_, "kicked"); }
  void clear() noexcept { state_->cancelled = false; }
  [[nodiscard]] Deadline deadline(TimePoint moment = TimePoint::never()) const { return Deadline::at(moment).with_token(state_); }
  /// Sleeps until kicked, or until the moment.
  Async<void> park(TimePoint moment = TimePoint::never()) {
    async::Waiter waiter(deadline(moment));
    co_await waiter;
    clear();
  }

 private:
  std::shared_ptr<async::CancelState> state_ = std::make_shared<async::CancelState>();
};

/// Goes on after everything else that is ready has run: `co_await NextTurn{}`.
struct NextTurn {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) const { async::Loop::current().resume_later(waiting); }
  void await_resume() const noexcept {}
};

}  // namespace herder::lab
