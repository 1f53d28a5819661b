#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "async/scope.hpp"
#include "transport/ssh_server_test.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SshSessionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new TestSshd({.config = "AcceptEnv HERDER_*\nMaxSessions 20\n"}); }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  static TestSshd* server;
};
TestSshd* SshSessionTest::server = nullptr;

TEST_F(SshSessionTest, gives_both_streams_and_the_exit_code) {
  const auto ran = ssh_run(server->target(), "echo out; echo err >&2; exit 3");
  ASSERT_TRUE(ran) << ran.error().what << server->log();
  EXPECT_EQ(ran->out, "out\n");
  EXPECT_EQ(ran->err, "err\n");
  EXPECT_EQ(ran->exit.code, 3);
}

TEST_F(SshSessionTest, names_the_signal_that_killed_it) {
  const auto ran = ssh_run(server->target(), "kill -SEGV $$");
  ASSERT_TRUE(ran) << ran.error().what;
  EXPECT_FALSE(ran->exit.code);
  EXPECT_EQ(ran->exit.signal, "SEGV");
}

TEST_F(SshSessionTest, echoes_what_it_is_given) {
  std::string input;
  for (int i = 0; i < 3'000'000; ++i) input += static_cast<char>('a' + i % 26);
  // wc reads all before it writes: writing must not need somebody who reads.
  const auto counted = ssh_run(server->target(), "wc -c", input);
  ASSERT_TRUE(counted) << counted.error().what;
  EXPECT_EQ(counted->out, "3000000\n");
  const std::string small = input.substr(0, 100'000);
  const auto echoed = ssh_run(server->target(), "cat; cat >&2 < /dev/null", small);
  ASSERT_TRUE(echoed);
  EXPECT_EQ(echoed->out, small);
}

TEST_F(SshSessionTest, describes_what_it_uses) {
  const auto described = ssh_try(std::make_shared<const Target>(server->target()));
  ASSERT_TRUE(described) << described.error().what;
  EXPECT_EQ(*described, "libssh, curve25519-sha256, aes128-gcm@openssh.com, ssh-ed25519, publickey " + server->key());
}

TEST_F(SshSessionTest, passes_variables_that_the_server_accepts) {
  Target target = server->target();
  target.set_env = {{"HERDER_SET", "one"}, {"HERDER_BOTH", "target"}};
  ::setenv("HERDER_SENT", "two", 1);
  target.send_env = {"HERDER_SENT"};
  const auto ran = on_loop([&]() -> Async<Result<Ran>> {
    const auto connector = make_ssh_connector({});
    HERDER_CO_TRY(const auto session, co_await connector->connect(std::make_shared<const Target>(target), Deadline::after(60s)));
    Command command{.line = "echo $HERDER_SET $HERDER_SENT $HERDER_BOTH $REFUSED.", .env = {{"HERDER_BOTH", "command"}, {"REFUSED", "x"}}};
    auto done = co_await run_command(session, std::move(command), "", Deadline::after(60s));
    co_await session->close(Deadline::after(5s));
    co_return done;
  });
  ASSERT_TRUE(ran) << ran.error().what;
  EXPECT_EQ(ran->out, "one two command .\n");
}

TEST_F(SshSessionTest, gives_a_pseudo_terminal_on_request) {
  on_loop([&]() -> Async<bool> {
    const auto connector = make_ssh_connector({});
    const Deadline deadline = Deadline::after(60s);
    const auto session = must(co_await connector->connect(std::make_shared<const Target>(server->target()), deadline));
    const auto ran = co_await run_command(session, {.line = "test -t 0 && echo terminal", .pty = true}, "", deadline);
    EXPECT_TRUE(ran);
    if (ran) EXPECT_EQ(ran->out, "terminal\r\n");
    co_await session->close(deadline);
    co_return true;
  });
}

TEST_F(SshSessionTest, starts_subsystems_and_names_missing_ones) {
  on_loop([&]() -> Async<bool> {
    const auto connector = make_ssh_connector({});
    const Deadline deadline = Deadline::after(60s);
    const auto session = must(co_await connector->connect(std::make_shared<const Target>(server->target()), deadline));
    auto sftp = co_await session->start({.subsystem = "sftp"}, deadline);
    EXPECT_TRUE(sftp);
    if (sftp) {
      const std::string init("\0\0\0\5\1\0\0\0\3", 9);
      EXPECT_TRUE(co_await (*sftp)->write(init, deadline));
      const auto answer = co_await (*sftp)->read(deadline);
      EXPECT_TRUE(answer && answer->bytes.size() > 9 && answer->bytes[4] == 2);
    }
    const auto missing = co_await session->start({.subsystem = "netconf"}, deadline);
    EXPECT_FALSE(missing);
    if (!missing) EXPECT_THAT(missing.error().what, HasSubstr("no subsystem 'netconf'"));
    co_await session->close(deadline);
    co_return true;
  });
}

/// sshd passes signals on to the command only where it has a process of the user's own to do so: not for root.
TEST_F(SshSessionTest, sends_signals) {
  on_loop([&]() -> Async<bool> {
    const auto connector = make_ssh_connector({});
    const Deadline deadline = Deadline::after(60s);
    const auto session = must(co_await connector->connect(std::make_shared<const Target>(server->target()), deadline));
    const auto process = must(co_await session->start({.line = "echo ready; exec sleep 50"}, deadline));
    EXPECT_EQ(must(co_await process->read(deadline)).bytes, "ready\n");
    process->signal("SIGTERM");
    if (::geteuid() == 0) {
      for (int i = 0; i < 1000 && !server->log().contains("session_signal_req"); ++i) (void)co_await async::sleep_for(10ms);
      EXPECT_THAT(server->log(), HasSubstr("session_signal_req"));
    } else {
      const auto exit = co_await process->wait(deadline);
      EXPECT_TRUE(exit && exit->signal == "TERM");
    }
    co_await session->close(deadline);
    co_return true;
  });
}

Async<void> run_numbered(std::shared_ptr<Session> session, int number, int& right, Deadline deadline) {
  const auto ran = co_await run_command(session, {.line = fmt::format("head -c {} /dev/zero; echo {} >&2; exit {}", number * 5000, number, number)}, "", deadline);
  EXPECT_TRUE(ran) << ran.error().what;
  if (ran && ran->out.size() == static_cast<std::size_t>(number) * 5000 && ran->err == fmt::format("{}\n", number) && ran->exit.code == number) ++right;
}

TEST_F(SshSessionTest, runs_many_commands_at_a_time_and_names_the_limit) {
  int right = 0;
  on_loop([&]() -> Async<bool> {
    const auto connector = make_ssh_connector({});
    const Deadline deadline = Deadline::after(100s);
    const auto session = must(co_await connector->connect(std::make_shared<const Target>(server->target()), deadline));
    for (int round = 0; round < 3; ++round) {  // more than MaxSessions in all: ended ones make room
      async::Scope scope(deadline);
      for (int i = 1; i <= 20; ++i) scope.spawn(run_numbered(session, i, right, scope.deadline()));
      co_await scope.join();
    }
    std::vector<std::unique_ptr<Process>> running;
    for (int i = 0; i < 20; ++i) {
      auto process = co_await session->start({.line = "cat"}, deadline);
      EXPECT_TRUE(process) << i << ": " << process.error().what;
      if (process) running.push_back(*std::move(process));
    }
    const auto refused = co_await session->start({.line = "true"}, deadline);
    EXPECT_FALSE(refused);
    if (!refused) EXPECT_EQ(refused.error().code, Errc::limit) << refused.error().what;
    running.clear();
    EXPECT_TRUE(session->alive());
    co_await session->close(deadline);
    co_return true;
  });
  EXPECT_EQ(right, 60);
}

TEST_F(SshSessionTest, a_start_that_is_given_up_does_not_use_up_a_channel) {
  on_loop([&]() -> Async<bool> {
    const auto connector = make_ssh_connector({});
    const Deadline deadline = Deadline::after(100s);
    const auto session = must(co_await connector->connect(std::make_shared<const Target>(server->target()), deadline));
    for (int i = 0; i < 60; ++i) {
      const auto given_up = co_await session->start({.line = "cat"}, Deadline::after(1us));
      EXPECT_FALSE(given_up);
    }
    const auto ran = co_await run_command(session, {.line = "echo fine"}, "", deadline);
    EXPECT_TRUE(ran) << ran.error().what;
    if (ran) EXPECT_EQ(ran->out, "fine\n");
    co_await session->close(deadline);
    co_return true;
  });
}

TEST_F(SshSessionTest, a_lost_connection_ends_everything_that_waits) {
  on_loop([&]() -> Async<bool> {
    const auto connector = make_ssh_connector({});
    const Deadline deadline = Deadline::after(60s);
    const auto session = must(co_await connector->connect(std::make_shared<const Target>(server->target()), deadline));
    const auto process = must(co_await session->start({.line = "echo begun; read go; kill -9 $PPID; sleep 60"}, deadline));
    EXPECT_EQ(must(co_await process->read(deadline)).bytes, "begun\n");
    EXPECT_TRUE(co_await process->write("go\n", deadline));
    const auto more = co_await process->read(deadline);
    EXPECT_FALSE(more);
    if (!more) EXPECT_EQ(more.error().code, Errc::unreachable) << more.error().what;
    const auto exit = co_await process->wait(deadline);
    EXPECT_FALSE(exit);
    if (!exit) EXPECT_EQ(exit.error().code, Errc::unreachable);
    EXPECT_FALSE(session->alive());
    const auto again = co_await session->start({.line = "true"}, deadline);
    EXPECT_FALSE(again);
    const auto input = co_await process->write("x", deadline);
    EXPECT_FALSE(input);
    co_await session->close(deadline);
    co_return true;
  });
}

TEST_F(SshSessionTest, a_process_may_outlive_session_and_connector) {
  on_loop([&]() -> Async<bool> {
    const Deadline deadline = Deadline::after(60s);
    std::unique_ptr<Process> process;
    {
      const auto connector = make_ssh_connector({});
      const auto session = must(co_await connector->connect(std::make_shared<const Target>(server->target()), deadline));
      process = must(co_await session->start({.line = "echo still here"}, deadline));
    }
    EXPECT_EQ(must(co_await process->read(deadline)).bytes, "still here\n");
    EXPECT_EQ(must(co_await process->wait(deadline)).code, 0);
    co_return true;
  });
}

}  // namespace
}  // namespace herder::transport
