// Output without end, peers that stop answering, keys that change: what must stay bounded and what must be noticed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "async/scope.hpp"
#include "base/text.hpp"
#include "transport/ssh_server_test.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// 0 in sanitized builds, which keep freed memory for a while.
std::size_t resident_bytes() {
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return 0;
#else
  std::ifstream in("/proc/self/statm");
  std::size_t pages = 0;
  std::size_t resident = 0;
  in >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
#endif
}

Async<Result<std::shared_ptr<Session>>> connect_to(std::shared_ptr<const Target> target, Deadline deadline) {
  const auto connector = make_ssh_connector({});
  co_return co_await connector->connect(std::move(target), std::move(deadline));
}

TEST(SshLimits, a_hundred_megabytes_pass_through_little_memory) {
  const TestSshd server;
  constexpr std::size_t size = 100'000'000;
  std::size_t got = 0;
  std::size_t most = 0;
  on_loop([&]() -> Async<bool> {
    const Deadline deadline = Deadline::after(5min);
    const auto session = must(co_await connect_to(std::make_shared<const Target>(server.target()), deadline));
    const auto process = must(co_await session->start({.line = fmt::format("head -c {} /dev/zero", size)}, deadline));
    const std::size_t before = resident_bytes();
    for (;;) {
      const auto chunk = co_await process->read(deadline);
      EXPECT_TRUE(chunk);
      if (!chunk || chunk->end) break;
      EXPECT_LE(chunk->bytes.size(), std::size_t{256} << 10U);
      got += chunk->bytes.size();
      const std::size_t now = resident_bytes();
      most = std::max(most, now - std::min(before, now));
    }
    EXPECT_EQ(must(co_await process->wait(deadline)).code, 0);
    co_await session->close(deadline);
    co_return true;
  });
  EXPECT_EQ(got, size);
  EXPECT_LT(most, std::size_t{16} << 20U);
}

TEST(SshLimits, output_that_nobody_reads_stays_where_it_is) {
  const TestSshd server;
  on_loop([&]() -> Async<bool> {
    const Deadline deadline = Deadline::after(5min);
    const auto session = must(co_await connect_to(std::make_shared<const Target>(server.target()), deadline));
    for (const int commands : {1, 3}) {
      std::vector<std::unique_ptr<Process>> processes;
      const std::size_t before = resident_bytes();
      for (int i = 0; i < commands; ++i) processes.push_back(must(co_await session->start({.line = "head -c 20000000 /dev/zero"}, deadline)));
      (void)co_await async::sleep_for(1s);
      const std::size_t now = resident_bytes();
      EXPECT_LT(now - std::min(before, now), (std::size_t{4} << 20U) * static_cast<std::size_t>(commands));
      for (const auto& process : processes) {
        std::size_t got = 0;
        for (;;) {
          const auto chunk = co_await process->read(deadline);
          EXPECT_TRUE(chunk) << chunk.error().what;
          if (!chunk || chunk->end) break;
          got += chunk->bytes.size();
        }
        EXPECT_EQ(got, 20'000'000U);
      }
    }
    co_await session->close(deadline);
    co_return true;
  });
}

TEST(SshLimits, keys_are_renewed_in_the_middle_of_traffic) {
  const TestSshd server({.config = "RekeyLimit 1M\n"});
  std::string input(5'000'000, 'x');
  const auto ran = ssh_run(server.target(), "tee /dev/stderr 2>&1 >/dev/null | wc -c", input);
  ASSERT_TRUE(ran) << ran.error().what;
  EXPECT_EQ(ran->out, "5000000\n");
  const auto output = ssh_run(server.target(), "head -c 5000000 /dev/zero");
  ASSERT_TRUE(output) << output.error().what;
  EXPECT_EQ(output->out.size(), 5'000'000U);
}

TEST(SshLimits, a_connection_cut_in_mid_output_is_unreachable) {
  const TestSshd server;
  on_loop([&]() -> Async<bool> {
    const Deadline deadline = Deadline::after(1min);
    const auto session = must(co_await connect_to(std::make_shared<const Target>(server.target()), deadline));
    const auto process = must(co_await session->start({.line = "yes"}, deadline));
    EXPECT_TRUE(co_await process->read(deadline));
    for (const pid_t pid : descendants(server.pid())) ::kill(pid, SIGKILL);
    Result<Chunk> chunk = Chunk{};
    while (chunk && !chunk->end) chunk = co_await process->read(deadline);
    EXPECT_FALSE(chunk);
    if (!chunk) EXPECT_EQ(chunk.error().code, Errc::unreachable) << chunk.error().what;
    co_await session->close(deadline);
    co_return true;
  });
}

TEST(SshLimits, a_peer_that_stops_answering_is_noticed) {
  const TestSshd server;
  on_loop([&]() -> Async<bool> {
    const Deadline deadline = Deadline::after(1min);
    Target target = server.target();
    target.alive_interval = 400ms;
    target.alive_count_max = 5;
    const auto session = must(co_await connect_to(std::make_shared<const Target>(target), deadline));
    const auto process = must(co_await session->start({.line = "echo up; sleep 50"}, deadline));
    EXPECT_EQ(must(co_await process->read(deadline)).bytes, "up\n");
    (void)co_await async::sleep_for(1500ms);
    EXPECT_TRUE(session->alive());  // it answers keepalives
    const auto stopped = descendants(server.pid());
    for (const pid_t pid : stopped) ::kill(pid, SIGSTOP);
    const auto chunk = co_await process->read(deadline);
    EXPECT_FALSE(chunk);
    if (!chunk) {
      EXPECT_EQ(chunk.error().code, Errc::unreachable);
      EXPECT_THAT(chunk.error().what, HasSubstr("no sign of life"));
    }
    EXPECT_FALSE(session->alive());
    for (const pid_t pid : stopped) ::kill(pid, SIGCONT);
    co_await session->close(deadline);
    co_return true;
  });
}

class SshHostKeyTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new TestSshd({.host_key_types = {"rsa", "ed25519"}}); }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  static std::string name() { return fmt::format("[127.0.0.1]:{}", server->port()); }
  /// A target whose known_hosts file has these lines.
  static std::shared_ptr<Target> target_knowing(const TestDirectory& directory, const std::string& lines) {
    const std::string path = directory / "known_hosts";
    std::ofstream(path) << lines;
    auto target = std::make_shared<Target>(server->target());
    target->user_known_hosts = {path};
    return target;
  }
  static TestSshd* server;
  TestDirectory directory;
};
TestSshd* SshHostKeyTest::server = nullptr;

TEST_F(SshHostKeyTest, a_listed_key_type_is_asked_for_first) {
  const auto done = ssh_try(target_knowing(directory, name() + " " + server->host_public_key("rsa") + "\n"));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_THAT(*done, HasSubstr("ssh-rsa"));
}

TEST_F(SshHostKeyTest, an_unknown_key_is_refused_with_its_fingerprint) {
  const auto done = ssh_try(target_knowing(directory, ""));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_THAT(done.error().what, HasSubstr("host key of " + name() + " is not known: ED25519 SHA256:"));
  EXPECT_THAT(done.error().help, HasSubstr("accept-new"));
}

TEST_F(SshHostKeyTest, accept_new_writes_it_down_once) {
  const auto target = target_knowing(directory, "");
  target->host_keys = HostKeyPolicy::accept_new;
  EXPECT_TRUE(ssh_try(target));
  EXPECT_TRUE(ssh_try(target));
  EXPECT_EQ(read_file(directory / "known_hosts").value(), name() + " " + server->host_public_key() + "\n");
  target->host_keys = HostKeyPolicy::strict;
  EXPECT_TRUE(ssh_try(target));
}

TEST_F(SshHostKeyTest, a_changed_key_is_refused_whatever_the_policy) {
  const TestSshd other;
  const std::string lines = "# comment\n" + name() + " " + other.host_public_key() + "\n";
  for (const HostKeyPolicy policy : {HostKeyPolicy::strict, HostKeyPolicy::accept_new}) {
    const auto target = target_knowing(directory, lines);
    target->host_keys = policy;
    const auto done = ssh_try(target);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Errc::denied);
    EXPECT_THAT(done.error().what, HasSubstr("has CHANGED"));
    EXPECT_EQ(done.error().where.line, 2);
    EXPECT_EQ(done.error().where.file, directory / "known_hosts");
    EXPECT_THAT(done.error().help, HasSubstr("ssh-keygen -f"));
    EXPECT_THAT(done.error().help, HasSubstr("-R '" + name() + "'"));
  }
  const auto target = target_knowing(directory, lines);
  target->host_keys = HostKeyPolicy::off;
  EXPECT_TRUE(ssh_try(target));
}

TEST_F(SshHostKeyTest, a_revoked_key_is_refused) {
  const std::string line = name() + " " + server->host_public_key() + "\n@revoked " + name() + " " + server->host_public_key() + "\n";
  const auto done = ssh_try(target_knowing(directory, line));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_THAT(done.error().what, HasSubstr("revoked"));
}

TEST_F(SshHostKeyTest, an_alias_is_looked_up_instead_of_the_address) {
  const auto target = target_knowing(directory, "the-alias " + server->host_public_key() + "\n");
  target->host_key_alias = "the-alias";
  EXPECT_TRUE(ssh_try(target));
}

}  // namespace
}  // namespace herder::transport
