#include "transport/system_ssh.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "async/loop.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "transport/local_process.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;

constexpr Duration first_look = 5ms;
constexpr Duration longest_look = 50ms;
constexpr std::size_t most_complaint_bytes = 8192;
constexpr int most_password_questions = 4;  // password and keyboard-interactive, once each, with room
constexpr int exit_of_ssh_itself = 255;
constexpr int looks_after_255 = 6;

/// A directory of our own for one session: control socket, the pipe and the script of the password. Goes with all that is in it.
class SessionDirectory {
 public:
  static Result<std::unique_ptr<SessionDirectory>> make() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    std::string path = (runtime != nullptr && *runtime == '/' && std::string_view(runtime).size() < 50 ? runtime : std::string("/tmp")) + "/herder-system-ssh-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) return std::unexpected(os_error(errno, "make a directory for ssh's control socket"));
    return std::unique_ptr<SessionDirectory>(new SessionDirectory(std::move(path)));
  }
  SessionDirectory(const SessionDirectory&) = delete;
  SessionDirectory& operator=(const SessionDirectory&) = delete;
  ~SessionDirectory() {
    for (const char* name : {"/c", "/ask", "/pipe"}) ::unlink((path_ + name).c_str());
    ::rmdir(path_.c_str());
  }

  [[nodiscard]] std::string socket() const { return path_ + "/c"; }
  [[nodiscard]] bool has_socket() const { return ::access(socket().c_str(), F_OK) == 0; }

  /// Puts the password where the script of ask_program() finds it: in a pipe, readable a few times.
  Result<> offer_password(const Secret& password) {
    const std::string pipe = path_ + "/pipe";
    if (password.reveal().find('\n') != std::string_view::npos) return fail(Errc::unsupported, "ssh cannot be given a password with a line end in it");
    if (::mkfifo(pipe.c_str(), 0600) != 0) return std::unexpected(os_error(errno, "make a pipe for ssh"));
    pipe_.reset(::open(pipe.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));  // both ends: the words wait inside
    if (!pipe_) return std::unexpected(os_error(errno, "open the pipe for ssh"));
    std::string words;
    for (int i = 0; i < most_password_questions; ++i) words.append(password.reveal()).push_back('\n');
    const ssize_t wrote = ::write(pipe_.get(), words.data(), words.size());
    const bool whole = wrote == static_cast<ssize_t>(words.size());
    wipe(words);
    if (!whole) return fail(Errc::limit, "the password is too long for ssh");
    // Only passwords are answered: not passphrases, not the question whether an unknown host is to be trusted.
    const std::string script = "#!/bin/sh\ncase \"$1\" in *assphrase*|*yes/no*) exit 1;; *assword*) ;; *) exit 1;; esac\n"
                               "IFS= read -r word < " + text::shell_quote(pipe) + " || exit 1\nprintf '%s\\n' \"$word\"\n";
    return write_file_atomically(ask_program(), script, 0700);
  }
  [[nodiscard]] std::string ask_program() const { return path_ + "/ask"; }
  /// The connection stands: nobody needs the password any more.
  void withdraw_password() {
    pipe_.reset();
    ::unlink((path_ + "/pipe").c_str());
    ::unlink(ask_program().c_str());
  }

 private:
  explicit SessionDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
  UniqueFd pipe_;
};

/// ssh as a child that also ends when this process does, however that dies: it would go on holding the connection. Its first
/// descriptor is the sign of life.
std::vector<std::string> tied_to_us(std::vector<std::string> argv) {
  std::vector<std::string> out{"/bin/sh", "-c", "exec 3<&0; (read -r word <&3; kill $$) >/dev/null 2>&1 & exec \"$@\" </dev/null 3<&-", "sh"};
  out.insert(out.end(), argv.begin(), argv.end());
  return out;
}

std::vector<std::string> master_argv(const Target& target, const SessionDirectory& directory, bool password) {
  const auto seconds = [](Duration span) { return std::to_string(std::max<std::int64_t>(0, std::chrono::ceil<std::chrono::seconds>(span).count())); };
  std::vector<std::string> argv{"ssh", "-N", "-T"};
  const auto option = [&argv](std::string text) {
    argv.emplace_back("-o");
    argv.push_back(std::move(text));
  };
  // The first of a kind counts, so these come before the user's.
  option("ControlMaster=yes");
  option("ControlPath=" + directory.socket());
  option("ControlPersist=no");
  option("ClearAllForwardings=yes");
  option("RemoteCommand=none");
  option("RequestTTY=no");
  option("SessionType=none");
  option("SendEnv=*");  // what commands name is passed on by this one; it sends nothing itself
  option("LogLevel=ERROR");
  option("ConnectTimeout=" + seconds(target.connect_timeout));
  option("ServerAliveInterval=" + seconds(target.alive_interval));
  option("ServerAliveCountMax=" + std::to_string(target.alive_count_max));
  option(password ? "NumberOfPasswordPrompts=1" : "BatchMode=yes");
  argv.insert(argv.end(), target.system_ssh_options.begin(), target.system_ssh_options.end());
  argv.emplace_back("--");
  argv.push_back(target.address);
  return argv;
}

std::vector<std::pair<std::string, std::string>> ask_environment(const SessionDirectory& directory, bool password) {
  if (!password) return {{"SSH_ASKPASS_REQUIRE", "never"}};
  return {{"SSH_ASKPASS", directory.ask_program()}, {"SSH_ASKPASS_REQUIRE", "force"}, {"DISPLAY", ":0"}};
}

std::string last_line(std::string_view text) {
  std::string_view last;
  for (const std::string_view line : text::lines(text))
    if (!text::trim(line).empty()) last = text::trim(line);
  return text::printable(text::cut(last, 300));
}

Error refused(const Target& target, const std::string& complaint) {
  const std::string last = last_line(complaint);
  const auto says = [&](std::string_view sign) { return complaint.contains(sign); };
  const bool host_key = says("Host key verification failed") || says("host key is known") || says("IDENTIFICATION HAS CHANGED") || says("REVOKED HOST KEY");
  if (host_key) {
    return error(Errc::denied, "the host key of {} is refused by the system's ssh: {}", target.address, last)
        .hint("'ssh " + text::shell_quote(target.address) + "' shows the whole story; ssh-keygen -R takes an old key out");
  }
  if (says("Permission denied") || says("Too many authentication failures") || says("No more authentication methods"))
    return error(Errc::denied, "access denied by the system's ssh: {}", last).hint("try 'ssh " + text::shell_quote(target.address) + "' by hand; -v shows why herder uses it for this host");
  return error(Errc::unreachable, "{}", last.empty() ? "the system's ssh gave up without a word" : last);
}

struct Connection {
  std::unique_ptr<SessionDirectory> directory;
  std::unique_ptr<LocalProcess> master;  // destroyed first: the directory is free then
  bool lost = false;
};

/// A command: an ssh that talks to the master.
class SystemSshProcess final : public Process {
 public:
  SystemSshProcess(std::shared_ptr<Connection> connection, std::unique_ptr<LocalProcess> process)
      : connection_(std::move(connection)), process_(std::move(process)) {}

  Async<Result<Chunk>> read(Deadline deadline) override { return process_->read(std::move(deadline)); }
  Async<Result<>> write(std::string_view bytes, Deadline deadline) override { return process_->write(bytes, std::move(deadline)); }
  Async<Result<>> close_input(Deadline deadline) override { return process_->close_input(std::move(deadline)); }
  Async<Result<Exit>> wait(Deadline deadline) override {
    HERDER_CO_TRY(Exit ended, co_await process_->wait(std::move(deadline)));
    // 255 may be the command's own code; without a master it is ssh's. A master that ends hangs up first and then removes its socket.
    for (int looks = 0; ended.code == exit_of_ssh_itself && looks < looks_after_255; ++looks) {
      if (!connection_->directory->has_socket()) {
        connection_->lost = true;
        co_return fail(Errc::unreachable, "the connection was lost");
      }
      (void)co_await async::sleep_for(longest_look);
    }
    co_return ended;
  }
  void signal(std::string_view name) override { process_->signal(name); }

 private:
  std::shared_ptr<Connection> connection_;
  std::unique_ptr<LocalProcess> process_;
};

class SystemSshSession final : public Session {
 public:
  SystemSshSession(std::shared_ptr<const Target> target, std::shared_ptr<Connection> connection) : target_(std::move(target)), connection_(std::move(connection)) {}

  Async<Result<std::unique_ptr<Process>>> start(Command command, Deadline deadline) override {
    HERDER_CO_TRY_VOID(deadline.check());
    if (!alive()) co_return fail(Errc::unreachable, "the connection was lost");
    Spawn how{.argv = {"ssh", "-F", "none", "-o", "ControlMaster=no", "-o", "ControlPath=" + connection_->directory->socket(), "-o", "BatchMode=yes", "-o",
                       "LogLevel=ERROR", "-o", "ProxyCommand=false", command.pty ? "-tt" : "-T"}};  // false: never past the master
    for (const auto& [name, value] : target_->set_env) how.env.emplace_back(name, value);
    for (const auto& [name, value] : command.env) how.env.emplace_back(name, value);
    std::string names;
    for (const std::string& name : target_->send_env) names += " " + name;
    for (const auto& [name, value] : how.env) names += " " + name;
    if (!names.empty()) how.argv.insert(how.argv.end(), {"-o", "SendEnv" + names});  // values travel in the environment, not in argv
    if (!command.subsystem.empty()) how.argv.emplace_back("-s");
    how.argv.insert(how.argv.end(), {"--", target_->address, command.subsystem.empty() ? command.line : command.subsystem});
    HERDER_CO_TRY(auto process, LocalProcess::spawn(how));
    co_return std::make_unique<SystemSshProcess>(connection_, std::move(process));
  }
  [[nodiscard]] bool alive() const override { return !connection_->lost && connection_->directory->has_socket(); }
  [[nodiscard]] std::string describe() const override { return "the system's ssh (" + target_->system_ssh_reason + ")"; }
  Async<void> close(Deadline deadline) override {
    connection_->lost = true;
    if (!connection_->master) co_return;
    connection_->master->signal("TERM");  // ssh says goodbye to the host
    (void)co_await connection_->master->wait(deadline.within(1s));
    connection_->master.reset();
  }

 private:
  std::shared_ptr<const Target> target_;
  std::shared_ptr<Connection> connection_;
};

class SystemSshConnector final : public Connector {
 public:
  Async<Result<std::shared_ptr<Session>>> connect(std::shared_ptr<const Target> target, Deadline deadline) override {
    const bool password = target->credentials && !target->credentials->password.empty();
    if (password && (!target->jumps.empty() || !target->proxy_command.empty())) {
      co_return std::unexpected(error(Errc::unsupported, "a password for a host behind a jump host cannot go through the system's ssh: the jump host would get it too")
                                    .hint("use a key, or remove what makes this host need the system's ssh: " + target->system_ssh_reason));
    }
    auto connection = std::make_shared<Connection>();
    HERDER_CO_TRY(connection->directory, SessionDirectory::make());
    if (password) HERDER_CO_TRY_VOID(connection->directory->offer_password(target->credentials->password));
    HERDER_CO_TRY(connection->master, LocalProcess::spawn({.argv = tied_to_us(master_argv(*target, *connection->directory, password)),
                                                           .env = ask_environment(*connection->directory, password)}));
    const Deadline limited = target->connect_timeout > Duration::zero() ? deadline.within(target->connect_timeout) : deadline;
    auto ready = co_await wait_for_socket(*connection, *target, limited);
    if (!ready) {
      if (ready.error().code == Errc::timeout && !deadline.passed())
        ready.error().what = fmt::format("no connection to {} by the system's ssh within {}", target->address, format_duration(target->connect_timeout));
      co_return std::unexpected(std::move(ready).error());
    }
    connection->directory->withdraw_password();
    co_return std::make_shared<SystemSshSession>(std::move(target), std::move(connection));
  }

 private:
  /// ssh makes its socket once it is logged in.
  static Async<Result<>> wait_for_socket(Connection& connection, const Target& target, Deadline deadline) {
    std::string complaint;
    Duration pause = first_look;
    while (!connection.directory->has_socket()) {
      HERDER_CO_TRY_VOID(deadline.check());
      const auto chunk = co_await connection.master->read(deadline.within(pause));
      pause = std::min(longest_look, pause * 2);
      if (!chunk && chunk.error().code != Errc::timeout) co_return std::unexpected(chunk.error());
      if (!chunk) continue;
      if (!chunk->end) {
        complaint += chunk->bytes;
        if (complaint.size() > most_complaint_bytes) complaint.erase(0, complaint.size() - most_complaint_bytes);
        continue;
      }
      HERDER_CO_TRY(const Exit ended, co_await connection.master->wait(deadline));
      if (ended.code == 127) co_return std::unexpected(error(Errc::not_found, "there is no ssh program here").hint("install openssh-client"));
      co_return std::unexpected(refused(target, complaint));
    }
    co_return Result<>{};
  }
};

}  // namespace

std::unique_ptr<Connector> make_system_ssh_connector() { return std::make_unique<SystemSshConnector>(); }

}  // namespace herder::transport
