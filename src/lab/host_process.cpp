#include "lab/host_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>

namespace herder::lab {
namespace {

constexpr Duration hangup_grace = std::chrono::milliseconds(300);

struct Ends {  // what the child gets as 0, 1 and 2
  UniqueFd in;
  UniqueFd out;
  UniqueFd err;
  std::string terminal;  // or a terminal that it opens itself, which makes it the controlling one
};

void set_non_blocking(const UniqueFd& fd) { fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK); }

Result<> make_pipe(UniqueFd& read_end, UniqueFd& write_end) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(os_error(errno, "make a pipe"));
  read_end.reset(ends[0]);
  write_end.reset(ends[1]);
  return {};
}

winsize window_of(int columns, int rows) {
  const auto bounded = [](int value) { return static_cast<unsigned short>(value < 0 ? 0 : value > 10'000 ? 10'000 : value); };
  winsize window{};
  window.ws_col = bounded(columns);
  window.ws_row = bounded(rows);
  return window;
}

Result<std::string> make_terminal(const Pty& pty, UniqueFd& master) {
  master.reset(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!master) return std::unexpected(os_error(errno, "make a pseudo-terminal"));
  char name[64];
  if (::grantpt(master.get()) != 0 || ::unlockpt(master.get()) != 0 || ::ptsname_r(master.get(), name, sizeof name) != 0)
    return std::unexpected(os_error(errno, "prepare a pseudo-terminal"));
  const winsize window = window_of(pty.columns, pty.rows);
  ::ioctl(master.get(), TIOCSWINSZ, &window);
  return std::string(name);
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// posix_spawn (no copy of our page tables) with default signals, nothing inherited but 0, 1 and 2, and a group or session of its own.
int spawn(Launch& launch, const Ends& ends, pid_t& pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (ends.terminal.empty()) {
    posix_spawn_file_actions_adddup2(&actions, ends.in.get(), 0);
    posix_spawn_file_actions_adddup2(&actions, ends.out.get(), 1);
    posix_spawn_file_actions_adddup2(&actions, ends.err.get(), 2);
  } else {
    posix_spawn_file_actions_addopen(&actions, 0, ends.terminal.c_str(), O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, 0, 1);
    posix_spawn_file_actions_adddup2(&actions, 0, 2);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawn_file_actions_addchdir_np(&actions, launch.directory.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  const int own = ends.terminal.empty() ? POSIX_SPAWN_SETPGROUP : POSIX_SPAWN_SETSID;
  posix_spawnattr_setflags(&attributes, static_cast<short>(own | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK));
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t signals;
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  const std::string path = launch.argv.front();
  if (!launch.name.empty()) launch.argv.front() = launch.name;
  const int failure = posix_spawn(&pid, path.c_str(), &actions, &attributes, pointers(launch.argv).data(),
                                  pointers(launch.environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return failure;
}

}  // namespace

Result<std::unique_ptr<HostProcess>> HostProcess::start(Launch launch) {
  std::unique_ptr<HostProcess> made(new HostProcess);
  Ends ends;
  if (launch.pty) {
    made->pty_ = true;
    HERDER_TRY(ends.terminal, make_terminal(*launch.pty, made->out_));
    launch.environment.push_back("SSH_TTY=" + ends.terminal);
    if (!launch.pty->term.empty()) launch.environment.push_back("TERM=" + launch.pty->term);
    made->in_.reset(::fcntl(made->out_.get(), F_DUPFD_CLOEXEC, 0));
  } else {
    HERDER_TRY_VOID(make_pipe(ends.in, made->in_));
    HERDER_TRY_VOID(make_pipe(made->out_, ends.out));
    HERDER_TRY_VOID(make_pipe(made->err_, ends.err));
  }
  made->epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!made->epoll_ || !made->in_) return std::unexpected(os_error(errno, "watch a command"));
  if (const int failure = spawn(launch, ends, made->pid_); failure != 0) {
    made->pid_ = -1;
    return std::unexpected(os_error(failure, fmt::format("start {}", launch.argv.front())));
  }
  made->exit_.reset(static_cast<int>(::syscall(SYS_pidfd_open, made->pid_, 0)));
  for (const Pipe pipe : {Pipe::in, Pipe::out, Pipe::err, Pipe::exit}) {
    if (made->fd_of(pipe)) set_non_blocking(made->fd_of(pipe));
    if (pipe != Pipe::in) made->watch(pipe, true);
  }
  made->watch_ = async::Loop::current().watch(made->epoll_.get());
  return made;
}

HostProcess::~HostProcess() {
  watch_.reset();
  if (pid_ <= 0 || status_) return;
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

UniqueFd& HostProcess::fd_of(Pipe pipe) noexcept {
  switch (pipe) {
    case Pipe::in: return in_;
    case Pipe::out: return out_;
    case Pipe::err: return err_;
    case Pipe::exit: break;
  }
  return exit_;
}

bool HostProcess::open(Pipe pipe) const noexcept { return static_cast<bool>(const_cast<HostProcess*>(this)->fd_of(pipe)); }

void HostProcess::watch(Pipe pipe, bool on) {
  const unsigned bit = 1U << static_cast<unsigned>(pipe);
  if (((watched_ & bit) != 0) == on || !fd_of(pipe)) return;
  watched_ ^= bit;
  epoll_event event{.events = pipe == Pipe::in ? EPOLLOUT : EPOLLIN, .data = {.fd = fd_of(pipe).get()}};
  ::epoll_ctl(epoll_.get(), on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd_of(pipe).get(), &event);
}

void HostProcess::drop(Pipe pipe) {
  watch(pipe, false);
  fd_of(pipe).reset();
}

Async<Result<>> HostProcess::ready(Deadline deadline) { return watch_->ready(async::Interest::read, std::move(deadline)); }

std::optional<std::string> HostProcess::read(Pipe pipe, std::size_t most) {
  UniqueFd& fd = fd_of(pipe);
  if (!fd) return std::string();
  static thread_local std::string buffer;
  if (buffer.size() < most) buffer.resize(most);
  const ssize_t got = ::read(fd.get(), buffer.data(), most);
  if (got > 0) return std::string(buffer, 0, static_cast<std::size_t>(got));
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
  drop(pipe);  // the end; EIO when the last user of a terminal has gone
  return std::string();
}

std::size_t HostProcess::write(std::string_view bytes) {
  std::size_t taken = 0;
  while (in_ && taken < bytes.size()) {
    const ssize_t put = ::write(in_.get(), bytes.data() + taken, bytes.size() - taken);
    if (put > 0) taken += static_cast<std::size_t>(put);
    else if (errno == EAGAIN) return taken;
    else if (errno != EINTR) drop(Pipe::in);
  }
  return bytes.size();
}

void HostProcess::close_input() { drop(Pipe::in); }

std::optional<int> HostProcess::status() {
  if (status_ || pid_ <= 0) return status_;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) {
    status_ = status;
    drop(Pipe::exit);
  }
  return status_;
}

void HostProcess::resize(int columns, int rows) {
  const winsize window = window_of(columns, rows);
  if (pty_ && out_) ::ioctl(out_.get(), TIOCSWINSZ, &window);
}

void HostProcess::signal(int number) {
  if (status_ || pid_ <= 0) return;
  pid_t group = pid_;
  if (pty_ && out_) {
    const pid_t foreground = ::tcgetpgrp(out_.get());
    if (foreground > 0) group = foreground;
  }
  ::kill(-group, number);
}

Async<void> HostProcess::end() {
  if (status_ || pid_ <= 0) co_return;
  // Not reaped before the SIGKILL: as long as the leader is a zombie, its number cannot belong to anybody else's group.
  ::kill(-pid_, SIGHUP);
  ::kill(-pid_, SIGCONT);
  for (const Pipe pipe : {Pipe::in, Pipe::out, Pipe::err}) drop(pipe);
  (void)co_await ready(Deadline::after(hangup_grace));
  ::kill(-pid_, SIGKILL);
  while (!status()) (void)co_await ready(Deadline::after(hangup_grace));
}

}  // namespace herder::lab
