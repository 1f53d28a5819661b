// The loop: one thread that resumes coroutines, fires timers and watches descriptors. Asio is behind make_loop(); the simulator
// has a loop of its own on a virtual clock (sim_loop.hpp). Everything here is for the loop's own thread unless it says otherwise.
#pragma once

#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "async/async.hpp"
#include "async/deadline.hpp"

namespace herder::async {

class Loop;

enum class Interest : std::uint8_t { read = 1, write = 2, both = 3 };

/// Something that waits with a deadline and a cancel token: the one building block of all waits. Lives in a coroutine frame; pinned.
/// Exactly one of notify(), timer and cancellation ends a wait; the coroutine is resumed from the loop's queue, never inline.
class Waiter {
 public:
  enum class Outcome : std::uint8_t { pending, ready, timeout, cancelled };

  explicit Waiter(Deadline deadline) : deadline_(std::move(deadline)) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter();

  /// The awaited thing happened. Nothing when the wait ended otherwise before; before the wait began it will not sleep.
  void notify();
  /// True while a coroutine sleeps on this.
  [[nodiscard]] bool pending() const noexcept { return outcome_ == Outcome::pending && handle_ != nullptr; }
  [[nodiscard]] Outcome outcome() const noexcept { return outcome_; }
  /// ready: a value; else timeout or cancelled with the reason.
  [[nodiscard]] Result<> result() const;

  // Awaitable: `co_await waiter` sleeps until one of the three.
  [[nodiscard]] bool await_ready() const noexcept { return outcome_ != Outcome::pending; }
  bool await_suspend(std::coroutine_handle<> waiting) { return start(waiting); }
  Result<> await_resume() const { return result(); }

 private:
  friend class Loop;
  friend void cancel(CancelState& state, const std::string& reason);
  bool start(std::coroutine_handle<> waiting);
  void finish(Outcome outcome);
  void unlink_token();

  Deadline deadline_;
  std::coroutine_handle<> handle_;
  Outcome outcome_ = Outcome::pending;
  Loop* loop_ = nullptr;
  std::size_t heap_index_ = SIZE_MAX;  // place in the loop's timer heap
  TimePoint fires_{};
  std::uint64_t sequence_ = 0;         // equal moments fire in order of arming
  Waiter* next_ = nullptr;             // neighbours under the same cancel token
  Waiter* previous_ = nullptr;
};

/// Watches one descriptor, which it does not own and which must stay open while this lives. One wait at a time.
class FdWatch {
 public:
  virtual ~FdWatch() = default;
  /// Until the descriptor is readable, writable, has an error or hung up. Level-triggered: data that is there already counts.
  virtual Async<Result<>> ready(Interest interest, Deadline deadline) = 0;
};

class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  virtual ~Loop();

  /// The loop whose thread this is. Asserts that there is one.
  static Loop& current();
  static Loop* current_or_null() noexcept;

  [[nodiscard]] virtual TimePoint now() const = 0;
  /// Runs `work` on this loop's thread soon. Any thread.
  virtual void post(std::function<void()> work) = 0;
  virtual std::unique_ptr<FdWatch> watch(int fd) = 0;
  /// Runs until stop().
  virtual void run() = 0;
  /// Makes run() return soon. Any thread.
  virtual void stop() = 0;

  /// Resumes `handle` from run(), after what is queued already.
  void resume_later(std::coroutine_handle<> handle) { ready_.push_back(handle); }
  /// Starts a coroutine that nobody awaits; it owns itself. Prefer Scope::spawn.
  static void start(Async<void> work);

 protected:
  /// Resumes everything that is queued now (not what gets queued meanwhile). True when there was something.
  bool run_ready();
  /// Fires all timers due at `now`. True when there was one.
  bool fire_timers(TimePoint now);
  [[nodiscard]] TimePoint next_timer() const noexcept { return timers_.empty() ? TimePoint::never() : timers_.front()->fires_; }
  [[nodiscard]] bool has_ready() const noexcept { return !ready_.empty(); }
  /// Mixes what is queued; `pick(n)` gives a number below n. For simulations.
  template <class Pick>
  void shuffle_ready(Pick pick) {
    for (std::size_t i = ready_.size(); i > 1; --i) std::swap(ready_[i - 1], ready_[pick(i)]);
  }

  /// Makes a loop the current one of the calling thread.
  struct Enter {
    explicit Enter(Loop* loop) noexcept;
    ~Enter();
    Enter(const Enter&) = delete;
    Enter& operator=(const Enter&) = delete;
    Loop* previous;
  };

 private:
  friend class Waiter;
  void arm(Waiter& waiter);
  void disarm(Waiter& waiter);
  void sift(std::size_t index);

  std::vector<std::coroutine_handle<>> ready_;
  std::vector<std::coroutine_handle<>> running_;
  std::vector<Waiter*> timers_;  // binary heap by (moment, sequence)
  std::uint64_t sequence_ = 0;
};

/// A loop on the real clock, epoll through Asio. Makes the process ignore SIGPIPE.
std::unique_ptr<Loop> make_loop();

/// A value when `span` has passed; Errc::cancelled or Errc::timeout when `deadline` ended it before.
Async<Result<>> sleep_for(Duration span, Deadline deadline = {});

namespace detail {
template <class T>
Async<void> store(Async<T> work, std::optional<T>* out, Loop* loop) {
  out->emplace(co_await std::move(work));
  loop->stop();
}
}  // namespace detail

/// Runs `loop` until `work` is done and gives its result. For main(), tests and tools.
template <class T>
T run_until_done(Loop& loop, Async<T> work) {
  std::optional<T> out;
  loop.post([&] { Loop::start(detail::store(std::move(work), &out, &loop)); });
  loop.run();
  return *std::move(out);
}

}  // namespace herder::async
