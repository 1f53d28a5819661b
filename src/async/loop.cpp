#include "async/loop.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace herder::async {

namespace detail {

void escaped_exception() noexcept {
  try {
    throw;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "herder: internal error: exception left a coroutine: %s; please report this\n", failure.what());
  } catch (...) {
    std::fprintf(stderr, "herder: internal error: unknown exception left a coroutine; please report this\n");
  }
  std::abort();
}

}  // namespace detail

namespace {

thread_local Loop* current_loop = nullptr;

/// A coroutine that starts at once and destroys itself at its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never initial_suspend() const noexcept { return {}; }
    [[nodiscard]] std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { detail::escaped_exception(); }
  };
};

Detached run_detached(Async<void> work) { co_await std::move(work); }

}  // namespace

Deadline Deadline::after(Duration span) {
  const TimePoint now = Loop::current().now();
  if (span >= TimePoint::never() - now) return never();
  return at(now + span);
}

Deadline Deadline::with(const Deadline& other) const {
  Deadline both = *this;
  if (other.moment_ < both.moment_) both.moment_ = other.moment_;
  if (!both.token_) both.token_ = other.token_;
  return both;
}

Deadline Deadline::without_moment() const {
  Deadline open = *this;
  open.moment_ = TimePoint::never();
  return open;
}

Deadline Deadline::with_token(std::shared_ptr<CancelState> token) const {
  Deadline other = *this;
  other.token_ = std::move(token);
  return other;
}

Duration Deadline::left() const {
  if (is_never()) return Duration::max();
  const Duration left = moment_ - Loop::current().now();
  return left > Duration::zero() ? left : Duration::zero();
}

bool Deadline::passed() const { return !is_never() && Loop::current().now() >= moment_; }

Result<> Deadline::check() const {
  if (cancelled()) return fail(Errc::cancelled, "{}", token_->reason);
  if (passed()) return fail(Errc::timeout, "timed out");
  return {};
}

Waiter::~Waiter() { HERDER_ASSERT(!pending()); }

/// False when the deadline has passed already: the coroutine goes on without sleeping.
bool Waiter::start(std::coroutine_handle<> waiting) {
  if (deadline_.cancelled()) {
    outcome_ = Outcome::cancelled;
    return false;
  }
  loop_ = &Loop::current();
  if (!deadline_.is_never()) {
    if (loop_->now() >= deadline_.moment()) {
      outcome_ = Outcome::timeout;
      return false;
    }
    fires_ = deadline_.moment();
    loop_->arm(*this);
  }
  if (CancelState* token = deadline_.token().get()) {
    next_ = token->first;
    if (next_ != nullptr) next_->previous_ = this;
    token->first = this;
  }
  handle_ = waiting;
  return true;
}

void Waiter::unlink_token() {
  CancelState* token = deadline_.token().get();
  if (token == nullptr) return;
  if (previous_ != nullptr) previous_->next_ = next_;
  else if (token->first == this) token->first = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  next_ = previous_ = nullptr;
}

void Waiter::finish(Outcome outcome) {
  if (!pending()) return;
  outcome_ = outcome;
  loop_->disarm(*this);
  unlink_token();
  loop_->resume_later(std::exchange(handle_, nullptr));
}

void Waiter::notify() {
  if (handle_ == nullptr && outcome_ == Outcome::pending) outcome_ = Outcome::ready;
  else finish(Outcome::ready);
}

Result<> Waiter::result() const {
  if (outcome_ == Outcome::ready) return {};
  if (outcome_ == Outcome::cancelled) return fail(Errc::cancelled, "{}", deadline_.token()->reason);
  return fail(Errc::timeout, "timed out");
}

void cancel(CancelState& state, const std::string& reason) {
  if (state.cancelled) return;
  state.cancelled = true;
  state.reason = reason;
  while (state.first != nullptr) state.first->finish(Waiter::Outcome::cancelled);
  for (CancelState* inner : state.below) cancel(*inner, reason);
}

Loop::~Loop() = default;

Loop& Loop::current() {
  HERDER_ASSERT(current_loop != nullptr);
  return *current_loop;
}

Loop* Loop::current_or_null() noexcept { return current_loop; }

Loop::Enter::Enter(Loop* loop) noexcept : previous(std::exchange(current_loop, loop)) {}
Loop::Enter::~Enter() { current_loop = previous; }

void Loop::start(Async<void> work) { run_detached(std::move(work)); }

bool Loop::run_ready() {
  if (ready_.empty()) return false;
  running_.swap(ready_);
  for (const std::coroutine_handle<> handle : running_) handle.resume();
  running_.clear();
  return true;
}

bool Loop::fire_timers(TimePoint now) {
  bool any = false;
  while (!timers_.empty() && timers_.front()->fires_ <= now) {
    timers_.front()->finish(Waiter::Outcome::timeout);
    any = true;
  }
  return any;
}

// A binary heap in which every waiter knows its place, so that the usual case (the wait ends before its deadline) removes it in
// O(log n) without a search.

void Loop::arm(Waiter& waiter) {
  waiter.sequence_ = ++sequence_;
  waiter.heap_index_ = timers_.size();
  timers_.push_back(&waiter);
  sift(waiter.heap_index_);
}

void Loop::disarm(Waiter& waiter) {
  const std::size_t index = waiter.heap_index_;
  if (index == SIZE_MAX) return;
  waiter.heap_index_ = SIZE_MAX;
  Waiter* last = timers_.back();
  timers_.pop_back();
  if (last == &waiter) return;
  timers_[index] = last;
  last->heap_index_ = index;
  sift(index);
}

void Loop::sift(std::size_t index) {
  const auto before = [](const Waiter* a, const Waiter* b) {
    return a->fires_ != b->fires_ ? a->fires_ < b->fires_ : a->sequence_ < b->sequence_;
  };
  const auto exchange = [this](std::size_t a, std::size_t b) {
    std::swap(timers_[a], timers_[b]);
    timers_[a]->heap_index_ = a;
    timers_[b]->heap_index_ = b;
  };
  while (index > 0 && before(timers_[index], timers_[(index - 1) / 2])) {
    exchange(index, (index - 1) / 2);
    index = (index - 1) / 2;
  }
  for (;;) {
    std::size_t smallest = index;
    for (const std::size_t child : {2 * index + 1, 2 * index + 2})
      if (child < timers_.size() && before(timers_[child], timers_[smallest])) smallest = child;
    if (smallest == index) return;
    exchange(index, smallest);
    index = smallest;
  }
}

Async<Result<>> sleep_for(Duration span, Deadline deadline) {
  const Deadline wake = Deadline::after(span);
  Waiter waiter(deadline.with(wake));
  const bool ours = !(deadline.moment() < wake.moment());
  const Result<> ended = co_await waiter;
  if (ended || (ours && ended.error().code == Errc::timeout)) co_return Result<>{};
  co_return ended;
}

}  // namespace herder::async
