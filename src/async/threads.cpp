#include "async/threads.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>

namespace herder::async {

LoopThreads::LoopThreads(std::size_t count) {
  HERDER_ASSERT(count > 0);
  for (std::size_t i = 0; i < count; ++i) {
    loops_.push_back(make_loop());
    threads_.emplace_back([loop = loops_.back().get()] { loop->run(); });
  }
}

LoopThreads::~LoopThreads() {
  for (const auto& loop : loops_) loop->stop();
  threads_.clear();
}

struct WorkerPool::State {
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::function<void()>> queue;  // guarded by mutex, as are the counters
  std::size_t idle = 0;
  std::size_t most;
  bool stopping = false;
  std::vector<std::jthread> threads;

  explicit State(std::size_t limit) : most(limit) {}

  void serve() {
    std::unique_lock lock(mutex);
    for (;;) {
      if (queue.empty()) {
        if (stopping) return;
        ++idle;
        wake.wait(lock, [this] { return !queue.empty() || stopping; });
        --idle;
        continue;
      }
      const std::function<void()> work = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
  }
};

WorkerPool::WorkerPool(std::size_t most) : state_(std::make_unique<State>(most)) {}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  state_->threads.clear();
}

void WorkerPool::submit(std::function<void()> work) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->queue.push_back(std::move(work));
    if (state_->idle < state_->queue.size() && state_->threads.size() < state_->most)
      state_->threads.emplace_back([state = state_.get()] { state->serve(); });
  }
  state_->wake.notify_one();
}

WorkerPool& workers() {
  static WorkerPool pool(32);
  return pool;
}

namespace detail {

void Elsewhere::await_suspend(std::coroutine_handle<> waiting) {
  Loop* home = &Loop::current();
  launch([this, home, waiting] {
    work();
    home->post([waiting] { waiting.resume(); });
  });
}

void Hop::await_suspend(std::coroutine_handle<> waiting) {
  Loop* home = &Loop::current();
  begin([home, waiting] { home->post([waiting] { waiting.resume(); }); });
}

}  // namespace detail

}  // namespace herder::async
