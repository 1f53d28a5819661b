#include "transport/ssh_server_test.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/text.hpp"

extern char** environ;

namespace herder::transport {
namespace {

/// herder's main() does the same.
const bool sigpipe_ignored = [] {
  std::signal(SIGPIPE, SIG_IGN);
  return true;
}();

pid_t spawn_program(const std::vector<std::string>& argv, const std::string& log_file) {
  std::vector<std::string> words = argv;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigdefault(&attributes, &all);
  pid_t pid = -1;
  if (posix_spawnp(&pid, pointers[0], &actions, &attributes, pointers.data(), environ) != 0) pid = -1;
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return pid;
}

std::string sshd_path() { return "/usr/sbin/sshd"; }

void write_text(const std::string& path, const std::string& text, unsigned mode = 0600) {
  std::ofstream(path) << text;
  ::chmod(path.c_str(), mode);
}

std::string read_text(const std::string& path) { return read_file(path).value_or(""); }

}  // namespace

TestDirectory::TestDirectory() {
  char name[] = "/tmp/herder-ssh-test-XXXXXX";
  EXPECT_NE(::mkdtemp(name), nullptr);
  path_ = name;
}
TestDirectory::~TestDirectory() { std::filesystem::remove_all(path_); }

bool run_program(const std::vector<std::string>& argv) {
  const pid_t pid = spawn_program(argv, "/dev/null");
  int status = -1;
  if (pid > 0) ::waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0) << argv.front();
  return status == 0;
}

std::vector<pid_t> descendants(pid_t of) {
  std::vector<std::pair<pid_t, pid_t>> parents;
  DIR* proc = ::opendir("/proc");
  while (const dirent* entry = ::readdir(proc)) {
    const auto pid = text::to_int(entry->d_name);
    if (!pid) continue;
    const std::string stat = read_text(fmt::format("/proc/{}/stat", *pid));
    const std::size_t after_name = stat.rfind(')');
    if (after_name == std::string::npos) continue;
    const auto fields = text::split(std::string_view(stat).substr(after_name + 2), ' ');
    parents.emplace_back(static_cast<pid_t>(*pid), static_cast<pid_t>(text::to_int(fields[1]).value_or(0)));
  }
  ::closedir(proc);
  std::vector<pid_t> found{of};
  for (std::size_t i = 0; i < found.size(); ++i)
    for (const auto& [pid, parent] : parents)
      if (parent == found[i]) found.push_back(pid);
  found.erase(found.begin());
  return found;
}

TestProgram::TestProgram(const std::vector<std::string>& argv, const std::string& log_file) : pid_(spawn_program(argv, log_file)) {
  EXPECT_GT(pid_, 0) << argv.front();
}
TestProgram::~TestProgram() { stop(); }
void TestProgram::stop() {
  if (pid_ <= 0) return;
  const auto below = descendants(pid_);
  ::kill(pid_, SIGKILL);
  for (const pid_t pid : below) ::kill(pid, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

bool wait_for_port(int port) {
  for (int i = 0; i < 1000; ++i) {
    const UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(static_cast<std::uint16_t>(port)), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return true;
    ::usleep(10'000);
  }
  ADD_FAILURE() << "nothing listens on port " << port;
  return false;
}

std::string current_user() { return ::getpwuid(::geteuid())->pw_name; }

TestSshd::TestSshd(SshdOptions options) : port_(free_port()) {
  for (const std::string& type : options.host_key_types)
    run_program({"ssh-keygen", "-q", "-t", type, "-N", "", "-f", directory_ / ("host_" + type)});
  make_key("id_ed25519", "ed25519");
  write_config(options);
  start();
  std::string lines;
  for (const std::string& type : options.host_key_types) lines += fmt::format("[127.0.0.1]:{} {}\n", port_, host_public_key(type));
  write_text(known_hosts(), lines);
}

void TestSshd::write_config(const SshdOptions& options) {
  std::string host_keys;
  for (const std::string& type : options.host_key_types) host_keys += "HostKey " + (directory_ / ("host_" + type)) + "\n";
  // sshd takes the first value of a setting: the test's own lines come first.
  write_text(directory_ / "sshd_config", options.config + fmt::format("\nPort {}\nListenAddress 127.0.0.1\n", port_) + host_keys +
                                             "AuthorizedKeysFile " + (directory_ / "authorized_keys") + "\nPidFile none\n" +
                                             "PermitRootLogin yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
                                             "UsePAM no\nUseDNS no\nStrictModes no\nPrintMotd no\nPrintLastLog no\n"
                                             "MaxStartups 1000\nMaxAuthTries 20\nLogLevel VERBOSE\nSetEnv HOME=" +
                                             directory_.path() + "\nSubsystem sftp internal-sftp\n");
}

void TestSshd::start() {
  ::mkdir("/run/sshd", 0755);
  server_ = std::make_unique<TestProgram>(
      std::vector<std::string>{sshd_path(), "-D", "-e", "-f", directory_ / "sshd_config"}, directory_ / "log");
  wait_for_port(port_);
}

std::string TestSshd::log() const { return read_text(directory_ / "log"); }

std::string TestSshd::host_public_key(const std::string& type) const {
  const std::string line = read_text(directory_ / ("host_" + type + ".pub"));
  const auto words = text::split(line, ' ');
  return std::string(words.at(0)) + " " + std::string(words.at(1));
}

std::string TestSshd::make_key(const std::string& name, const std::string& type, const std::string& passphrase, bool accepted) {
  const std::string path = directory_ / name;
  run_program({"ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", name, "-f", path});
  if (accepted) std::ofstream(directory_ / "authorized_keys", std::ios::app) << read_text(path + ".pub");
  return path;
}

Credentials key_credentials(const std::string& path) {
  Credentials credentials;
  credentials.identity_files = {path};
  return credentials;
}

Target TestSshd::target() const {
  Target target;
  target.name = "test";
  target.address = "127.0.0.1";
  target.port = port_;
  target.user = current_user();
  target.credentials = std::make_shared<const Credentials>(key_credentials(key()));
  target.user_known_hosts = {known_hosts()};
  target.connect_timeout = std::chrono::seconds(60);
  return target;
}

std::shared_ptr<const Target> TestSshd::with(Target target, Credentials credentials) {
  target.credentials = std::make_shared<const Credentials>(std::move(credentials));
  return std::make_shared<const Target>(std::move(target));
}

Async<Result<Ran>> run_command(std::shared_ptr<Session> session, Command command, std::string input, Deadline deadline) {
  HERDER_CO_TRY(const std::unique_ptr<Process> process, co_await session->start(std::move(command), deadline));
  if (!input.empty()) HERDER_CO_TRY_VOID(co_await process->write(input, deadline));
  HERDER_CO_TRY_VOID(co_await process->close_input(deadline));
  Ran ran;
  for (;;) {
    HERDER_CO_TRY(Chunk chunk, co_await process->read(deadline));
    if (chunk.end) break;
    (chunk.source == Source::out ? ran.out : ran.err) += chunk.bytes;
  }
  HERDER_CO_TRY(ran.exit, co_await process->wait(deadline));
  co_return ran;
}

Result<Ran> ssh_run(const Target& target, std::string line, std::string input) {
  return on_loop([&]() -> Async<Result<Ran>> {
    const auto connector = make_ssh_connector({});
    const Deadline deadline = Deadline::after(std::chrono::minutes(2));
    HERDER_CO_TRY(const auto session, co_await connector->connect(std::make_shared<const Target>(target), deadline));
    auto ran = co_await run_command(session, {.line = line}, input, deadline);
    co_await session->close(deadline);
    co_return ran;
  });
}

Result<std::string> ssh_try(const std::shared_ptr<const Target>& target, SshSettings settings) {
  return on_loop([&]() -> Async<Result<std::string>> {
    const auto connector = make_ssh_connector(settings);
    const Deadline deadline = Deadline::after(std::chrono::minutes(2));
    HERDER_CO_TRY(const auto session, co_await connector->connect(target, deadline));
    std::string described = session->describe();
    co_await session->close(deadline);
    co_return described;
  });
}

}  // namespace herder::transport
