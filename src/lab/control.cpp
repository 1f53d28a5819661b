#include "lab/control.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "async/scope.hpp"
#include "async/stream.hpp"
#include "base/text.hpp"

namespace herder::lab {
namespace {

constexpr std::size_t most_request = 64'000;
constexpr Duration request_time = std::chrono::seconds(10);

/// Addresses hold 107 characters, directories may have more: the socket is named through a descriptor of its directory.
struct SocketName {
  UniqueFd directory;
  sockaddr_un address{};
};

Result<SocketName> socket_name(const std::string& state_dir) {
  SocketName name;
  name.directory.reset(::open(state_dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!name.directory) return std::unexpected(os_error(errno, fmt::format("open {}", state_dir)));
  name.address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/control", name.directory.get());
  std::memcpy(name.address.sun_path, path.c_str(), path.size() + 1);
  return name;
}

Result<UniqueFd> listen_in(const std::string& state_dir) {
  HERDER_TRY(const SocketName name, socket_name(state_dir));
  ::unlinkat(name.directory.get(), "control", 0);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name.address), sizeof name.address) != 0 || ::listen(fd.get(), 64) != 0)
    return std::unexpected(os_error(errno, fmt::format("listen in {}", state_dir)));
  if (::fchmodat(name.directory.get(), "control", 0600, 0) != 0) return std::unexpected(os_error(errno, fmt::format("protect {}/control", state_dir)));
  return fd;
}

bool same_user(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && (peer.uid == ::geteuid() || peer.uid == 0);
}

sigset_t control_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  return set;
}

struct Server {
  async::Loop& loop;
  ControlHandler handler;
  std::function<void()> end;
  async::Scope scope{};
  bool ended = false;

  void finish() {
    if (ended) return;
    ended = true;
    end();
    scope.cancel("the lab ends");
  }
};

Async<Result<std::string>> read_line(async::Stream* stream, Deadline deadline) {
  std::string line;
  while (line.find('\n') == std::string::npos) {
    HERDER_CO_TRY(const std::string bytes, co_await stream->read(4096, deadline));
    if (bytes.empty() || line.size() + bytes.size() > most_request) co_return fail(Errc::limit, "no whole request");
    line += bytes;
  }
  co_return line.substr(0, line.find('\n'));
}

Async<void> answer_one(Server* server, std::unique_ptr<async::Stream> stream) {
  const auto line = co_await read_line(stream.get(), server->scope.deadline().within(request_time));
  if (!line) co_return;
  std::vector<std::string> words;
  for (const std::string_view word : text::split(*line, ' '))
    if (!word.empty()) words.emplace_back(word);
  Result<std::string> answer = "";
  const bool stop = words.size() == 1 && words[0] == "stop";
  if (stop) server->finish();
  else answer = server->handler(words);
  (void)co_await stream->write(format_answer(answer), Deadline::after(request_time));
}

Async<void> accept_all(Server* server, int listener) {
  const auto watch = async::Loop::current().watch(listener);
  while (co_await watch->ready(async::Interest::read, server->scope.deadline())) {
    UniqueFd client(::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (client && same_user(client.get())) server->scope.spawn(answer_one(server, async::fd_stream(std::move(client))));
  }
}

Async<void> watch_signals(Server* server, int signals) {
  const auto watch = async::Loop::current().watch(signals);
  while (co_await watch->ready(async::Interest::read, server->scope.deadline())) {
    signalfd_siginfo info{};
    if (::read(signals, &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo == SIGHUP) continue;  // the terminal that started us has gone: a lab stays
    server->finish();
  }
}

Async<bool> serve_all(Server* server, int listener, int signals) {
  server->scope.spawn(accept_all(server, listener));
  server->scope.spawn(watch_signals(server, signals));
  co_await server->scope.join();
  co_return true;
}

Result<UniqueFd> connect_to(const std::string& state_dir) {
  HERDER_TRY(const SocketName name, socket_name(state_dir));
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(os_error(errno, "make a socket"));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name.address), sizeof name.address) == 0) return fd;
  if (errno == ENOENT || errno == ECONNREFUSED)
    return std::unexpected(error(Errc::not_found, "no lab is running in {}", state_dir).hint("start it with 'herder lab up 20'"));
  return std::unexpected(os_error(errno, fmt::format("reach the lab in {}", state_dir)));
}

}  // namespace

Result<LabLock> LabLock::take(const std::string& state_dir) {
  UniqueFd fd(::open((state_dir + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return std::unexpected(os_error(errno, fmt::format("open {}/lock", state_dir)));
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return fail(Errc::conflict, "a lab is running in {} already", state_dir);
  const std::string pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), pid.data(), pid.size(), 0) < 0)
    return std::unexpected(os_error(errno, fmt::format("write {}/lock", state_dir)));
  return LabLock(std::move(fd));
}

int LabLock::holder(const std::string& state_dir, Duration patience) {
  const UniqueFd fd(::open((state_dir + "/lock").c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return 0;
  const TimePoint until = boot_now() + patience;
  for (;;) {
    if (::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) return 0;
    if (boot_now() >= until) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  char digits[16] = "";
  const ssize_t size = ::pread(fd.get(), digits, sizeof digits, 0);
  const auto pid = text::to_int(text::trim(std::string_view(digits, size > 0 ? static_cast<std::size_t>(size) : 0)));
  return pid ? static_cast<int>(*pid) : -1;
}

void block_control_signals() {
  const sigset_t set = control_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Result<> serve_control(async::Loop& loop, const std::string& state_dir, ControlHandler handler, std::function<void()> end) {
  HERDER_TRY(const UniqueFd listener, listen_in(state_dir));
  const sigset_t set = control_signals();
  const UniqueFd signals(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return std::unexpected(os_error(errno, "wait for signals"));
  Server server{.loop = loop, .handler = std::move(handler), .end = std::move(end)};
  async::run_until_done(loop, serve_all(&server, listener.get(), signals.get()));
  ::unlink((state_dir + "/control").c_str());
  return {};
}

Result<std::string> ask(const std::string& state_dir, const std::string& request, Duration patience) {
  HERDER_TRY(const UniqueFd fd, connect_to(state_dir));
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(patience).count();
  const timeval limit{.tv_sec = seconds, .tv_usec = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const std::string line = request + "\n";
  if (::send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    return std::unexpected(os_error(errno, "talk to the lab"));
  std::string answer;
  char bytes[16'384];
  for (;;) {
    const ssize_t got = ::recv(fd.get(), bytes, sizeof bytes, 0);
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return fail(Errc::timeout, "the lab in {} does not answer", state_dir);
    if (got < 0) return std::unexpected(os_error(errno, "read the lab's answer"));
    answer.append(bytes, static_cast<std::size_t>(got));
  }
  return parse_answer(answer);
}

std::string format_answer(const Result<std::string>& answer) {
  if (answer) return "ok\n" + *answer;
  std::string steps;
  for (const std::string& step : answer.error().via) steps += fmt::format(" ({})", step);
  return fmt::format("error {}\n{}{}\n{}\n", static_cast<int>(answer.error().code), answer.error().what, steps, answer.error().help);
}

Result<std::string> parse_answer(const std::string& answer) {
  if (answer.starts_with("ok\n")) return answer.substr(3);
  const auto lines = text::lines(answer);
  if (lines.size() < 2 || !lines[0].starts_with("error ")) return fail(Errc::io, "the lab ended without an answer");
  Error failure{.code = static_cast<Errc>(text::to_int(lines[0].substr(6)).value_or(static_cast<int>(Errc::io))), .what = std::string(lines[1])};
  if (lines.size() > 2) failure.help = lines[2];
  return std::unexpected(std::move(failure));
}

}  // namespace herder::lab
