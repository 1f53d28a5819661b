#include "lab/light_lab.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "base/text.hpp"
#include "lab/testing.hpp"

namespace herder::lab {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

class LightLabTest : public testing::Test {
 protected:
  std::unique_ptr<LightLab> start(int hosts = 1) {
    auto lab = LightLab::start({.state_dir = directory_.path() + "/lab", .hosts = hosts, .port = 0});
    EXPECT_TRUE(lab) << lab.error().what;
    return std::move(*lab);
  }
  [[nodiscard]] std::string home(const std::string& host) const { return directory_.path() + "/lab/hosts/" + host; }

  /// Waits for a condition that has to come true; nothing is concluded from how long it takes.
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 2000; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(10ms);
    }
    return false;
  }

  [[nodiscard]] const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
};

TEST_F(LightLabTest, runs_commands_in_the_home_of_each_host) {
  const auto lab = start(3);
  for (std::size_t i = 0; i < 3; ++i) {
    const HostPlan& host = lab->hosts()[i];
    const Ran ran = Client(*lab, i).with_key(*lab).run("cat etc/hostname; hostname; uname -n; pwd; echo $HOME $USER >&2; exit 7");
    EXPECT_EQ(ran.out, fmt::format("{0}\n{0}\n{0}\n{1}\n", host.name, home(host.name)));
    EXPECT_EQ(ran.err, fmt::format("{} {}\n", home(host.name), lab->user()));
    EXPECT_EQ(ran.code, 7);
  }
}

TEST_F(LightLabTest, accepts_only_its_key_and_its_password) {
  const auto lab = start();
  EXPECT_EQ(Client(*lab).with_password(lab->password().reveal()).run("echo in").out, "in\n");
  EXPECT_EQ(Client(*lab).with_password("wrong").problem, "auth");
  const UniqueFd empty(::open((directory().path() + "/lab/authorized_keys").c_str(), O_WRONLY | O_TRUNC));
  EXPECT_EQ(Client(*lab).with_key(*lab).problem, "auth");
}

TEST_F(LightLabTest, carries_much_in_both_directions) {
  const auto lab = start();
  Client client(*lab);
  client.with_key(*lab);
  std::string input(3'000'000, 'x');
  for (std::size_t i = 0; i < input.size(); i += 100) input[i] = '\n';
  EXPECT_EQ(client.run("cat", input).out, input);
  EXPECT_EQ(client.run("head -c 5000000 /dev/zero | tr '\\0' a; head -c 300000 /dev/zero >&2").out, std::string(5'000'000, 'a'));
  EXPECT_EQ(client.run("cat >/dev/null; echo read").out, "read\n");
}

TEST_F(LightLabTest, a_client_that_goes_takes_its_commands_along) {
  const auto lab = start();
  const std::string mark = home("web01") + "/pids";
  {
    Client client(*lab);
    client.with_key(*lab);
    const ssh_channel channel = ssh_channel_new(client.session());
    ssh_channel_open_session(channel);
    ssh_channel_request_exec(channel, "trap '' HUP; sleep 1000 & echo $$ $! > pids; wait");
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(mark) && std::filesystem::file_size(mark) > 2; }));
  }
  const std::string pids = read_file(mark).value();
  for (const std::string_view word : text::split(text::trim(pids), ' ')) {
    const auto pid = static_cast<pid_t>(text::to_int(word).value());
    EXPECT_TRUE(eventually([&] { return ::kill(pid, 0) != 0; })) << "process " << pid << " is still there";
  }
  EXPECT_TRUE(eventually([&] { return lab->states()[0].connections == 0; }));
}

TEST_F(LightLabTest, refused_hosts_come_back) {
  const auto lab = start();
  ASSERT_TRUE(lab->set_faults("web01", {.entry = Entry::refuse}));
  EXPECT_THAT(Client(*lab).problem, HasSubstr("refused"));
  ASSERT_TRUE(lab->set_faults("web01", {}));
  EXPECT_EQ(Client(*lab).with_key(*lab).run("echo back").out, "back\n");
}

TEST_F(LightLabTest, refusing_resets_open_connections) {
  const auto lab = start();
  Client client(*lab);
  client.with_key(*lab);
  EXPECT_EQ(client.run("echo 1").out, "1\n");
  ASSERT_TRUE(lab->set_faults("web01", {.entry = Entry::refuse}));
  EXPECT_NE(client.run("echo 2").failure, "");
}

TEST_F(LightLabTest, cuts_before_more_than_so_many_bytes) {
  const auto lab = start();
  for (const int bytes : {0, 1, 1000, 100'000, 3'000'000}) {
    ASSERT_TRUE(lab->set_faults("web01", {.cut_after = bytes}));
    const Ran ran = Client(*lab).with_key(*lab).run("yes");
    // Not exactly: what a client has not read when the reset comes is lost to it.
    EXPECT_LE(ran.out.size(), static_cast<std::size_t>(bytes));
    EXPECT_NE(ran.failure, "");
  }
  ASSERT_TRUE(lab->set_faults("web01", {.cut_after = 1000}));
  EXPECT_EQ(Client(*lab).with_key(*lab).run("echo short").out, "short\n");
}

TEST_F(LightLabTest, shows_another_host_key) {
  const auto lab = start(2);
  ASSERT_TRUE(lab->set_faults("web01", {.bad_host_key = true}));
  EXPECT_EQ(Client(*lab, 0).problem, "host key");
  EXPECT_EQ(Client(*lab, 1).problem, "");
}

TEST_F(LightLabTest, refuses_credentials) {
  const auto lab = start();
  ASSERT_TRUE(lab->set_faults("all", {.auth_fail = true}));
  EXPECT_EQ(Client(*lab).with_key(*lab).problem, "auth");
  EXPECT_EQ(Client(*lab).with_password(lab->password().reveal()).problem, "auth");
}

TEST_F(LightLabTest, garbage_breaks_a_session_at_its_first_output) {
  const auto lab = start();
  ASSERT_TRUE(lab->set_faults("web01", {.garbage = true}));
  Client client(*lab);
  EXPECT_EQ(client.with_key(*lab).problem, "");
  const Ran ran = client.run("echo hello");
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(ran.code, -1);
}

TEST_F(LightLabTest, slowness_begins_and_ends_in_open_connections) {
  const auto lab = start();
  Client client(*lab);
  client.with_key(*lab);
  EXPECT_EQ(client.run("echo fast").out, "fast\n");
  ASSERT_TRUE(lab->set_faults("web01", {.slow = 60ms}));
  const TimePoint begun = boot_now();
  EXPECT_EQ(client.run("seq 1 50000 | tail -n 1").out, "50000\n");
  EXPECT_GE(boot_now() - begun, 240ms);  // opening and running are two round trips of 120 ms: less would be no delay
  ASSERT_TRUE(lab->set_faults("web01", {}));
  EXPECT_EQ(client.run("head -c 2000000 /dev/zero").out.size(), 2'000'000U);
}

TEST_F(LightLabTest, resizing_keeps_hosts_and_their_keys) {
  auto lab = start(2);
  Client client(*lab);
  client.with_key(*lab);
  const std::string before = read_file(lab->known_hosts_file()).value();
  ASSERT_TRUE(lab->resize(40));
  EXPECT_EQ(client.run("echo still").out, "still\n");
  EXPECT_THAT(read_file(lab->known_hosts_file()).value(), StartsWith(before));
  EXPECT_EQ(Client(*lab, 39).with_key(*lab).run("cat etc/hostname").out, "cache12\n");
  ASSERT_TRUE(lab->resize(1));
  EXPECT_EQ(lab->hosts().size(), 1U);
  EXPECT_EQ(client.run("echo still").out, "still\n");
}

TEST_F(LightLabTest, starting_again_keeps_keys_and_files) {
  std::string known;
  {
    const auto lab = start(3);
    known = read_file(lab->known_hosts_file()).value();
    EXPECT_EQ(Client(*lab).with_key(*lab).run("echo mine > note").code, 0);
  }
  const auto lab = start(3);
  const auto keys = [](const std::string& text) {
    std::vector<std::string> out;
    for (const std::string_view line : text::lines(text)) out.emplace_back(line.substr(line.rfind(' ')));
    return out;
  };
  EXPECT_EQ(keys(read_file(lab->known_hosts_file()).value()), keys(known));
  EXPECT_EQ(Client(*lab).with_key(*lab).run("cat note").out, "mine\n");
  ASSERT_TRUE(lab->reset("web01"));
  EXPECT_EQ(Client(*lab).with_key(*lab).run("cat note").code, 1);
}

TEST_F(LightLabTest, reaps_daemons_by_their_environment) {
  const auto lab = start();
  const Ran ran = Client(*lab).with_key(*lab).run("setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $!");
  ASSERT_EQ(ran.code, 0);
  EXPECT_TRUE(eventually([&] { return reap_processes(directory().path() + "/lab") >= 1; }));
  EXPECT_EQ(reap_processes(directory().path() + "/elsewhere"), 0);
}

TEST_F(LightLabTest, a_taken_port_is_an_error_with_a_remedy) {
  const auto lab = start();
  const auto other = LightLab::start({.state_dir = directory().path() + "/other", .hosts = 1, .port = lab->port()});
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::conflict);
  EXPECT_THAT(other.error().help, HasSubstr("--port"));
}

TEST(Descriptors, too_many_hosts_name_the_remedy) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit small{.rlim_cur = 256, .rlim_max = 512};
    ::setrlimit(RLIMIT_NOFILE, &small);
    const auto few = ensure_descriptors(20);
    const auto many = ensure_descriptors(2000);
    ::_exit(few && !many && many.error().code == Errc::limit && many.error().help.find("at most 56 hosts") != std::string::npos ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace herder::lab
