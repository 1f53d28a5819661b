#include "transport/local_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "async/threads.hpp"

extern char** environ;

namespace herder::transport {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{64} << 10U;

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(os_error(errno, "make a pipe"));
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::vector<std::string> merged_environment(const std::vector<std::pair<std::string, std::string>>& extra) {
  std::vector<std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    if (std::ranges::none_of(extra, [&](const auto& pair) { return pair.first == name; })) out.emplace_back(text);
  }
  for (const auto& [name, value] : extra) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// posix_spawn with a process group of its own, default signals and nothing inherited but 0, 1 and 2.
int spawn_child(const Spawn& how, int in, int out, int err, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  if (err >= 0) posix_spawn_file_actions_adddup2(&actions, err, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  if (!how.chdir.empty()) posix_spawn_file_actions_addchdir_np(&actions, how.chdir.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t signals;
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  std::vector<std::string> arguments = how.argv;
  std::vector<std::string> environment = merged_environment(how.env);
  const int failure = posix_spawnp(&pid, how.argv.front().c_str(), &actions, &attributes, pointers(arguments).data(),
                                   pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failure;
}

void set_non_blocking(const UniqueFd& fd) { fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

}  // namespace

Result<std::unique_ptr<LocalProcess>> LocalProcess::spawn(const Spawn& how) {
  HERDER_ASSERT(!how.argv.empty());
  HERDER_TRY(Pipe in, make_pipe());
  HERDER_TRY(Pipe out, make_pipe());
  HERDER_TRY(Pipe err, make_pipe());
  std::unique_ptr<LocalProcess> made(new LocalProcess);
  const int err_fd = how.pass_error_output ? -1 : how.merge_error_output ? out.write_end.get() : err.write_end.get();
  const int failure = spawn_child(how, in.read_end.get(), out.write_end.get(), err_fd, made->pid_);
  if (failure != 0) {
    made->pid_ = -1;
    if (failure == ENOENT && !how.chdir.empty() && ::access(how.chdir.c_str(), X_OK) != 0)
      return std::unexpected(os_error(errno, fmt::format("change to directory '{}'", how.chdir)));
    return std::unexpected(os_error(failure, fmt::format("start '{}'", how.argv.front())));
  }
  made->pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, made->pid_, 0)));
  made->in_ = std::move(in.write_end);
  made->out_ = std::move(out.read_end);
  if (err_fd == err.write_end.get()) made->err_ = std::move(err.read_end);
  set_non_blocking(made->in_);
  made->poll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  for (const UniqueFd* fd : {&made->out_, &made->err_, &made->pidfd_}) {
    if (!*fd) continue;
    set_non_blocking(*fd);
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd->get()}};
    ::epoll_ctl(made->poll_.get(), EPOLL_CTL_ADD, fd->get(), &event);
  }
  made->poll_watch_ = async::Loop::current().watch(made->poll_.get());
  made->in_watch_ = async::Loop::current().watch(made->in_.get());
  return made;
}

LocalProcess::~LocalProcess() {
  poll_watch_.reset();
  in_watch_.reset();
  if (pid_ <= 0) return;
  // While the leader is not reaped its number cannot be reused, so the group is still ours. After that nobody may be left in it.
  if (!exit_) {
    ::kill(-pid_, SIGKILL);
    if (!reap()) async::workers().submit([pid = pid_] { ::waitpid(pid, nullptr, 0); });
  }
}

/// Stops watching a pipe that ended.
void LocalProcess::drop(UniqueFd& pipe) {
  ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, pipe.get(), nullptr);
  pipe.reset();
}

/// What can be had without waiting; nothing when everything would block.
std::optional<Chunk> LocalProcess::read_now() {
  for (UniqueFd* pipe : {&out_, &err_}) {
    if (!*pipe) continue;
    std::string bytes(chunk_bytes, '\0');
    const ssize_t got = ::read(pipe->get(), bytes.data(), bytes.size());
    if (got > 0) {
      bytes.resize(static_cast<std::size_t>(got));
      return Chunk{.source = pipe == &out_ ? Source::out : Source::err, .bytes = std::move(bytes)};
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) drop(*pipe);
  }
  if (!out_ && !err_) return Chunk{.end = true};
  return std::nullopt;
}

Async<Result<Chunk>> LocalProcess::read(Deadline deadline) {
  for (;;) {
    if (auto chunk = read_now()) co_return *std::move(chunk);
    if (reap()) {
      // It has ended: what it wrote before is in the pipes by now, so one more look is enough.
      if (auto chunk = read_now()) co_return *std::move(chunk);
      co_return Chunk{.end = true};
    }
    HERDER_CO_TRY_VOID(co_await poll_watch_->ready(async::Interest::read, deadline));
  }
}

Async<Result<>> LocalProcess::write(std::string_view bytes, Deadline deadline) {
  while (!bytes.empty()) {
    if (!in_) co_return fail(Errc::io, "its input is closed");
    const ssize_t put = ::write(in_.get(), bytes.data(), bytes.size());
    if (put >= 0) bytes.remove_prefix(static_cast<std::size_t>(put));
    else if (errno == EAGAIN) HERDER_CO_TRY_VOID(co_await in_watch_->ready(async::Interest::write, deadline));
    else if (errno != EINTR) co_return std::unexpected(os_error(errno, "write to its input"));
  }
  co_return Result<>{};
}

Async<Result<>> LocalProcess::close_input(Deadline) {
  in_watch_.reset();
  in_.reset();
  co_return Result<>{};
}

/// True when the program has ended and its status is known.
bool LocalProcess::reap() {
  if (exit_) return true;
  int status = 0;
  const pid_t got = ::waitpid(pid_, &status, WNOHANG);
  if (got != pid_) return false;
  if (pidfd_) drop(pidfd_);
  exit_ = WIFSIGNALED(status) ? Exit{.code = {}, .signal = signal_name(WTERMSIG(status))}
                              : Exit{.code = WEXITSTATUS(status), .signal = {}};
  return true;
}

Async<Result<Exit>> LocalProcess::wait(Deadline deadline) {
  if (reap()) co_return *exit_;
  const std::unique_ptr<async::FdWatch> ended = async::Loop::current().watch(pidfd_.get());
  while (!reap()) HERDER_CO_TRY_VOID(co_await ended->ready(async::Interest::read, deadline));
  co_return *exit_;
}

void LocalProcess::signal(std::string_view name) {
  const auto number = signal_number(name);
  if (number && pid_ > 0 && !exit_) ::kill(-pid_, *number);
}

}  // namespace herder::transport
