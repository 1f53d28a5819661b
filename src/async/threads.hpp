// Several loops, and work that blocks.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "async/loop.hpp"

namespace herder::async {

/// `count` loops, each on a thread of its own (one a core). Destruction stops and joins them: all work must be done by then.
class LoopThreads {
 public:
  explicit LoopThreads(std::size_t count);
  LoopThreads(const LoopThreads&) = delete;
  LoopThreads& operator=(const LoopThreads&) = delete;
  ~LoopThreads();

  [[nodiscard]] std::size_t size() const noexcept { return loops_.size(); }
  Loop& operator[](std::size_t index) { return *loops_[index]; }

 private:
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::jthread> threads_;
};

/// Threads for what has no asynchronous form (getaddrinfo, an ssh-agent's socket inside libssh, big files). Grows up to `most`
/// threads, which sleep when there is nothing to do. submit() may be called from any thread.
class WorkerPool {
 public:
  explicit WorkerPool(std::size_t most);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();  // finishes what is queued
  void submit(std::function<void()> work);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The process's pool (at most 32 threads), made when first used.
WorkerPool& workers();

namespace detail {
/// Resumes a coroutine on its own loop when work done elsewhere is finished.
struct Elsewhere {
  std::function<void(std::function<void()>)> launch;  // runs its argument elsewhere
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting);
  void await_resume() const noexcept {}
  std::function<void()> work;
};
}  // namespace detail

/// Runs `work` on a worker thread and gives its result back here. Not cancellable: `work` must be bounded by itself.
template <class Work>
auto offload(Work work) -> Async<std::invoke_result_t<Work>> {
  std::optional<std::invoke_result_t<Work>> out;
  detail::Elsewhere elsewhere{.launch = [](std::function<void()> job) { workers().submit(std::move(job)); },
                              .work = [&] { out.emplace(work()); }};
  co_await elsewhere;
  co_return *std::move(out);
}

/// Runs a coroutine on another loop and gives its result back here. `make` is called over there. Deadlines must be made there as
/// well (tokens belong to one loop).
template <class T>
Async<T> run_on(Loop* loop, std::function<Async<T>()> make);

namespace detail {
template <class T>
Async<void> finish_on(std::function<Async<T>()> make, std::optional<T>* out, std::function<void()> done) {
  out->emplace(co_await make());
  done();
}
struct Hop {
  std::function<void(std::function<void()>)> begin;  // gets what to call (there) when finished
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting);
  void await_resume() const noexcept {}
};
}  // namespace detail

template <class T>
Async<T> run_on(Loop* loop, std::function<Async<T>()> make) {
  std::optional<T> out;
  detail::Hop hop{.begin = [&](std::function<void()> done) {
    loop->post([&, finished = std::move(done)]() mutable { Loop::start(detail::finish_on<T>(make, &out, std::move(finished))); });
  }};
  co_await hop;
  co_return *std::move(out);
}

}  // namespace herder::async
