// The real loop: Asio's epoll reactor and its thread-safe queue. With transport the only place that names Asio.
#include <atomic>
#include <csignal>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include "async/loop.hpp"

namespace herder::async {
namespace {

namespace asio = boost::asio;

class AsioWatch final : public FdWatch {
 public:
  AsioWatch(asio::io_context& context, int fd) : descriptor_(context, fd) {}
  ~AsioWatch() override { descriptor_.release(); }

  Async<Result<>> ready(Interest interest, Deadline deadline) override {
    Waiter waiter(std::move(deadline));
    waiter_ = &waiter;
    const auto wants = [interest](Interest one) { return (static_cast<unsigned>(interest) & static_cast<unsigned>(one)) != 0; };
    if (wants(Interest::read)) listen(asio::posix::stream_descriptor::wait_read);
    if (wants(Interest::write)) listen(asio::posix::stream_descriptor::wait_write);
    const Result<> outcome = co_await waiter;
    waiter_ = nullptr;
    if (armed_ > 0) {  // the other direction is still listened to, or the deadline was first
      ++round_;
      armed_ = 0;
      descriptor_.cancel();
    }
    co_return outcome;
  }

 private:
  void listen(asio::posix::stream_descriptor::wait_type type) {
    ++armed_;
    descriptor_.async_wait(type, [this, alive = std::weak_ptr<int>(alive_), round = round_](boost::system::error_code) {
      if (alive.expired() || round != round_) return;
      --armed_;
      if (waiter_ != nullptr) waiter_->notify();
    });
  }

  asio::posix::stream_descriptor descriptor_;
  Waiter* waiter_ = nullptr;
  int armed_ = 0;
  unsigned round_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>();
};

/// Counts the threads that are inside post() or stop().
struct Posting {
  explicit Posting(std::atomic<int>& now) noexcept : count(now) { count.fetch_add(1, std::memory_order_acquire); }
  ~Posting() { count.fetch_sub(1, std::memory_order_release); }
  Posting(const Posting&) = delete;
  Posting& operator=(const Posting&) = delete;
  std::atomic<int>& count;
};

class AsioLoop final : public Loop {
 public:
  AsioLoop() = default;
  AsioLoop(const AsioLoop&) = delete;
  AsioLoop& operator=(const AsioLoop&) = delete;
  /// What another thread posted may have run, and ended this loop, while that thread is still on its way out of post().
  ~AsioLoop() override {
    while (posting_.load(std::memory_order_acquire) != 0) std::this_thread::yield();
  }

  [[nodiscard]] TimePoint now() const override { return now_; }
  void post(std::function<void()> work) override {
    const Posting posting(posting_);
    asio::post(context_, std::move(work));
  }
  std::unique_ptr<FdWatch> watch(int fd) override { return std::make_unique<AsioWatch>(context_, fd); }

  void run() override {
    const Enter enter(this);
    const auto work = asio::make_work_guard(context_);
    while (!stopped_.load(std::memory_order_acquire)) {
      now_ = boot_now();
      const bool timers = fire_timers(now_);
      const bool resumed = run_ready();
      if (timers || resumed || has_ready()) {
        context_.poll();
        continue;
      }
      wait_for_events();
      now_ = boot_now();
      context_.poll();
    }
    stopped_.store(false, std::memory_order_release);
    context_.restart();
  }

  void stop() override {
    const Posting posting(posting_);
    stopped_.store(true, std::memory_order_release);
    asio::post(context_, [] {});
  }

 private:
  void wait_for_events() {
    if (next_timer() == TimePoint::never()) {
      context_.run_one();
      return;
    }
    const Duration left = next_timer() - boot_now();
    if (left > Duration::zero()) context_.run_one_for(left);
  }

  asio::io_context context_{1};
  std::atomic<bool> stopped_{false};
  std::atomic<int> posting_{0};
  TimePoint now_ = boot_now();
};

}  // namespace

std::unique_ptr<Loop> make_loop() {
  // A peer that hangs up is an error of that write, not the end of this process.
  std::signal(SIGPIPE, SIG_IGN);
  return std::make_unique<AsioLoop>();
}

}  // namespace herder::async
