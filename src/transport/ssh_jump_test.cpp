// Ways to a host that is not reached directly, and servers of another make.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pwd.h>
#include <unistd.h>

#include "async/scope.hpp"
#include "transport/ssh_server_test.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::size_t count(const std::string& text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += word.size()) ++found;
  return found;
}

TEST(SshJump, two_hops_carry_commands_and_data) {
  const TestSshd first;
  const TestSshd second;
  const TestSshd goal;
  Target target = goal.target();
  target.jumps = {std::make_shared<const Target>(first.target()), std::make_shared<const Target>(second.target())};
  const auto ran = ssh_run(target, "head -c 3000000 /dev/zero; cat >&2; exit 4", std::string(500'000, 'i'));
  ASSERT_TRUE(ran) << ran.error().what;
  EXPECT_EQ(ran->out.size(), 3'000'000U);
  EXPECT_EQ(ran->err.size(), 500'000U);
  EXPECT_EQ(ran->exit.code, 4);
  EXPECT_EQ(count(first.log(), "Accepted publickey"), 1U);
  EXPECT_EQ(count(second.log(), "Accepted publickey"), 1U);
}

Async<void> run_echo(Connector& connector, std::shared_ptr<const Target> target, int& good, Deadline deadline) {
  const auto session = co_await connector.connect(std::move(target), deadline);
  EXPECT_TRUE(session) << session.error().what;
  if (!session) co_return;
  const auto ran = co_await run_command(*session, {.line = "echo here"}, "", deadline);
  if (ran && ran->out == "here\n") ++good;
  co_await (*session)->close(deadline);
}

TEST(SshJump, many_hosts_share_one_connection_to_the_jump_host) {
  const TestSshd jump;
  const TestSshd goal;
  int good = 0;
  on_loop([&]() -> Async<bool> {
    const auto connector = make_ssh_connector({});
    auto target = std::make_shared<Target>(goal.target());
    target->jumps = {std::make_shared<const Target>(jump.target())};
    async::Scope scope(Deadline::after(2min));
    for (int i = 0; i < 30; ++i) scope.spawn(run_echo(*connector, target, good, scope.deadline()));
    co_await scope.join();
    co_return true;
  });
  EXPECT_EQ(good, 30);
  EXPECT_EQ(count(jump.log(), "Accepted publickey"), 1U);
  EXPECT_EQ(count(goal.log(), "Accepted publickey"), 30U);
}

TEST(SshJump, a_jump_host_that_dies_takes_its_sessions_along) {
  TestSshd jump;
  const TestSshd goal;
  on_loop([&]() -> Async<bool> {
    const auto connector = make_ssh_connector({});
    const Deadline deadline = Deadline::after(1min);
    auto target = std::make_shared<Target>(goal.target());
    target->jumps = {std::make_shared<const Target>(jump.target())};
    const auto session = must(co_await connector->connect(target, deadline));
    const auto process = must(co_await session->start({.line = "echo up; sleep 50"}, deadline));
    EXPECT_EQ(must(co_await process->read(deadline)).bytes, "up\n");
    jump.stop();
    const auto chunk = co_await process->read(deadline);
    EXPECT_FALSE(chunk);
    if (!chunk) EXPECT_EQ(chunk.error().code, Errc::unreachable);
    co_await session->close(deadline);
    co_return true;
  });
}

TEST(SshJump, failures_name_the_host_that_failed) {
  TestSshd jump;
  const TestSshd goal;
  Target target = goal.target();
  auto hop = std::make_shared<Target>(jump.target());
  hop->user_known_hosts = {};
  target.jumps = {hop};
  const auto untrusted = ssh_try(std::make_shared<const Target>(target));
  ASSERT_FALSE(untrusted);
  EXPECT_EQ(untrusted.error().code, Errc::denied);
  EXPECT_THAT(untrusted.error().via, testing::Contains("jump host 127.0.0.1"));

  target = goal.target();
  target.jumps = {std::make_shared<const Target>(jump.target())};
  target.port = free_port();
  const auto closed = ssh_try(std::make_shared<const Target>(target));
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().code, Errc::unreachable);
  EXPECT_THAT(closed.error().what, HasSubstr(fmt::format("127.0.0.1 cannot connect to 127.0.0.1:{}", target.port)));
}

TEST(SshProxyCommand, is_what_the_session_runs_over) {
  const TestSshd server;
  Target target = server.target();
  target.proxy_command = "/usr/sbin/sshd -i -f " + (server.directory() / "sshd_config");
  target.port = free_port();  // nobody is there
  target.host_key_alias = "behind-a-proxy";
  target.host_keys = HostKeyPolicy::accept_new;
  const auto ran = ssh_run(target, "head -c 1000000 /dev/zero; exit 5");
  ASSERT_TRUE(ran) << ran.error().what;
  EXPECT_EQ(ran->out.size(), 1'000'000U);
  EXPECT_EQ(ran->exit.code, 5);
}

TEST(SshProxyCommand, that_fails_is_reported) {
  const TestSshd server;
  Target target = server.target();
  target.proxy_command = "sh -c 'echo no route >&2; exit 1'";
  target.connect_timeout = 2s;
  const auto done = ssh_try(std::make_shared<const Target>(target));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::unreachable);
  EXPECT_THAT(done.error().what, HasSubstr("proxy command")) << done.error().what;
  EXPECT_THAT(done.error().what, HasSubstr("no route")) << done.error().what;
}

TEST(SshProxyCommand, dies_with_the_session) {
  const TestSshd server;
  Target target = server.target();
  const std::string pid_file = server.directory() / "proxy.pid";
  target.proxy_command =
      "sh -c 'echo $$ > " + pid_file + "; /usr/sbin/sshd -i -f " + (server.directory() / "sshd_config") + "; sleep 600'";
  target.host_key_alias = "behind-a-proxy";
  target.host_keys = HostKeyPolicy::off;
  ASSERT_TRUE(ssh_try(std::make_shared<const Target>(target)));
  const int pid = std::stoi(read_file(pid_file).value());
  bool gone = false;
  for (int i = 0; i < 500 && !gone; ++i) {
    gone = ::access(fmt::format("/proc/{}", pid).c_str(), F_OK) != 0;
    if (!gone) ::usleep(10'000);
  }
  EXPECT_TRUE(gone);
}

/// dropbear takes keys only from the home directory in the password file. As root the test lays a directory of its own over that
/// one, in a mount namespace that goes with the server; otherwise only the refusal can be seen.
TEST(SshDropbear, is_spoken_to) {
  const TestSshd keys;  // for its keys and its directory
  const int port = free_port();
  const std::string home = keys.directory() / "home";
  const std::string host_key = keys.directory() / "dropbear_host";
  ASSERT_TRUE(run_program({"dropbearkey", "-t", "ed25519", "-f", host_key}));
  ASSERT_TRUE(run_program({"sh", "-c", fmt::format("umask 077; mkdir -p {0}/.ssh && cp {1} {0}/.ssh/authorized_keys", home,
                                                   keys.directory() / "authorized_keys")}));
  const std::string serve = fmt::format("exec dropbear -F -E -r {} -p 127.0.0.1:{} -P {}/pid", host_key, port, keys.directory().path());
  const bool root = ::geteuid() == 0;
  const std::vector<std::string> argv =
      root ? std::vector<std::string>{"unshare", "--mount", "sh", "-c", fmt::format("mount --bind {} {} && {}", home, ::getpwuid(::geteuid())->pw_dir, serve)}
           : std::vector<std::string>{"sh", "-c", serve};
  const TestProgram dropbear(argv, keys.directory() / "dropbear.log");
  ASSERT_TRUE(wait_for_port(port));
  Target target = keys.target();
  target.port = port;
  target.host_keys = HostKeyPolicy::off;
  const auto ran = ssh_run(target, "head -c 1000000 /dev/zero; cat >&2; exit 6", std::string(300'000, 'd'));
  if (!root) {
    ASSERT_FALSE(ran);
    EXPECT_THAT(ran.error().what, HasSubstr("refused; server accepts publickey"));
    return;
  }
  ASSERT_TRUE(ran) << ran.error().what << read_file(keys.directory() / "dropbear.log").value();
  EXPECT_EQ(ran->out.size(), 1'000'000U);
  EXPECT_EQ(ran->err.size(), 300'000U);
  EXPECT_EQ(ran->exit.code, 6);
}

}  // namespace
}  // namespace herder::transport
