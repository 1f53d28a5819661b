#include "transport/system_ssh.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "async/scope.hpp"
#include "transport/ssh_scripted_server_test.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SystemSsh : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new TestSshd({.config = "AcceptEnv HERDER_*\nMaxSessions 20\n"}); }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }

  static Target target() {
    Target made;
    made.name = "host";
    made.method = Method::system_ssh;
    made.system_ssh_reason = "a test";
    made.address = "127.0.0.1";
    made.connect_timeout = 20s;
    made.system_ssh_options = {"-F", "none", "-o", "Port " + std::to_string(server->port()), "-o", "UserKnownHostsFile " + server->known_hosts(),
                               "-o", "GlobalKnownHostsFile /dev/null", "-o", "IdentitiesOnly yes", "-o", "KexAlgorithms curve25519-sha256"};
    return made;
  }
  static Target with_key(const std::string& key) {
    Target made = target();
    made.system_ssh_options.insert(made.system_ssh_options.end(), {"-o", "IdentityFile " + key});
    return made;
  }

  static Result<Ran> run(const Target& to, Command command, std::string input = {}) {
    return on_loop([&]() -> Async<Result<Ran>> {
      const auto connector = make_system_ssh_connector();
      const Deadline deadline = Deadline::after(60s);
      HERDER_CO_TRY(auto session, co_await connector->connect(std::make_shared<const Target>(to), deadline));
      auto ran = co_await run_command(session, command, input, deadline);
      co_await session->close(deadline);
      co_return ran;
    });
  }

  static TestSshd* server;
};
TestSshd* SystemSsh::server = nullptr;

TEST_F(SystemSsh, runs_commands_over_one_connection) {
  const auto all = on_loop([&]() -> Async<Result<std::string>> {
    const auto connector = make_system_ssh_connector();
    const Deadline deadline = Deadline::after(60s);
    HERDER_CO_TRY(auto session, co_await connector->connect(std::make_shared<const Target>(with_key(server->key())), deadline));
    std::string out;
    for (int i = 0; i < 3; ++i) {
      HERDER_CO_TRY(const Ran ran, co_await run_command(session, {.line = "echo $PPID; echo err >&2; exit 3"}, "", deadline));
      out += ran.out + ran.err + std::to_string(ran.exit.code.value_or(-1)) + ";";
    }
    EXPECT_TRUE(session->alive());
    co_await session->close(deadline);
    EXPECT_FALSE(session->alive());
    co_return out;
  });
  ASSERT_TRUE(all) << all.error().what;
  const std::string parent = all->substr(0, all->find('\n'));
  EXPECT_EQ(*all, parent + "\nerr\n3;" + parent + "\nerr\n3;" + parent + "\nerr\n3;") << "one sshd serves all three";
}

TEST_F(SystemSsh, input_environment_and_code_255_pass) {
  const auto ran = run(with_key(server->key()), {.line = "cat; echo $HERDER_X; exit 255", .env = {{"HERDER_X", "a b"}}}, "in\n");
  ASSERT_TRUE(ran) << ran.error().what;
  EXPECT_EQ(ran->out, "in\na b\n");
  EXPECT_EQ(ran->exit.code, 255);
}

TEST_F(SystemSsh, a_wrong_key_is_denied_with_sshs_words) {
  const std::string stranger = server->make_key("stranger", "ed25519", "", false);
  const auto ran = run(with_key(stranger), {.line = "true"});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::denied);
  EXPECT_THAT(ran.error().what, HasSubstr("Permission denied"));
}

TEST_F(SystemSsh, an_unknown_host_key_is_denied) {
  Target to = with_key(server->key());
  to.system_ssh_options.insert(to.system_ssh_options.begin(), {"-o", "UserKnownHostsFile /dev/null"});
  const auto ran = run(to, {.line = "true"});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::denied) << ran.error().what;
}

TEST_F(SystemSsh, nobody_there_is_unreachable) {
  Target to = with_key(server->key());
  to.system_ssh_options.insert(to.system_ssh_options.begin(), {"-o", "Port " + std::to_string(free_port())});
  const auto ran = run(to, {.line = "true"});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::unreachable);
  EXPECT_THAT(ran.error().what, HasSubstr("refused"));
}

TEST_F(SystemSsh, a_password_goes_in_by_a_pipe) {
  for (const bool asked : {false, true}) {
    const ScriptedServer scripted(asked ? ServerScript{.questions = {{"Password: ", "correct-horse"}}} : ServerScript{.password = "correct-horse"});
    const Target there = scripted.target();
    Target to = target();
    to.system_ssh_options = {"-F", "none", "-o", "Port " + std::to_string(there.port), "-o", "User " + there.user, "-o",
                             "UserKnownHostsFile " + there.user_known_hosts.at(0), "-o", "PubkeyAuthentication no"};
    const auto connect = [&](std::string_view password) {
      Credentials have;
      have.password = Secret(password);
      to.credentials = std::make_shared<const Credentials>(std::move(have));
      return on_loop([&]() -> Async<Result<bool>> {
        const auto connector = make_system_ssh_connector();
        HERDER_CO_TRY(auto session, co_await connector->connect(std::make_shared<const Target>(to), Deadline::after(60s)));
        const bool alive = session->alive();
        co_await session->close(Deadline::after(10s));
        co_return alive;
      });
    };
    const auto in = connect("correct-horse");
    ASSERT_TRUE(in) << in.error().what;
    EXPECT_TRUE(*in);
    const auto denied = connect("wrong-horse");
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().code, Errc::denied) << denied.error().what;
  }
}

TEST_F(SystemSsh, a_password_is_not_given_to_jump_hosts) {
  Target to = target();
  Credentials right;
  right.password = Secret("correct-horse");
  to.credentials = std::make_shared<const Credentials>(std::move(right));
  to.jumps.push_back(std::make_shared<const Target>());
  const auto ran = run(to, {.line = "true"});
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::unsupported);
}

TEST_F(SystemSsh, a_dropped_session_leaves_nothing_behind) {
  const auto before = descendants(::getpid()).size();
  (void)on_loop([&]() -> Async<Result<>> {
    const auto connector = make_system_ssh_connector();
    HERDER_CO_TRY(auto session, co_await connector->connect(std::make_shared<const Target>(with_key(server->key())), Deadline::after(60s)));
    HERDER_CO_TRY(auto process, co_await session->start({.line = "sleep 1000"}, Deadline::after(60s)));
    session.reset();
    process.reset();
    co_return Result<>{};
  });
  for (int i = 0; i < 100 && descendants(::getpid()).size() > before; ++i) std::this_thread::sleep_for(50ms);
  EXPECT_EQ(descendants(::getpid()).size(), before);
  for (const auto& entry : std::filesystem::directory_iterator("/tmp"))
    if (entry.path().filename().string().starts_with("herder-system-ssh-")) {
      const auto age = std::filesystem::file_time_type::clock::now() - entry.last_write_time();
      EXPECT_GT(age, 60s) << entry.path();
    }
}

TEST_F(SystemSsh, a_killed_connection_is_noticed) {
  const auto ended = on_loop([&]() -> Async<Result<Exit>> {
    const auto connector = make_system_ssh_connector();
    const Deadline deadline = Deadline::after(60s);
    HERDER_CO_TRY(auto session, co_await connector->connect(std::make_shared<const Target>(with_key(server->key())), deadline));
    HERDER_CO_TRY(auto process, co_await session->start({.line = "kill -9 $PPID; sleep 100"}, deadline));
    for (;;) {
      HERDER_CO_TRY(const Chunk chunk, co_await process->read(deadline));
      if (chunk.end) break;
    }
    co_return co_await process->wait(deadline);
  });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Errc::unreachable) << ended.error().what;
}

}  // namespace
}  // namespace herder::transport
