#include "inventory/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/file.hpp"
#include "base/units.hpp"

namespace herder::inventory {
namespace {

constexpr std::size_t error_bytes = std::size_t{64} << 10U;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::unexpected(os_error(errno, "make a pipe"));
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// Owns the child until it is reaped; kills it when given up.
class Child {
 public:
  explicit Child(pid_t pid) noexcept : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    wait();
  }
  int wait() noexcept {
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
    pid_ = 0;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  pid_t pid_;
};

Result<pid_t> spawn(const std::vector<std::string>& arguments, int out, int err) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));  // NOLINT: posix_spawn does not write
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigaddset(&signals, SIGPIPE);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  const int failure = ::posix_spawn(&pid, arguments[0].c_str(), &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failure != 0) return std::unexpected(os_error(failure, fmt::format("run {}", arguments[0])));
  return pid;
}

/// Reads what is there; false at the end of the stream.
bool read_some(const UniqueFd& from, std::string& into, std::size_t limit) {
  std::array<char, 65536> buffer;
  const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  into.append(buffer.data(), std::min(static_cast<std::size_t>(got), limit - std::min(limit, into.size())));
  return got > 0;
}

}  // namespace

Result<ProgramOutput> run_program(const std::vector<std::string>& arguments, Duration time, std::size_t output_bytes) {
  HERDER_TRY(Pipe out, make_pipe());
  HERDER_TRY(Pipe err, make_pipe());
  HERDER_TRY(const pid_t pid, spawn(arguments, out.write.get(), err.write.get()));
  Child child(pid);
  out.write.reset();
  err.write.reset();

  const TimePoint end = boot_now() + time;
  ProgramOutput result;
  while (out.read || err.read) {
    std::array<pollfd, 2> waiting{{{.fd = out.read.get(), .events = POLLIN}, {.fd = err.read.get(), .events = POLLIN}}};
    const Duration left = end - boot_now();
    if (left <= Duration::zero()) return fail(Errc::timeout, "{} did not end within {}", arguments[0], format_duration(time));
    const auto wait_ms = std::chrono::duration_cast<std::chrono::milliseconds>(left).count() + 1;
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(std::min<std::int64_t>(wait_ms, 1'000'000))) < 0 &&
        errno != EINTR)
      return std::unexpected(os_error(errno, "wait for a program"));
    if (out.read && waiting[0].revents != 0 && !read_some(out.read, result.out, output_bytes + 1)) out.read.reset();
    if (err.read && waiting[1].revents != 0 && !read_some(err.read, result.err, error_bytes)) err.read.reset();
    if (result.out.size() > output_bytes)
      return fail(Errc::limit, "{} printed more than {}", arguments[0], format_size(static_cast<std::int64_t>(output_bytes)));
  }
  result.exit_code = child.wait();
  return result;
}

}  // namespace herder::inventory
