#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstdlib>
#include <fstream>

#include "transport/ssh_scripted_server_test.hpp"
#include "transport/ssh_server_test.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class SshAuthTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = new TestSshd(); }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }
  static Result<std::string> try_with(Credentials credentials, const TestSshd& at = *server) {
    return ssh_try(TestSshd::with(at.target(), std::move(credentials)));
  }
  static TestSshd* server;
};
TestSshd* SshAuthTest::server = nullptr;

/// An ssh-agent of the test's own.
class TestAgent {
 public:
  TestAgent() : program_({"ssh-agent", "-D", "-a", socket()}, directory_ / "log") {
    for (int i = 0; i < 1000 && ::access(socket().c_str(), F_OK) != 0; ++i) ::usleep(10'000);
  }
  [[nodiscard]] std::string socket() const { return directory_ / "agent"; }
  void add(const std::string& key) { run_program({"env", "SSH_AUTH_SOCK=" + socket(), "ssh-add", "-q", key}); }

 private:
  TestDirectory directory_;
  TestProgram program_;
};

TEST_F(SshAuthTest, accepts_all_modern_key_types) {
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    const std::string key = server->make_key(std::string("plain_") + type, type);
    const auto done = try_with(key_credentials(key));
    ASSERT_TRUE(done) << type << ": " << done.error().what;
    EXPECT_THAT(*done, HasSubstr("publickey " + key));
  }
}

TEST_F(SshAuthTest, opens_encrypted_keys_with_the_passphrase) {
  for (const char* type : {"ed25519", "ecdsa", "rsa"}) {
    Credentials credentials = key_credentials(server->make_key(std::string("locked_") + type, type, "open sesame"));
    credentials.passphrase = Secret("open sesame");
    const auto done = try_with(std::move(credentials));
    EXPECT_TRUE(done) << type << ": " << done.error().what;
  }
}

TEST_F(SshAuthTest, says_what_is_wrong_with_each_key) {
  const std::string locked = server->make_key("locked", "ed25519", "right");
  Credentials wrong = key_credentials(locked);
  wrong.passphrase = Secret("wrong");
  const auto with_wrong = try_with(std::move(wrong));
  ASSERT_FALSE(with_wrong);
  EXPECT_EQ(with_wrong.error().code, Errc::denied);
  EXPECT_THAT(with_wrong.error().what, HasSubstr(locked + " does not open with the passphrase given"));
  EXPECT_THAT(with_wrong.error().what, testing::Not(HasSubstr("wrong")));

  const auto without = try_with(key_credentials(locked));
  ASSERT_FALSE(without);
  EXPECT_THAT(without.error().what, HasSubstr("is encrypted and no passphrase is given"));

  const std::string open = server->make_key("open", "ed25519");
  ::chmod(open.c_str(), 0644);
  const auto readable = try_with(key_credentials(open));
  ASSERT_FALSE(readable);
  EXPECT_THAT(readable.error().what, HasSubstr("can be read by others"));

  const std::string nonsense = server->directory() / "nonsense";
  std::ofstream(nonsense) << "no key\n";
  ::chmod(nonsense.c_str(), 0600);
  const auto bad = try_with(key_credentials(nonsense));
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().what, HasSubstr("is not a private key that libssh can read"));
}

TEST_F(SshAuthTest, tells_which_keys_were_refused_and_what_the_server_accepts) {
  const std::string stranger = server->make_key("stranger", "ed25519", {}, false);
  const auto done = try_with(key_credentials(stranger));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_EQ(done.error().what,
            fmt::format("access as '{}' denied: publickey {} refused; server accepts publickey", current_user(), stranger));
}

TEST_F(SshAuthTest, asks_what_the_server_accepts_when_there_is_nothing_to_try) {
  const auto done = try_with({});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_THAT(done.error().what, HasSubstr("nothing to try"));
  EXPECT_THAT(done.error().what, HasSubstr("server accepts publickey"));
}

TEST_F(SshAuthTest, tries_the_key_that_worked_first_on_the_next_host) {
  TestSshd other;
  Credentials credentials = key_credentials(server->make_key("first", "ed25519", {}, false));
  credentials.identity_files.push_back(server->key());
  const auto target = TestSshd::with(server->target(), std::move(credentials));
  on_loop([&]() -> Async<bool> {
    const auto connector = make_ssh_connector({});
    for (int i = 0; i < 3; ++i) {
      const auto session = co_await connector->connect(target, Deadline::after(60s));
      EXPECT_TRUE(session);
      if (session) co_await (*session)->close(Deadline::after(5s));
    }
    co_return true;
  });
  const std::string log = server->log();
  std::size_t failures = 0;
  for (std::size_t at = 0; (at = log.find("Failed publickey", at)) != std::string::npos; ++at) ++failures;
  EXPECT_LE(failures, 2U) << log;  // sshd writes one or two lines for the one failure
}

TEST_F(SshAuthTest, offers_certificates_first) {
  const std::string authority = server->make_key("authority", "ed25519", {}, false);
  TestSshd trusting({.config = "TrustedUserCAKeys " + authority + ".pub\nAuthorizedPrincipalsFile none\n"});
  for (const char* type : {"ed25519", "rsa", "ecdsa"}) {
    const std::string key = trusting.make_key(std::string("certified_") + type, type, {}, false);
    run_program({"ssh-keygen", "-q", "-s", authority, "-I", "test", "-n", current_user(), key + ".pub"});
    const auto done = try_with(key_credentials(key), trusting);
    ASSERT_TRUE(done) << type << done.error().what;
    EXPECT_THAT(*done, HasSubstr("publickey " + key + " (certificate)"));
  }
  const std::string key = trusting.make_key("elsewhere", "ed25519", {}, false);
  run_program({"ssh-keygen", "-q", "-s", authority, "-I", "test", "-n", current_user(), key + ".pub"});
  ASSERT_EQ(::rename((key + "-cert.pub").c_str(), (trusting.directory() / "apart.pub").c_str()), 0);
  Credentials credentials = key_credentials(key);
  credentials.certificate_files = {trusting.directory() / "apart.pub"};
  EXPECT_TRUE(try_with(std::move(credentials), trusting));
}

TEST_F(SshAuthTest, uses_the_agents_keys) {
  TestAgent agent;
  agent.add(server->make_key("agent_no", "ecdsa", {}, false));
  agent.add(server->make_key("agent_yes", "ed25519"));
  Credentials credentials;
  credentials.agent_socket = agent.socket();
  const auto done = try_with(std::move(credentials));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_THAT(*done, HasSubstr("publickey agent agent_yes"));
}

TEST_F(SshAuthTest, counts_the_agents_keys_that_were_refused) {
  TestAgent agent;
  agent.add(server->make_key("no_1", "ecdsa", {}, false));
  agent.add(server->make_key("no_2", "rsa", {}, false));
  Credentials credentials = key_credentials(server->make_key("no_3", "ed25519", {}, false));
  credentials.agent_socket = agent.socket();
  const auto done = try_with(std::move(credentials));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("agent (2 keys) refused, publickey " + (server->directory() / "no_3") + " refused"));
}

TEST_F(SshAuthTest, identities_only_keeps_other_agent_keys_out) {
  TestAgent agent;
  agent.add(server->make_key("other", "ed25519"));
  const std::string named = server->make_key("named", "ed25519", "locked");
  Credentials credentials = key_credentials(named);
  credentials.agent_socket = agent.socket();
  credentials.identities_only = true;
  const auto target = TestSshd::with(server->target(), std::move(credentials));
  EXPECT_FALSE(ssh_try(target));
  // The agent has the named key too: an encrypted file beside it does not matter.
  run_program({"sh", "-c", "cp " + named + " " + named + "_open && ssh-keygen -q -p -P locked -N '' -f " + named + "_open"});
  agent.add(named + "_open");
  EXPECT_TRUE(ssh_try(target));
}

TEST_F(SshAuthTest, goes_on_without_an_agent_that_is_not_there) {
  Credentials credentials = key_credentials(server->key());
  credentials.agent_socket = "/tmp/herder-no-such-agent";
  EXPECT_TRUE(try_with(std::move(credentials)));
  Credentials alone;
  alone.agent_socket = "/tmp/herder-no-such-agent";
  const auto done = try_with(std::move(alone));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("agent cannot be used"));
}

TEST_F(SshAuthTest, an_agent_that_hangs_ends_with_the_timeout) {
  const TestDirectory directory;
  const UniqueFd listener(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = directory / "agent";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::listen(listener.get(), 4);
  Credentials credentials;
  credentials.agent_socket = path;
  Target target = server->target();
  target.connect_timeout = 500ms;
  const auto done = ssh_try(TestSshd::with(target, std::move(credentials)));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::timeout);
  EXPECT_THAT(done.error().what, HasSubstr("authenticating"));
}

Credentials password_credentials(std::string_view password) {
  Credentials credentials;
  credentials.password = Secret(password);
  return credentials;
}

TEST(SshPassword, is_accepted_and_refused) {
  ScriptedServer server({.password = "opensesame"});
  EXPECT_TRUE(ssh_try(TestSshd::with(server.target(), password_credentials("opensesame"))));
  const auto wrong = ssh_try(TestSshd::with(server.target(), password_credentials("closesesame")));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::denied);
  EXPECT_EQ(wrong.error().what, "access as 'tester' denied: password refused; server accepts password");
}

TEST(SshPassword, answers_keyboard_interactive_questions) {
  ScriptedServer server({.questions = {{"Password: ", "opensesame"}}});
  const auto done = ssh_try(TestSshd::with(server.target(), password_credentials("opensesame")));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_THAT(*done, HasSubstr("keyboard-interactive"));
  const auto wrong = ssh_try(TestSshd::with(server.target(), password_credentials("closesesame")));
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().what, HasSubstr("keyboard-interactive refused"));
}

TEST(SshPassword, does_not_guess_at_other_questions) {
  ScriptedServer server({.questions = {{"Verification code: ", "123456"}}});
  const auto done = ssh_try(TestSshd::with(server.target(), password_credentials("secret")));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::denied);
  EXPECT_THAT(done.error().what, HasSubstr("asks 'Verification code:'"));
}

TEST(SshPassword, gives_two_proofs_where_two_are_wanted) {
  ScriptedServer server({.password = "one", .questions = {{"Your password again: ", "one"}}, .both = true});
  const auto done = ssh_try(TestSshd::with(server.target(), password_credentials("one")));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_THAT(*done, HasSubstr("password + keyboard-interactive"));
}

TEST(SshPassword, obeys_the_preferred_order) {
  ScriptedServer server({.password = "pw", .questions = {{"Password:", "pw"}}});
  Credentials credentials = password_credentials("pw");
  credentials.preferred = {"password"};
  const auto done = ssh_try(TestSshd::with(server.target(), std::move(credentials)));
  ASSERT_TRUE(done) << done.error().what;
  EXPECT_THAT(*done, testing::EndsWith("password"));
  EXPECT_EQ(server.attempts(), std::vector<std::string>{"password"});
}

}  // namespace
}  // namespace herder::transport
