#include "lab/background.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "lab/control.hpp"

extern char** environ;

namespace herder::lab {
namespace {

constexpr const char* own_program = "/proc/self/exe";

int spawn_detached(std::vector<std::string> arguments, const std::string& log_file, int report_to, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, report_to, report_fd);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, report_fd + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSID));
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const int failure = posix_spawn(&pid, own_program, &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failure;
}

}  // namespace

Result<int> start_in_background(const std::vector<std::string>& arguments, const std::string& log_file, int timeout_s) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(os_error(errno, "make a pipe"));
  const UniqueFd from(ends[0]);
  UniqueFd to(::fcntl(ends[1], F_DUPFD_CLOEXEC, 10));  // above what the child gets
  ::close(ends[1]);
  pid_t pid = 0;
  if (const int failure = spawn_detached(arguments, log_file, to.get(), pid); failure != 0)
    return std::unexpected(os_error(failure, "start the lab's process"));
  to.reset();
  std::string report;
  const TimePoint until = boot_now() + std::chrono::seconds(timeout_s);
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - boot_now()).count();
    pollfd wait{.fd = from.get(), .events = POLLIN, .revents = 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) == 0) {
      ::kill(pid, SIGTERM);
      return std::unexpected(error(Errc::timeout, "the lab did not start within {} s", timeout_s).hint("its messages are in " + log_file));
    }
    char bytes[4096];
    const ssize_t got = ::read(from.get(), bytes, sizeof bytes);
    if (got > 0) report.append(bytes, static_cast<std::size_t>(got));
    if (got == 0) break;
  }
  const auto answer = parse_answer(report);
  if (answer) return pid;
  ::waitpid(pid, nullptr, 0);
  Error failure = answer.error();
  if (report.empty()) failure.help = "its messages are in " + log_file;
  return std::unexpected(std::move(failure));
}

void end_process(int pid, int patience_ms) {
  if (pid <= 1) return;
  ::kill(pid, SIGTERM);
  for (int waited = 0; waited < patience_ms; waited += 5) {
    if (::kill(pid, 0) != 0) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ::kill(pid, SIGKILL);
}

}  // namespace herder::lab
