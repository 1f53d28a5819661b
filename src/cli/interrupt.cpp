#include "cli/interrupt.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>

#include "base/file.hpp"
#include "cli/io.hpp"
#include "report/console.hpp"

namespace herder::cli {
namespace {

constexpr int handled[] = {SIGINT, SIGTERM, SIGHUP};

std::atomic<int> wake_fd{-1};
std::atomic<int> seen{0};
std::atomic<int> first_signal{0};
struct sigaction before[std::size(handled)];

extern "C" void on_signal(int number) {
  const int saved = errno;
  if (seen.fetch_add(1) > 0) {
    report::restore_cursor_now();
    ::_exit(exit_code::interrupted);
  }
  first_signal = number;
  const std::uint64_t one = 1;
  (void)!::write(wake_fd, &one, sizeof one);
  errno = saved;
}

}  // namespace

InterruptGuard::InterruptGuard(std::function<void(const std::string&)> stop) : stop_(std::move(stop)) {
  HERDER_ASSERT(wake_fd == -1);
  wake_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  seen = 0;
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  for (std::size_t i = 0; i < std::size(handled); ++i) ::sigaction(handled[i], &action, &before[i]);
  scope_.spawn(wait(scope_.deadline()));
}

Async<void> InterruptGuard::wait(Deadline deadline) {
  const auto watch = async::Loop::current().watch(wake_fd);
  if (!co_await watch->ready(async::Interest::read, deadline)) co_return;
  stop_(first_signal == SIGINT ? "interrupted; once more stops at once" : "stopped by a signal");
}

Async<void> InterruptGuard::end() {
  scope_.cancel("the run is over");
  co_await scope_.join();
}

InterruptGuard::~InterruptGuard() {
  for (std::size_t i = 0; i < std::size(handled); ++i) ::sigaction(handled[i], &before[i], nullptr);
  ::close(wake_fd.exchange(-1));
}

}  // namespace herder::cli
