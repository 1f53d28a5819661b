// herder keeper run|status|stop: the process that keeps connections open between commands.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <thread>

#include "base/error_format.hpp"
#include "base/file.hpp"
#include "base/units.hpp"
#include "cli/common_options.hpp"
#include "cli/io.hpp"
#include "cli/limits.hpp"
#include "cli/parsed.hpp"
#include "transport/connectors.hpp"
#include "transport/keeper/launch.hpp"
#include "transport/keeper/protocol.hpp"
#include "transport/keeper/server.hpp"

namespace herder::cli {
namespace {

constexpr Option run_options[] = {
    {.name = "socket", .arg = Arg::file, .value = "PATH", .help = "where to listen"},
    {.name = "idle", .arg = Arg::duration, .value = "TIME", .fallback = "60s", .help = "how long an unused connection is kept"},
};
constexpr OptionSet run_sets[] = {{"Keeper", run_options}, global_set};
constexpr OptionSet plain_sets[] = {global_set};

/// Ends the keeper in an orderly way on SIGTERM and SIGINT: a thread that does nothing but wait for them.
class SignalThread {
 public:
  explicit SignalThread(std::function<void()> stop) : stop_(std::move(stop)) {}
  static void block() {
    sigset_t set = signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }
  void start() {
    std::thread([stop = stop_] {
      const sigset_t set = signals();
      int number = 0;
      ::sigwait(&set, &number);
      stop();
    }).detach();
  }

 private:
  static sigset_t signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    return set;
  }
  std::function<void()> stop_;
};

/// Tells who started us that the socket answers, then lets go of its pipe.
void say_ready() {
  (void)!::write(STDOUT_FILENO, "R", 1);
  const UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (null) ::dup2(null.get(), STDOUT_FILENO);
}

int run_keeper_here(const std::string& socket, Duration idle, Io& io) {
  raise_descriptor_limit();
  SignalThread::block();
  transport::SshSettings ssh;
  ssh.known_hosts = std::make_shared<transport::KnownHostsStore>();
  ssh.keys = std::make_shared<transport::SshKeyStore>();
  const Result<> outcome = transport::keeper::run_keeper({
      .socket = socket,
      .idle = idle,
      .loops = loop_count(),
      .make_connector = [&ssh] { return transport::make_connector({.ssh = ssh, .keeper_socket = {}}); },
      .on_ready = [](std::function<void()> stop) {
        SignalThread(std::move(stop)).start();
        say_ready();
      },
  });
  if (outcome) return exit_code::ok;
  io.err.write(format_error_line(outcome.error()) + "\n");
  return exit_code::herder;
}

Result<Action> prepare_run(const Parsed& parsed) {
  std::string socket = parsed.text("socket");
  HERDER_TRY(const Duration idle, parse_duration(parsed.text("idle")));
  if (socket.empty()) {
    HERDER_TRY(socket, transport::keeper::socket_path());
  }
  return Action([socket = std::move(socket), idle](Io& io) { return run_keeper_here(socket, idle, io); });
}

/// The process that listens at `socket`, 0 for none.
pid_t keeper_pid(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) return 0;
  std::memcpy(address.sun_path, socket.c_str(), socket.size() + 1);
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ucred peer{};
  socklen_t size = sizeof peer;
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || peer.uid != ::getuid())
    return 0;
  return peer.pid;
}

Result<Action> prepare_status(const Parsed&) {
  HERDER_TRY(std::string socket, transport::keeper::socket_path());
  return Action([socket = std::move(socket)](Io& io) {
    const pid_t pid = keeper_pid(socket);
    io.out.write(pid > 0 ? fmt::format("a keeper runs (process {})\n", pid) : std::string("no keeper runs\n"));
    return exit_code::ok;
  });
}

Result<Action> prepare_stop(const Parsed&) {
  HERDER_TRY(std::string socket, transport::keeper::socket_path());
  return Action([socket = std::move(socket)](Io& io) {
    const pid_t pid = keeper_pid(socket);
    if (pid > 0) ::kill(pid, SIGTERM);
    constexpr int tries = 250;
    for (int i = 0; pid > 0 && i < tries && transport::keeper::keeper_answers(socket); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    io.out.write(pid > 0 ? "the keeper has ended; its connections are closed\n" : "no keeper runs\n");
    return exit_code::ok;
  });
}

}  // namespace

extern constinit const Command keeper_run_command{
    .name = "keeper run",
    .summary = "keep connections open for later commands (started by itself when needed)",
    .sets = run_sets,
    .prepare = prepare_run,
    .hidden = true,
};

extern constinit const Command keeper_status_command{
    .name = "keeper status",
    .summary = "say whether a keeper holds connections open",
    .about = "The keeper is started by the first command that uses SSH and holds its connections for the next one. It ends by itself a minute\n"
             "after its last connection was used. --no-keep and HERDER_NO_KEEP=1 work without it.",
    .sets = plain_sets,
    .prepare = prepare_status,
};

extern constinit const Command keeper_stop_command{
    .name = "keeper stop",
    .summary = "close all kept connections now",
    .sets = plain_sets,
    .prepare = prepare_stop,
};

}  // namespace herder::cli
