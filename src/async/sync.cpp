#include "async/sync.hpp"

#include <algorithm>

namespace herder::async {

Async<Result<>> WaitQueue::wait(Deadline deadline) {
  Waiter waiter(std::move(deadline));
  waiting_.push_back(&waiter);
  const Result<> ended = co_await waiter;
  if (!ended) std::erase(waiting_, &waiter);
  co_return ended;
}

bool WaitQueue::wake_one() {
  while (!waiting_.empty()) {
    Waiter* waiter = waiting_.front();
    waiting_.pop_front();
    if (waiter->outcome() != Waiter::Outcome::pending) continue;  // it timed out and has not run yet
    waiter->notify();
    return true;
  }
  return false;
}

void WaitQueue::wake_all() {
  while (!waiting_.empty()) {
    waiting_.front()->notify();
    waiting_.pop_front();
  }
}

Async<Result<>> Event::wait(Deadline deadline) {
  if (set_) co_return deadline.check();
  co_return co_await queue_.wait(std::move(deadline));
}

Async<Result<>> Limiter::acquire(Deadline deadline) {
  HERDER_CO_TRY_VOID(deadline.check());
  if (free_ > 0) {
    --free_;
    co_return Result<>{};
  }
  co_return co_await queue_.wait(std::move(deadline));  // release() hands its permit over
}

void Limiter::release() {
  if (!queue_.wake_one()) ++free_;
}

Async<Result<>> Pacer::pass(Deadline deadline) {
  const TimePoint now = Loop::current().now();
  const TimePoint mine = std::max(now, next_);
  next_ = mine + gap_;
  if (mine > now) HERDER_CO_TRY_VOID(co_await sleep_for(mine - now, std::move(deadline)));
  co_return Result<>{};
}

}  // namespace herder::async
