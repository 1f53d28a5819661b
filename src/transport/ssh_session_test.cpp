#include <gtest/gtest.h>

#include "transport/ssh_server_test.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;

class SshSessionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new TestSshd(); }
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
  for (int i = 0; i < 300'000; ++i) input += static_cast<char>('a' + i % 26);
  const auto ran = ssh_run(server->target(), "cat", input);
  ASSERT_TRUE(ran) << ran.error().what;
  EXPECT_EQ(ran->out, input);
  EXPECT_EQ(ran->exit.code, 0);
}

TEST_F(SshSessionTest, describes_what_it_uses) {
  const auto described = ssh_try(std::make_shared<const Target>(server->target()));
  ASSERT_TRUE(described) << described.error().what;
  EXPECT_EQ(*described, "libssh, curve25519-sha256, aes128-gcm@openssh.com, ssh-ed25519, publickey " + server->key());
}

}  // namespace
}  // namespace herder::transport
