// Real SSH servers for tests: OpenSSH's sshd and dropbear on 127.0.0.1, each with keys and configuration of its own in a temporary
// directory, stopped by process id at the end.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "async/loop.hpp"
#include "base/file.hpp"
#include "transport/session.hpp"
#include "transport/ssh_connector.hpp"

namespace herder::transport {

/// A temporary directory that goes with everything in it.
class TestDirectory {
 public:
  TestDirectory();
  TestDirectory(const TestDirectory&) = delete;
  TestDirectory& operator=(const TestDirectory&) = delete;
  ~TestDirectory();
  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// Runs a program to its end; false (and a test failure) when it fails.
bool run_program(const std::vector<std::string>& argv);
/// A child process, killed with its descendants at the end.
class TestProgram {
 public:
  TestProgram(const std::vector<std::string>& argv, const std::string& log_file);
  TestProgram(const TestProgram&) = delete;
  TestProgram& operator=(const TestProgram&) = delete;
  ~TestProgram();
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  void stop();

 private:
  pid_t pid_ = -1;
};

/// All descendants of a process, nearest first.
std::vector<pid_t> descendants(pid_t of);
int free_port();
/// Waits until something listens.
bool wait_for_port(int port);

struct SshdOptions {
  std::string config;                            // further lines of sshd_config
  std::vector<std::string> host_key_types{"ed25519"};
  std::string password;                          // accepted for the current user through a passwd file of the test's own (dropbear no)
};

class TestSshd {
 public:
  explicit TestSshd(SshdOptions options = {});
  TestSshd(const TestSshd&) = delete;
  TestSshd& operator=(const TestSshd&) = delete;

  [[nodiscard]] int port() const noexcept { return port_; }
  [[nodiscard]] const TestDirectory& directory() const noexcept { return directory_; }
  [[nodiscard]] pid_t pid() const noexcept { return server_->pid(); }
  [[nodiscard]] std::string log() const;
  /// The private key that the server accepts.
  [[nodiscard]] std::string key() const { return directory_ / "id_ed25519"; }
  [[nodiscard]] std::string known_hosts() const { return directory_ / "known_hosts"; }
  [[nodiscard]] std::string host_public_key(const std::string& type = "ed25519") const;
  /// Makes a further key pair in the directory; `accepted` lists it in authorized_keys. Gives the path of the private half.
  std::string make_key(const std::string& name, const std::string& type, const std::string& passphrase = {}, bool accepted = true);
  void start();
  void stop() { server_.reset(); }

  /// As the current user with key(), host key listed.
  [[nodiscard]] Target target() const;
  static std::shared_ptr<const Target> with(Target target, Credentials credentials);

 private:
  void write_config(const SshdOptions& options);

  TestDirectory directory_;
  int port_ = 0;
  std::unique_ptr<TestProgram> server_;
};

/// The value, or the end of the test program with the reason: for steps without which a test makes no sense.
template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "a step of the test failed: %s\n", result.error().what.c_str());
    std::abort();
  }
  return *std::move(result);
}

Credentials key_credentials(const std::string& path);
std::string current_user();

struct Ran {
  std::string out, err;
  Exit exit;
};
/// Starts a command, gives it `input`, reads everything and waits.
Async<Result<Ran>> run_command(std::shared_ptr<Session> session, Command command, std::string input, Deadline deadline);
/// Connects, runs one line, closes.
Result<Ran> ssh_run(const Target& target, std::string line, std::string input = {});
/// Connects and closes; gives what describe() says.
Result<std::string> ssh_try(const std::shared_ptr<const Target>& target, SshSettings settings = {});

/// Runs a coroutine on a fresh loop, then lets what was dropped end.
template <class Make>
auto on_loop(Make make) {
  const auto loop = async::make_loop();
  return async::run_until_done(*loop, [](Make go) -> decltype(make()) {
    auto result = co_await go();
    for (int i = 0; i < 3; ++i) (void)co_await async::sleep_for(std::chrono::milliseconds(1));
    co_return result;
  }(std::move(make)));
}

}  // namespace herder::transport
