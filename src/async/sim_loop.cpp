#include "async/sim_loop.hpp"

namespace herder::async {

std::unique_ptr<FdWatch> SimLoop::watch(int) {
  HERDER_ASSERT(!"a simulation has no descriptors");
  return nullptr;
}

void SimLoop::run() {
  const Enter enter(this);
  while (!stopped_) {
    ++steps_;
    // Posted work keeps its order, as in the real loop; coroutines that are ready at the same time run in any order.
    const bool work = !posted_.empty();
    for (std::size_t left = posted_.size(); left > 0 && !stopped_; --left) {
      const std::function<void()> next = std::move(posted_.front());
      posted_.pop_front();
      next();
    }
    shuffle_ready([this](std::size_t bound) { return static_cast<std::size_t>(pick(bound)); });
    if (run_ready() || work || !posted_.empty()) continue;
    const TimePoint next = next_timer();
    HERDER_ASSERT(next != TimePoint::never());  // else everybody waits for ever
    if (next > now_) now_ = next;
    fire_timers(now_);
  }
  stopped_ = false;
}

}  // namespace herder::async
