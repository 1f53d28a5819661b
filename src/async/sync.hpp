// What coroutines of one loop wait for: an event, a permit, an item. All single-threaded; no locks.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "async/loop.hpp"

namespace herder::async {

/// Waiters in the order in which they came; wake_one() passes over those whose wait ended otherwise.
class WaitQueue {
 public:
  WaitQueue() = default;
  WaitQueue(const WaitQueue&) = delete;
  WaitQueue& operator=(const WaitQueue&) = delete;
  /// Until woken. The result is a value when woken.
  Async<Result<>> wait(Deadline deadline);
  /// False when nobody was there to be woken.
  bool wake_one();
  void wake_all();
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

 private:
  std::deque<Waiter*> waiting_;
};

/// Set once (until reset); waiting on a set event returns at once.
class Event {
 public:
  void set() {
    set_ = true;
    queue_.wake_all();
  }
  void reset() noexcept { set_ = false; }
  [[nodiscard]] bool is_set() const noexcept { return set_; }
  Async<Result<>> wait(Deadline deadline);

 private:
  bool set_ = false;
  WaitQueue queue_;
};

/// At most `permits` holders at a time, served in order of arrival.
class Limiter {
 public:
  explicit Limiter(std::size_t permits) : free_(permits) {}
  Async<Result<>> acquire(Deadline deadline);
  void release();
  [[nodiscard]] std::size_t free() const noexcept { return free_; }

 private:
  std::size_t free_;  // above 0 only while nobody waits
  WaitQueue queue_;
};

/// Releases a permit when it goes.
class Permit {
 public:
  explicit Permit(Limiter& limiter) noexcept : limiter_(&limiter) {}
  Permit(Permit&& other) noexcept : limiter_(std::exchange(other.limiter_, nullptr)) {}
  Permit& operator=(Permit&& other) noexcept {
    std::swap(limiter_, other.limiter_);
    return *this;
  }
  ~Permit() {
    if (limiter_ != nullptr) limiter_->release();
  }

 private:
  Limiter* limiter_;
};

/// Lets things pass at most every `gap`: connection starts per second. Order of arrival.
class Pacer {
 public:
  explicit Pacer(Duration gap) : gap_(gap) {}
  Async<Result<>> pass(Deadline deadline);

 private:
  Duration gap_;
  TimePoint next_{};
};

/// A bounded queue between coroutines of one loop. push() waits while it is full, pop() while it is empty. After close(), push
/// fails with Errc::cancelled and pop() gives what is left, then nothing.
template <class T>
class Channel {
 public:
  explicit Channel(std::size_t capacity) : capacity_(capacity) {}

  Async<Result<>> push(T item, Deadline deadline) {
    while (items_.size() >= capacity_ && !closed_) HERDER_CO_TRY_VOID(co_await space_.wait(deadline));
    if (closed_) co_return fail(Errc::cancelled, "the queue is closed");
    items_.push_back(std::move(item));
    available_.wake_one();
    co_return Result<>{};
  }

  Async<Result<std::optional<T>>> pop(Deadline deadline) {
    while (items_.empty() && !closed_) HERDER_CO_TRY_VOID(co_await available_.wait(deadline));
    if (items_.empty()) co_return std::optional<T>{};
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    space_.wake_one();
    co_return item;
  }

  void close() {
    closed_ = true;
    available_.wake_all();
    space_.wake_all();
  }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] bool closed() const noexcept { return closed_; }

 private:
  std::size_t capacity_;
  std::deque<T> items_;
  bool closed_ = false;
  WaitQueue space_;
  WaitQueue available_;
};

}  // namespace herder::async
