// What tests/compare/test_ssh_config.py cannot see: errors with their places and remedies, includes, limits, sharing.
#include "transport/ssh_config.hpp"

#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/file.hpp"
#include "transport/ssh_expand.hpp"
#include "transport/ssh_jump.hpp"

namespace herder::transport {
namespace {

const LocalFacts local{.user = "me", .user_id = "1000", .home = "/home/me", .host_name = "control.lan"};

Result<std::vector<Section>> parse(std::string_view text) {
  return parse_ssh_config(text, "config", [](const std::string& pattern) {
    return Result<std::vector<std::pair<std::string, std::string>>>(
        std::vector<std::pair<std::string, std::string>>{{pattern, "User from-" + pattern + "\nHost other\nPort 9\n"}});
  });
}

std::shared_ptr<const SshConfig> config(std::string_view text) { return std::make_shared<const SshConfig>(parse(text).value(), local); }

TEST(SshConfig, errors_name_line_and_remedy) {
  const Error typo = parse("Host a\n  IdentityFiel x\n").error();
  EXPECT_EQ(typo.where.line, 2);
  EXPECT_EQ(typo.where.file, "config");
  EXPECT_NE(typo.help.find("did you mean 'identityfile'"), std::string::npos) << typo.help;
  EXPECT_NE(typo.help.find("IgnoreUnknown"), std::string::npos);
  const Error two = parse("Port x\nPort y\n").error();
  EXPECT_EQ(two.where.line, 1);
  EXPECT_NE(two.help.find("1 more"), std::string::npos) << two.help;
  EXPECT_EQ(parse("Match localnetwork 10.0.0.0/8\n").error().code, Errc::unsupported);
}

TEST(SshConfig, an_include_inside_a_host_section_is_for_that_host) {
  const auto some = config("Host a\n Include x\n Compression yes\nHost *\n User late\n");
  EXPECT_EQ(some->resolve("a")->user, "from-x");
  EXPECT_TRUE(some->resolve("a")->flag(Key::compression, false)) << "the section goes on behind the Include";
  EXPECT_EQ(some->resolve("b")->user, "late");
  EXPECT_FALSE(some->resolve("b")->flag(Key::compression, false));
  EXPECT_EQ(some->resolve("other")->port, 22) << "a Host in an included file does not widen the section around it";
}

TEST(SshConfig, hosts_named_in_ten_thousand_sections_are_found_at_once) {
  std::string text = "Host *.lan\n User lan\n";
  for (int i = 0; i < 10000; ++i) text += "Host h" + std::to_string(i) + " h" + std::to_string(i) + ".lan\n Port " + std::to_string(1 + i) + "\n";
  text += "Host *\n User rest\n Port 1\n";
  const auto some = config(text);
  for (int i = 0; i < 10000; ++i) ASSERT_EQ(some->resolve("h" + std::to_string(i))->port, 1 + i);
  EXPECT_EQ(some->resolve("h7.lan")->user, "lan");
  EXPECT_EQ(some->resolve("h7")->user, "rest");
  EXPECT_EQ(some->resolve("else")->port, 1);
}

TEST(SshConfig, options_beat_files_and_are_checked) {
  const auto some = config("User file\nIdentityFile file\n");
  std::vector<Directive> options;
  options.push_back(**parse_ssh_option("User=option", "command line"));
  options.push_back(**parse_ssh_option("IdentityFile \"an option\"", "command line"));
  const HostSettings host = some->resolve("a", options).value();
  EXPECT_EQ(host.user, "option");
  ASSERT_EQ(host.identity_files.size(), 2U);
  EXPECT_EQ(host.identity_files[0]->args[0], "an option");
  EXPECT_EQ(host.identity_files[0]->place(), "command line");
  EXPECT_EQ(host.identity_files[1]->place(), "config:2");
  EXPECT_EQ(parse_ssh_option("Prot=1", "x").error().code, Errc::parse);
}

TEST(SshConfig, names_that_a_shell_would_take_apart_are_refused) {
  const auto some = config("ProxyCommand nc %h %p\n");
  for (const char* host : {"", "-oProxyCommand=x", "a;b", "$(a)", "a b", "a\nb", "a|b", "`a`"}) EXPECT_EQ(some->resolve(host).error().code, Errc::denied) << host;
  std::vector<Directive> options;
  options.push_back(**parse_ssh_option("User=\"$x;rm\"", "inventory"));
  EXPECT_EQ(some->resolve("a", options).error().code, Errc::denied);
}

TEST(SshConfig, tokens_are_those_of_each_keyword) {
  const auto some = config("IdentityFile ~/%h-%r-%p-%n-%u-%i-%d-%k-%l-%L-%%\nHostName %h.lan\nUser u\nPort 5\nHostKeyAlias Alias\nProxyCommand nc %h %p %r %n\n");
  const HostSettings host = some->resolve("A").value();
  EXPECT_EQ(host.expand_path(host.identity_files[0]->args[0], *host.identity_files[0], local).value(),
            "/home/me/a.lan-u-5-A-me-1000-/home/me-alias-control.lan-control-%");
  EXPECT_EQ(host.expand_proxy(host.find(Key::proxy_command)->rest, *host.find(Key::proxy_command)).value(), "nc a.lan 5 u A");
  const Error unknown = host.expand_proxy("%d", *host.find(Key::proxy_command)).error();
  EXPECT_EQ(unknown.where.line, 6);
  EXPECT_NE(unknown.help.find("%n"), std::string::npos);
}

TEST(SshConfig, match_exec_runs_a_command_once_for_all_hosts) {
  char name[] = "/tmp/herder-match-exec-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  const std::string log = std::string(name) + "/log";
  const auto some = config("Match exec \"echo >> " + log + "\"\n Port 7\n");
  EXPECT_TRUE(some->runs_programs());
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&, i] { EXPECT_EQ(some->resolve("h" + std::to_string(i))->port, 7); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(read_file(log).value(), "\n");
  std::filesystem::remove_all(name);
}

TEST(SshConfig, files_that_others_may_write_are_refused) {
  char name[] = "/tmp/herder-ssh-config-XXXXXX";
  ASSERT_NE(::mkdtemp(name), nullptr);
  const std::string path = std::string(name) + "/config";
  ASSERT_TRUE(write_file_atomically(path, "Port 3\n", 0644));
  SshConfigPlaces places{.user_file = path, .home = name};
  EXPECT_EQ(SshConfig::load(places, local).value()->resolve("a")->port, 3);
  ASSERT_EQ(::chmod(path.c_str(), 0666), 0);
  EXPECT_EQ(SshConfig::load(places, local).error().code, Errc::denied);
  places.must_exist = true;  // -F: ssh does not look at the mode either
  EXPECT_TRUE(SshConfig::load(places, local).has_value());
  places.user_file += ".none";
  EXPECT_EQ(SshConfig::load(places, local).error().code, Errc::not_found);
  places.must_exist = false;
  EXPECT_EQ(SshConfig::load(places, local).value()->resolve("a")->port, 22);
  std::filesystem::remove_all(name);
}

TEST(SshConfig, an_include_bomb_ends_in_an_error) {
  const auto bomb = parse_ssh_config("Include x x x x\n", "config", [](const std::string&) {
    return Result<std::vector<std::pair<std::string, std::string>>>(std::vector<std::pair<std::string, std::string>>{{"x", "Include x x x x\n"}});
  });
  EXPECT_EQ(bomb.error().code, Errc::limit);
}

TEST(SshJump, destinations_are_taken_apart) {
  const auto jumps = parse_jumps("ann@a:2200, [::1]:22,ssh://b@c.d:7/,fe80::1 # comment").value();
  ASSERT_EQ(jumps.size(), 4U);
  EXPECT_EQ(jumps[0].user, "ann");
  EXPECT_EQ(jumps[0].host, "a");
  EXPECT_EQ(jumps[0].port, 2200);
  EXPECT_EQ(jumps[1].host, "::1");
  EXPECT_EQ(jumps[1].port, 22);
  EXPECT_EQ(jumps[2].user, "b");
  EXPECT_EQ(jumps[2].host, "c.d");
  EXPECT_EQ(jumps[3].host, "fe80::1");
  EXPECT_EQ(jumps[3].port, 0);
  EXPECT_TRUE(parse_jumps("none")->empty());
  for (const char* bad : {"", "a,", "@a", "a:0", "a:x", "[a", "[a]x", "u@"}) EXPECT_FALSE(parse_jumps(bad)) << bad;
}

TEST(SshExpand, numeric_addresses_take_their_usual_form) {
  EXPECT_EQ(canonical_address("127.1"), "127.0.0.1");
  EXPECT_EQ(canonical_address("::0:1"), "::1");
  EXPECT_EQ(canonical_address("web1"), "");
  EXPECT_EQ(canonical_address("beef"), "");
  EXPECT_EQ(canonical_address(""), "");
}

}  // namespace
}  // namespace herder::transport
