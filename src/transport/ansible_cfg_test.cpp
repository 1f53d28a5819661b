#include "transport/ansible_cfg.hpp"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "transport/target_from.hpp"

namespace herder::transport {
namespace {

/// Works in a directory of its own, with HOME there and no ANSIBLE_ variables.
class AnsibleCfg : public ::testing::Test {
 protected:
  AnsibleCfg() : before_(std::filesystem::current_path()), home_(std::getenv("HOME") != nullptr ? std::getenv("HOME") : "") {
    std::string name = (std::filesystem::temp_directory_path() / "herder-cfg-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
    std::filesystem::create_directories(path_ + "/home");
    std::filesystem::current_path(path_);
    ::setenv("HOME", (path_ + "/home").c_str(), 1);
    ::unsetenv("ANSIBLE_CONFIG");
  }
  ~AnsibleCfg() override {
    std::filesystem::current_path(before_);
    ::setenv("HOME", home_.c_str(), 1);
    ::unsetenv("ANSIBLE_CONFIG");
    std::filesystem::remove_all(path_);
  }
  void write(const std::string& name, std::string_view content) const { ASSERT_TRUE(write_file_atomically(path_ + "/" + name, content)); }

  std::filesystem::path before_;
  std::string home_;
  std::string path_;
};

TEST_F(AnsibleCfg, is_looked_for_in_ansibles_order) {
  write("home/.ansible.cfg", "[defaults]\nforks = 1\n");
  EXPECT_EQ(AnsibleConfig::find()->forks().value(), 1U);
  write("ansible.cfg", "[defaults]\nforks = 2\n");
  EXPECT_EQ(AnsibleConfig::find()->forks().value(), 2U);
  write("other.cfg", "[defaults]\nforks = 3\n");
  ::setenv("ANSIBLE_CONFIG", "other.cfg", 1);
  EXPECT_EQ(AnsibleConfig::find()->forks().value(), 3U);
  ::setenv("ANSIBLE_CONFIG", "/no/such/file", 1);
  EXPECT_EQ(AnsibleConfig::find()->forks().value(), 2U);
}

TEST_F(AnsibleCfg, one_that_others_could_have_put_there_is_not_read) {
  write("ansible.cfg", "[defaults]\nforks = 2\n");
  ASSERT_EQ(::chmod(path_.c_str(), 0777), 0);
  const AnsibleConfig config = AnsibleConfig::find().value();
  EXPECT_NE(config.path(), path_ + "/ansible.cfg");
  ASSERT_TRUE(config.warning());
  EXPECT_NE(config.warning()->help.find("chmod o-w"), std::string::npos);
  ::setenv("ANSIBLE_CONFIG", "ansible.cfg", 1);
  EXPECT_EQ(AnsibleConfig::find()->forks().value(), 2U) << "naming it is trusting it";
  EXPECT_FALSE(AnsibleConfig::find()->warning());
}

TEST_F(AnsibleCfg, gives_connections_their_settings) {
  write("ansible.cfg", "[defaults]\nremote_user = deploy\nremote_port = 2222 ; a comment\nprivate_key_file = keys/id\nhost_key_checking = False\ntimeout = 33\n"
                       "inventory = hosts.ini, ~/more\n[ssh_connection]\nssh_args = -o ServerAliveInterval=7\nhost_key_checking = True\n");
  const AnsibleConfig config = AnsibleConfig::find().value();
  EXPECT_EQ(config.inventory(), (std::vector<std::string>{path_ + "/hosts.ini", path_ + "/home/more"}));
  const auto maker = TargetMaker::make({.ansible_cfg = config.lookup(),
                                        .local = LocalFacts{.user = "me", .user_id = "1", .home = path_ + "/home", .host_name = "here"},
                                        .system_config = ""});
  ASSERT_TRUE(maker);
  const auto target = (*maker)->target("web1", [](std::string_view) { return Value(); }).value();
  EXPECT_EQ(target->user, "deploy");
  EXPECT_EQ(target->port, 2222);
  EXPECT_EQ(target->credentials->identity_files.front(), path_ + "/keys/id");
  EXPECT_EQ(target->connect_timeout, std::chrono::seconds(33));
  EXPECT_EQ(target->alive_interval, std::chrono::seconds(7));
  EXPECT_EQ(target->host_keys, HostKeyPolicy::strict) << "the last of several places counts";
}

TEST_F(AnsibleCfg, mistakes_name_the_file) {
  write("ansible.cfg", "[defaults]\nforks = many\n");
  EXPECT_EQ(AnsibleConfig::find()->forks().error().where.file, path_ + "/ansible.cfg");
  write("ansible.cfg", "no section\n");
  EXPECT_EQ(AnsibleConfig::find().error().code, Errc::parse);
}

}  // namespace
}  // namespace herder::transport
