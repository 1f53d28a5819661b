#include "transport/known_hosts.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "transport/host_pattern.hpp"
#include "transport/key_blob.hpp"
#include "transport/known_hosts_file.hpp"
#include "transport/known_hosts_gen_test.hpp"

namespace herder::transport {
namespace {

KnownHosts view(std::string content) {
  return KnownHosts({std::make_shared<KnownHostsFile>("known_hosts", std::move(content))}, true);
}

class TempDirectory {
 public:
  TempDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "herder-known-hosts-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

const std::string key1 = key_text(ed25519_blob(1));
const std::string key2 = key_text(ed25519_blob(2));

TEST(HostPattern, stars_and_question_marks_match_as_in_ssh) {
  EXPECT_TRUE(matches_pattern("web1.example.com", "*.example.com"));
  EXPECT_TRUE(matches_pattern("web1", "web?"));
  EXPECT_FALSE(matches_pattern("web12", "web?"));
  EXPECT_TRUE(matches_pattern("", "*"));
  EXPECT_TRUE(matches_pattern("", ""));
  EXPECT_TRUE(matches_pattern("aXbXc", "a*X*c"));
  EXPECT_FALSE(matches_pattern("a[1]", "a[[]1]"));
}

TEST(HostPattern, a_negated_match_wins_wherever_it_stands) {
  EXPECT_EQ(match_list("db1", "*,!db1"), ListMatch::negated);
  EXPECT_EQ(match_list("db1", "!db1,*"), ListMatch::negated);
  EXPECT_EQ(match_list("db2", "!db1"), ListMatch::none);
  EXPECT_EQ(match_list("db2", "!db1,db*"), ListMatch::match);
}

TEST(KnownHosts, a_listed_key_matches_and_another_one_is_a_change) {
  const KnownHosts hosts = view("# comment\n\nweb1,10.0.0.1 " + key1 + " some comment\n");
  EXPECT_EQ(hosts.verify("WEB1", 22, ed25519_blob(1)).state, HostKeyState::match);
  EXPECT_EQ(hosts.verify("10.0.0.1", 22, ed25519_blob(1)).state, HostKeyState::match);
  const HostKeyVerdict changed = hosts.verify("web1", 22, ed25519_blob(2));
  EXPECT_EQ(changed.state, HostKeyState::changed);
  EXPECT_EQ(changed.file, "known_hosts");
  EXPECT_EQ(changed.line, 3);
  EXPECT_EQ(hosts.verify("web2", 22, ed25519_blob(1)).state, HostKeyState::unknown);
}

TEST(KnownHosts, a_key_of_another_type_is_a_change_as_in_ssh) {
  const KnownHosts hosts = view("web1 " + key_text(rsa_blob(1)) + "\nweb1 " + key1 + "\nweb2 " + key_text(rsa_blob(1)));
  EXPECT_EQ(hosts.verify("web2", 22, ed25519_blob(1)).state, HostKeyState::changed);
  EXPECT_EQ(hosts.verify("web1", 22, rsa_blob(1)).state, HostKeyState::match);
  EXPECT_EQ(hosts.verify("web1", 22, ed25519_blob(9)).line, 2) << "the line with the same type is the one to look at";
  EXPECT_EQ(hosts.known_types("web1", 22), (std::vector<std::string>{"ssh-rsa", "ssh-ed25519"}));
  EXPECT_EQ(hosts.known_types("web1", 2222), (std::vector<std::string>{"ssh-rsa", "ssh-ed25519"}));
}

TEST(KnownHosts, ports_have_names_of_their_own_but_a_bare_match_counts) {
  const KnownHosts hosts = view("[web1]:2222 " + key1 + "\nweb1 " + key2 + "\n");
  EXPECT_EQ(hosts.verify("web1", 2222, ed25519_blob(1)).state, HostKeyState::match);
  EXPECT_EQ(hosts.verify("web1", 2222, ed25519_blob(2)).state, HostKeyState::changed);
  EXPECT_EQ(hosts.verify("web1", 2200, ed25519_blob(2)).state, HostKeyState::match);
  EXPECT_EQ(hosts.verify("web1", 2200, ed25519_blob(1)).state, HostKeyState::unknown);
}

TEST(KnownHosts, revoked_beats_match) {
  const KnownHosts hosts = view("web1 " + key1 + "\n@revoked * " + key1 + "\n");
  const HostKeyVerdict verdict = hosts.verify("web1", 22, ed25519_blob(1));
  EXPECT_EQ(verdict.state, HostKeyState::revoked);
  EXPECT_EQ(verdict.line, 2);
  EXPECT_EQ(hosts.verify("web9", 2222, ed25519_blob(1)).state, HostKeyState::revoked);
  EXPECT_EQ(hosts.verify("web9", 22, ed25519_blob(2)).state, HostKeyState::unknown);
}

TEST(KnownHosts, an_authority_alone_vouches_for_no_plain_key) {
  const KnownHosts hosts = view("@cert-authority *.example.com " + key1 + "\n");
  const HostKeyVerdict verdict = hosts.verify("a.example.com", 22, ed25519_blob(1));
  EXPECT_EQ(verdict.state, HostKeyState::only_cert_authority);
  EXPECT_EQ(verdict.line, 1);
  EXPECT_TRUE(hosts.has_cert_authority("a.example.com", 22));
  EXPECT_FALSE(hosts.has_cert_authority("example.org", 22));
  EXPECT_TRUE(hosts.known_types("a.example.com", 22).empty());
}

TEST(KnownHosts, hashed_names_match) {
  const std::string hashed = HashedName::make("web1").value();
  const std::string hashed_port = HashedName::make("[web1]:2222").value();
  const KnownHosts hosts = view(hashed + " " + key1 + "\n" + hashed_port + " " + key2 + "\n");
  EXPECT_EQ(hosts.hashed_lines(), 2U);
  EXPECT_EQ(hosts.verify("Web1", 22, ed25519_blob(1)).state, HostKeyState::match);
  EXPECT_EQ(hosts.verify("web1", 2222, ed25519_blob(2)).state, HostKeyState::match);
  EXPECT_EQ(hosts.verify("web2", 22, ed25519_blob(1)).state, HostKeyState::unknown);
}

TEST(KnownHosts, a_hash_made_by_ssh_keygen_is_understood) {  // of "cvs.example.net", made with ssh-keygen -H
  const auto name = HashedName::parse("|1|RdPZbgSThPwO82Pzwe3MHSF2BmU=|5yhRnesDP8/EmRcg+JaFNEU6Q1M=");
  ASSERT_TRUE(name.has_value());
  EXPECT_TRUE(name->matches("cvs.example.net"));
  EXPECT_FALSE(name->matches("cvs.example.org"));
}

TEST(KnownHosts, bad_lines_are_passed_over_and_told) {
  const KnownHosts hosts = view("@nobody web1 " + key1 + "\nweb1\nweb1 ssh-ed25519 !!!\nweb1 ssh-rsa " + text::base64(ed25519_blob(1)) +
                                "\n|1|x|y " + key1 + "\nweb1 ssh-future AAAACnNzaC1mdXR1cmU=\nweb1 " + key1 + "\n");
  EXPECT_EQ(hosts.warnings().size(), 6U);
  EXPECT_EQ(hosts.warnings()[1].where.line, 2);
  EXPECT_EQ(hosts.verify("web1", 22, ed25519_blob(1)).state, HostKeyState::match);
}

TEST(KnownHosts, accepted_keys_are_written_once_with_private_modes) {
  const TempDirectory directory;
  KnownHostsStore store;
  const std::string path = directory / ".ssh/known_hosts";
  const auto hosts = store.open({path}, {});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(hosts->accept("web1", 2222, ed25519_blob(1), false));
  EXPECT_EQ(read_file(path).value(), "[web1]:2222 " + key1 + "\n");
  EXPECT_EQ(hosts->verify("web1", 2222, ed25519_blob(1)).state, HostKeyState::match);
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat((directory / ".ssh").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0700U);
}

TEST(KnownHosts, a_last_line_without_end_stays_whole) {
  const TempDirectory directory;
  const std::string path = directory / "known_hosts";
  ASSERT_TRUE(write_file_atomically(path, "web1 " + key1));
  KnownHostsStore store;
  const auto hosts = store.open({path}, {});
  ASSERT_TRUE(hosts->accept("web2", 22, ed25519_blob(2), false));
  EXPECT_EQ(read_file(path).value(), "web1 " + key1 + "\nweb2 " + key2 + "\n");
  EXPECT_EQ(hosts->verify("web2", 22, ed25519_blob(1)).line, 2);
}

TEST(KnownHosts, what_another_process_added_is_not_added_again) {
  const TempDirectory directory;
  const std::string path = directory / "known_hosts";
  KnownHostsStore ours;
  KnownHostsStore theirs;
  const auto hosts = ours.open({path}, {});
  const auto others = theirs.open({path}, {});
  ASSERT_TRUE(others->accept("web1", 22, ed25519_blob(1), true));
  ASSERT_TRUE(hosts->accept("web1", 22, ed25519_blob(1), true));
  const std::string content = read_file(path).value();
  EXPECT_EQ(std::ranges::count(content, '\n'), 1);
  EXPECT_TRUE(content.starts_with("|1|"));
  EXPECT_EQ(hosts->verify("web1", 22, ed25519_blob(2)).line, 1);
}

TEST(KnownHosts, many_threads_and_stores_lose_and_double_nothing) {
  const TempDirectory directory;
  const std::string path = directory / "known_hosts";
  constexpr unsigned hosts_count = 200;
  KnownHostsStore first;
  KnownHostsStore second;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const auto hosts = (i % 2 == 0 ? first : second).open({path}, {});
      for (unsigned n = 0; n < hosts_count; ++n) {
        const std::string name = "host" + std::to_string(n);
        EXPECT_TRUE(hosts->accept(name, 22, ed25519_blob(n), i % 4 < 2));
        EXPECT_EQ(hosts->verify(name, 22, ed25519_blob(n)).state, HostKeyState::match);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const std::string content = read_file(path).value();
  EXPECT_EQ(std::ranges::count(content, '\n'), hosts_count);
  KnownHostsStore again;
  const auto hosts = again.open({path}, {});
  EXPECT_TRUE(hosts->warnings().empty());
  for (unsigned n = 0; n < hosts_count; ++n)
    EXPECT_EQ(hosts->verify("host" + std::to_string(n), 22, ed25519_blob(n)).state, HostKeyState::match);
}

TEST(KnownHosts, a_key_that_cannot_be_written_is_remembered_for_the_run) {
  const TempDirectory directory;
  KnownHostsStore store;
  const auto hosts = store.open({directory / "no/such/known_hosts"}, {});
  EXPECT_FALSE(hosts->accept("web1", 22, ed25519_blob(1), false));
  EXPECT_EQ(hosts->verify("web1", 22, ed25519_blob(1)).state, HostKeyState::match);
  const auto device = store.open({"/dev/null"}, {});
  EXPECT_TRUE(device->accept("web1", 22, ed25519_blob(1), false));
  EXPECT_EQ(device->verify("web1", 22, ed25519_blob(1)).state, HostKeyState::match);
  EXPECT_FALSE(store.open({}, {"/dev/null"})->accept("web1", 22, ed25519_blob(1), false));
}

TEST(KnownHosts, names_that_would_break_the_file_are_refused) {
  const TempDirectory directory;
  KnownHostsStore store;
  const auto hosts = store.open({directory / "known_hosts"}, {});
  for (const char* name : {"", "a b", "a\nb", "a,b", "*", "|1|", "#x", "@x"}) EXPECT_FALSE(hosts->accept(name, 0, ed25519_blob(1), false)) << name;
  EXPECT_FALSE(hosts->accept("web1", 22, "not a key", false));
  EXPECT_FALSE(std::filesystem::exists(directory / "known_hosts"));
}

TEST(KnownHosts, the_same_files_are_read_once) {
  const TempDirectory directory;
  KnownHostsStore store;
  const auto one = store.open({directory / "a"}, {directory / "b"});
  EXPECT_EQ(one, store.open({directory / "a"}, {directory / "b"}));
  ASSERT_TRUE(one->accept("web1", 22, ed25519_blob(1), false));
  EXPECT_EQ(store.open({directory / "c"}, {directory / "a"})->verify("web1", 22, ed25519_blob(1)).state, HostKeyState::match);
}

TEST(KeyBlob, fingerprint_is_what_ssh_keygen_prints) {
  const auto blob = text::unbase64("AAAAC3NzaC1lZDI1NTE5AAAAIAEAAABra2tra2tra2tra2tra2tra2tra2tra2tra2tr");
  ASSERT_TRUE(blob.has_value());
  EXPECT_EQ(*blob, ed25519_blob(1));
  EXPECT_EQ(fingerprint(*blob), "SHA256:8qa/ba/KYk2L2VrgDdn1zNhPqonLQ0tesQTe6uOvLrM");
}

}  // namespace
}  // namespace herder::transport
