#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.hpp"
#include "cli/doctor/finding.hpp"

namespace herder::cli::doctor {
namespace {

using testing::HasSubstr;

struct Doctor : testing::Test {
  std::string home;
  Doctor() {
    std::string name = testing::TempDir() + "/herder-doctor-XXXXXX";
    home = ::mkdtemp(name.data());
    std::filesystem::create_directory(home + "/.ssh");
    ::chmod((home + "/.ssh").c_str(), 0700);
  }
  ~Doctor() override { std::filesystem::remove_all(home); }
  void put(const std::string& name, const std::string& text, mode_t mode) {
    ASSERT_TRUE(write_file_atomically(home + "/" + name, text, mode));
    ::chmod((home + "/" + name).c_str(), mode);
  }
  static Level worst(const Findings& all) {
    Level out = Level::ok;
    for (const Finding& one : all) {
      out = std::max(out, one.level);
      EXPECT_EQ(one.level == Level::ok, one.remedy.empty()) << one.what << ": what is not well needs a remedy";
    }
    return out;
  }
};

TEST_F(Doctor, open_files) {
  EXPECT_EQ(check_open_files(20'000, 20'000).level, Level::ok);
  EXPECT_EQ(check_open_files(256, 65'536).level, Level::fix);
  EXPECT_THAT(check_open_files(256, 65'536).remedy, HasSubstr("ulimit -n 16384"));
  EXPECT_EQ(check_open_files(1024, 4096).level, Level::note);
  EXPECT_EQ(check_open_files(512, 512).level, Level::fix);
}

TEST_F(Doctor, processes) {
  EXPECT_EQ(check_processes(100).level, Level::fix);
  EXPECT_EQ(check_processes(4000).level, Level::ok);
}

TEST_F(Doctor, kernel_settings) {
  put("somaxconn", "4\n", 0644);
  put("range", "32768\t60999\n", 0644);
  put("narrow", "50000\t50099\n", 0644);
  EXPECT_EQ(check_backlog(home + "/somaxconn").level, Level::note);
  EXPECT_EQ(check_ports(home + "/range").level, Level::ok);
  EXPECT_THAT(check_ports(home + "/range").what, HasSubstr("28232"));
  EXPECT_EQ(check_ports(home + "/narrow").level, Level::note);
  EXPECT_EQ(check_ports(home + "/missing").level, Level::ok);
}

TEST_F(Doctor, clock) {
  EXPECT_EQ(check_clock(0, 1).level, Level::fix);
  EXPECT_THAT(check_clock(0, 1).what, HasSubstr("1970-01-01"));
  EXPECT_EQ(check_clock(1'800'000'000'000, 1).level, Level::ok);
  EXPECT_EQ(check_clock(1'800'000'000'000, 0).level, Level::note);
  EXPECT_EQ(check_clock(9'000'000'000'000, 1).level, Level::fix);
}

TEST_F(Doctor, home) {
  EXPECT_EQ(worst(check_home(home, home)), Level::ok);
  EXPECT_EQ(worst(check_home(home + "/nowhere", home)), Level::fix);
  EXPECT_EQ(worst(check_home("", home)), Level::note);
  ::chmod(home.c_str(), 0777);
  EXPECT_EQ(worst(check_home(home, home)), Level::fix);
}

TEST_F(Doctor, ssh_files_that_others_can_read_or_change) {
  put(".ssh/id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", 0600);
  put(".ssh/id_ed25519.pub", "ssh-ed25519 AAAA\n", 0644);
  put(".ssh/config", "Host *\n", 0644);
  EXPECT_EQ(worst(check_ssh_folder(home)), Level::ok);
  put(".ssh/other", "-----BEGIN RSA PRIVATE KEY-----\nx\n", 0640);
  EXPECT_THAT(check_ssh_folder(home)[0].remedy, HasSubstr("chmod 600"));
  std::filesystem::remove(home + "/.ssh/other");
  ::chmod((home + "/.ssh/config").c_str(), 0666);
  EXPECT_EQ(worst(check_ssh_folder(home)), Level::fix);
  ::chmod((home + "/.ssh/config").c_str(), 0600);
  ::chmod((home + "/.ssh").c_str(), 0777);
  EXPECT_EQ(worst(check_ssh_folder(home)), Level::fix);
  EXPECT_EQ(worst(check_ssh_folder(home + "/nobody")), Level::note);
}

TEST_F(Doctor, known_hosts) {
  EXPECT_EQ(worst(check_known_hosts(home + "/.ssh/known_hosts")), Level::note);
  const std::string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
  put(".ssh/known_hosts", "web1 " + key + "\n# a comment\n@cert-authority *.example.com " + key + "\n", 0644);
  const Findings good = check_known_hosts(home + "/.ssh/known_hosts");
  EXPECT_EQ(worst(good), Level::ok);
  EXPECT_THAT(good[0].what, HasSubstr("2 keys, 0 with hashed names, 1 authorities"));
  put(".ssh/known_hosts", "web1 " + key + "\n\nthis is nothing\n", 0644);
  const Findings bad = check_known_hosts(home + "/.ssh/known_hosts");
  EXPECT_EQ(worst(bad), Level::note);
  EXPECT_THAT(bad[1].what, HasSubstr("line 3"));
}

/// An agent that gives one answer to one request.
class FakeAgent {
 public:
  FakeAgent(std::string path, std::string answer) : path_(std::move(path)) {
    fd_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(fd_.get(), 1) != 0) std::abort();
    thread_ = std::thread([this, answer = std::move(answer)] {
      const UniqueFd client(::accept(fd_.get(), nullptr, nullptr));
      char request[5];
      if (::read(client.get(), request, sizeof request) == 5) (void)!::write(client.get(), answer.data(), answer.size());
    });
  }
  ~FakeAgent() { thread_.join(); }

 private:
  std::string path_;
  UniqueFd fd_;
  std::thread thread_;
};

std::string number(std::uint32_t n) {
  return {static_cast<char>(n >> 24U), static_cast<char>(n >> 16U), static_cast<char>(n >> 8U), static_cast<char>(n)};
}
std::string packed(const std::string& text) { return number(static_cast<std::uint32_t>(text.size())) + text; }

TEST_F(Doctor, agent) {
  EXPECT_EQ(check_agent("").level, Level::note);
  EXPECT_EQ(check_agent(home + "/no-agent").level, Level::fix);
  EXPECT_EQ(check_agent(std::string(500, 'x')).level, Level::fix);
  const std::string blob = packed("ssh-ed25519") + packed(std::string(32, 'k'));
  {
    const FakeAgent agent(home + "/a", packed("\x0c" + number(1) + packed(blob) + packed("me@here")));
    const Finding found = check_agent(home + "/a");
    EXPECT_EQ(found.level, Level::ok);
    EXPECT_EQ(found.what, "the agent holds 1 key (1 ED25519)");
  }
  {
    const FakeAgent agent(home + "/b", packed("\x0c" + number(0)));
    EXPECT_EQ(check_agent(home + "/b").level, Level::note);
  }
  {
    const FakeAgent agent(home + "/c", "\xff\xff\xff\xff nonsense");
    EXPECT_EQ(check_agent(home + "/c").level, Level::fix);
  }
  {
    const FakeAgent agent(home + "/d", packed("\x0c" + number(4'000'000'000U) + packed(blob)));
    EXPECT_NE(check_agent(home + "/d").level, Level::ok) << "claims keys that it does not list";
  }
}

TEST_F(Doctor, ssh_program) {
  EXPECT_EQ(check_ssh_program("/nowhere:" + home).level, Level::note);
  put("ssh", "#!/bin/sh\necho 'OpenSSH_99.1 Test' >&2\n", 0755);
  const Finding found = check_ssh_program("/nowhere::" + home);
  EXPECT_EQ(found.level, Level::ok);
  EXPECT_THAT(found.what, HasSubstr("OpenSSH_99.1"));
}

TEST_F(Doctor, temporary_directory) {
  EXPECT_EQ(check_temporary(home).level, Level::ok);
  EXPECT_EQ(check_temporary(home + "/nowhere").level, Level::fix);
  ::chmod(home.c_str(), 0777);
  EXPECT_EQ(check_temporary(home).level, Level::fix);
  ::chmod(home.c_str(), 01777);
  EXPECT_EQ(check_temporary(home).level, Level::ok);
}

TEST_F(Doctor, disk_space) {
  EXPECT_EQ(check_space("/x", 1000).level, Level::fix);
  EXPECT_EQ(check_space("/x", 500'000'000).level, Level::note);
  EXPECT_EQ(check_space("/x", 5'000'000'000).level, Level::ok);
}

TEST_F(Doctor, run_directory) {
  EXPECT_EQ(check_run_directory(home + "/new").level, Level::ok);
  EXPECT_EQ(check_run_directory("/proc/nowhere/new").level, Level::fix);
  std::filesystem::create_directory(home + "/run");
  ::chmod((home + "/run").c_str(), 0755);
  EXPECT_EQ(check_run_directory(home + "/run").level, Level::fix);
  ::chmod((home + "/run").c_str(), 0700);
  EXPECT_EQ(check_run_directory(home + "/run").level, Level::ok);
  std::filesystem::create_symlink(home + "/run", home + "/link");
  EXPECT_EQ(check_run_directory(home + "/link").level, Level::fix);
}

TEST_F(Doctor, inventory_and_working_directory) {
  EXPECT_EQ(check_inventory(home + "/missing.ini").level, Level::fix);
  EXPECT_EQ(check_inventory("web1,web2").level, Level::ok);
  EXPECT_EQ(check_working_directory(home).level, Level::ok);
  put("ansible.cfg", "", 0644);
  EXPECT_EQ(check_working_directory(home).level, Level::ok);
  ::chmod(home.c_str(), 0777);
  EXPECT_EQ(check_working_directory(home).level, Level::note);
}

}  // namespace
}  // namespace herder::cli::doctor
