#include "transport/target_from.hpp"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "transport/known_hosts_gen_test.hpp"
#include "transport/ssh_args.hpp"
#include "value/source.hpp"

namespace herder::transport {
namespace {

using Vars = std::map<std::string, Value, std::less<>>;

/// A home directory with an ssh_config of its own, and a maker that sees nothing else of this machine.
class TargetFrom : public ::testing::Test {
 protected:
  TargetFrom() {
    std::string name = (std::filesystem::temp_directory_path() / "herder-target-XXXXXX").string();
    home_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(home_ + "/.ssh");
    settings_.local = LocalFacts{.user = "me", .user_id = "1", .home = home_, .host_name = "here"};
    settings_.system_config = "";
  }
  ~TargetFrom() override { std::filesystem::remove_all(home_); }

  void write(const std::string& name, std::string_view content) { ASSERT_TRUE(write_file_atomically(home_ + "/.ssh/" + name, content, 0600)); }

  TargetMaker& maker() {
    if (!maker_) maker_ = TargetMaker::make(std::move(settings_)).value();
    return *maker_;
  }
  Result<std::shared_ptr<const Target>> make(const std::string& name, const Vars& vars = {}) {
    return maker().target(name, [&](std::string_view key) {
      const auto found = vars.find(key);
      return found == vars.end() ? Value() : found->second;
    });
  }

  std::string home_;
  TargetSettings settings_;
  std::unique_ptr<TargetMaker> maker_;
};

TEST_F(TargetFrom, nothing_said_means_sshs_defaults) {
  write("id_ed25519", "x");
  const auto target = make("web1").value();
  EXPECT_EQ(target->name, "web1");
  EXPECT_EQ(target->address, "web1");
  EXPECT_EQ(target->port, 22);
  EXPECT_EQ(target->user, "me");
  EXPECT_EQ(target->method, Method::ssh);
  EXPECT_EQ(target->host_keys, HostKeyPolicy::strict);
  EXPECT_EQ(target->credentials->identity_files, std::vector<std::string>{home_ + "/.ssh/id_ed25519"});
  EXPECT_EQ(target->user_known_hosts.front(), home_ + "/.ssh/known_hosts");
  EXPECT_EQ(target->connect_timeout, std::chrono::seconds(10));
  EXPECT_TRUE(target->algorithms.kex.empty());
}

TEST_F(TargetFrom, variables_beat_command_line_and_both_beat_ssh_config) {
  write("config", "Host *\n User config\n Port 1\n IdentityFile ~/config\n ConnectTimeout 7\n");
  settings_.user = "line";
  settings_.port = 2;
  settings_.private_keys = {"/line"};
  const auto both = make("a", {{"ansible_user", "var"}, {"ansible_port", 3}, {"ansible_ssh_private_key_file", "~/var"}, {"ansible_host", "10.0.0.9"}}).value();
  EXPECT_EQ(both->user, "var");
  EXPECT_EQ(both->port, 3);
  EXPECT_EQ(both->address, "10.0.0.9");
  EXPECT_EQ(both->credentials->identity_files, (std::vector<std::string>{expand_user("~/var"), home_ + "/config"}));
  EXPECT_EQ(both->connect_timeout, std::chrono::seconds(7));
  const auto line = make("a").value();
  EXPECT_EQ(line->user, "line");
  EXPECT_EQ(line->port, 2);
  EXPECT_EQ(line->credentials->identity_files.front(), "/line");
}

TEST_F(TargetFrom, the_last_of_several_names_counts_as_in_ansible) {
  const auto target = make("a", {{"ansible_user", "one"}, {"ansible_ssh_user", "two"}, {"ansible_port", "1"}, {"ansible_ssh_port", "2"}}).value();
  EXPECT_EQ(target->user, "two");
  EXPECT_EQ(target->port, 2);
}

TEST_F(TargetFrom, ssh_config_is_asked_about_ansible_host) {
  write("config", "Host web1\n User wrong\nHost real\n User right\n HostName 10.1.1.1\n");
  const auto target = make("web1", {{"ansible_host", "real"}}).value();
  EXPECT_EQ(target->user, "right");
  EXPECT_EQ(target->address, "10.1.1.1");
  EXPECT_EQ(target->name, "web1");
}

TEST_F(TargetFrom, ssh_arguments_have_their_equivalents) {
  const auto target = make("a", {{"ansible_ssh_common_args", "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p2200 -C -4 -i '/my key' "
                                                             "-o ServerAliveInterval=3 -oCiphers=aes256-ctr -J jump@bastion:2 -q -T"}})
                          .value();
  EXPECT_EQ(target->host_keys, HostKeyPolicy::off);
  EXPECT_EQ(target->user_known_hosts, std::vector<std::string>{"/dev/null"});
  EXPECT_EQ(target->port, 2200);
  EXPECT_TRUE(target->compression);
  EXPECT_EQ(target->family, AddressFamily::inet);
  EXPECT_EQ(target->alive_interval, std::chrono::seconds(3));
  EXPECT_EQ(target->algorithms.ciphers, "aes256-ctr");
  ASSERT_EQ(target->jumps.size(), 1U);
  EXPECT_EQ(target->jumps[0]->address, "bastion");
  EXPECT_EQ(target->jumps[0]->user, "jump");
  EXPECT_EQ(target->jumps[0]->port, 2);
  EXPECT_EQ(target->jumps[0]->host_keys, HostKeyPolicy::strict) << "options of the host are not the jump host's, as in ssh";
  EXPECT_TRUE(maker().take_warnings().empty());
}

TEST_F(TargetFrom, arguments_without_equivalent_warn_once) {
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(make(name, {{"ansible_ssh_extra_args", "-L 80:x:80 -A"}}));
  const auto warnings = maker().take_warnings();
  ASSERT_EQ(warnings.size(), 2U);
  EXPECT_NE(warnings[0].what.find("-L 80:x:80"), std::string::npos);
  EXPECT_NE(warnings[1].what.find("forwards neither"), std::string::npos) << warnings[1].what;
}

TEST_F(TargetFrom, mistakes_name_their_place) {
  const auto bad_port = make("web1", {{"ansible_port", Value(99999).at(value::SourcePos(value::source_file_id("hosts.ini"), 7, 14))}}).error();
  EXPECT_EQ(bad_port.what, "ansible_port 99999 is not in 1..65535");
  EXPECT_EQ(bad_port.where.file, "hosts.ini");
  EXPECT_EQ(bad_port.where.line, 7);
  ASSERT_FALSE(bad_port.via.empty());
  EXPECT_EQ(bad_port.via.back(), "host web1");
  EXPECT_EQ(make("a", {{"ansible_user", "{{ login }}"}}).error().code, Errc::unsupported);
  EXPECT_TRUE(make("a", {{"ansible_user", Value("{{x").marked(value::Mark::untrusted)}}).error().code == Errc::denied) << "not a template, but no user either";
  EXPECT_EQ(make("a", {{"ansible_password", Value("$ANSIBLE_VAULT;").marked(value::Mark::vaulted)}}).error().code, Errc::unsupported);
  EXPECT_EQ(make("a", {{"ansible_connection", "winrm"}}).error().code, Errc::unsupported);
  EXPECT_EQ(make("a", {{"ansible_host", Value::list({})}}).error().code, Errc::parse);
  EXPECT_EQ(make("a", {{"ansible_host", "-oProxyCommand=touch /tmp/x"}}).error().code, Errc::denied);
  EXPECT_EQ(make("a", {{"ansible_ssh_common_args", "-o Prot=1"}}).error().code, Errc::parse);
  EXPECT_EQ(make("a", {{"ansible_ssh_common_args", "stray"}}).error().code, Errc::parse);
  EXPECT_EQ(make("a", {{"ansible_ssh_common_args", "-o 'x"}}).error().code, Errc::parse);
}

TEST_F(TargetFrom, connections_have_their_names) {
  EXPECT_EQ(make("a", {{"ansible_connection", "local"}}).value()->method, Method::local);
  EXPECT_EQ(make("a", {{"ansible_connection", "ansible.builtin.local"}}).value()->method, Method::local);
  EXPECT_EQ(make("a", {{"ansible_connection", "smart"}}).value()->method, Method::ssh);
  EXPECT_EQ(make("a", {{"ansible_connection", "paramiko_ssh"}}).value()->method, Method::ssh);
  EXPECT_EQ(make("a", {{"ansible_connection", "system_ssh"}}).value()->method, Method::system_ssh);
}

TEST_F(TargetFrom, jump_hosts_chain_as_in_ssh) {
  write("config", "Host inner\n ProxyJump middle\nHost middle\n ProxyJump outer:7,u@second\nHost outer\n User ann\nHost loop\n ProxyJump loop2\nHost loop2\n ProxyJump loop\n");
  const auto target = make("inner").value();
  ASSERT_EQ(target->jumps.size(), 3U);
  EXPECT_EQ(target->jumps[0]->address, "outer");
  EXPECT_EQ(target->jumps[0]->user, "ann");
  EXPECT_EQ(target->jumps[0]->port, 7);
  EXPECT_EQ(target->jumps[1]->user, "u");
  EXPECT_EQ(target->jumps[2]->address, "middle");
  for (const auto& hop : target->jumps) EXPECT_TRUE(hop->jumps.empty());
  const auto loop = make("loop").error();
  EXPECT_EQ(loop.code, Errc::parse);
  EXPECT_NE(loop.help.find("ProxyJump none"), std::string::npos);
}

TEST_F(TargetFrom, a_proxy_command_that_is_ssh_becomes_a_jump_host) {
  const auto jump = [&](const std::string& command) { return make("a", {{"ansible_ssh_common_args", "-o ProxyCommand=\"" + command + "\""}}).value(); };
  const auto plain = jump("ssh -W %h:%p -q -i /key -p 2222 user@gate");
  ASSERT_EQ(plain->jumps.size(), 1U);
  EXPECT_TRUE(plain->proxy_command.empty());
  EXPECT_EQ(plain->jumps[0]->address, "gate");
  EXPECT_EQ(plain->jumps[0]->user, "user");
  EXPECT_EQ(plain->jumps[0]->port, 2222);
  EXPECT_EQ(plain->jumps[0]->credentials->identity_files, std::vector<std::string>{"/key"});
  EXPECT_EQ(jump("nc %h %p")->proxy_command, "nc a 22");
  EXPECT_EQ(jump("ssh -W %h:%p gate | tee /tmp/x")->proxy_command, "ssh -W a:22 gate | tee /tmp/x");
  EXPECT_EQ(jump("ssh gate nc %h %p")->proxy_command, "ssh gate nc a 22");
}

TEST_F(TargetFrom, what_libssh_lacks_goes_to_the_systems_ssh) {
  write("config", "Host kerberos\n GSSAPIAuthentication yes\nHost token\n PKCS11Provider /x.so\nHost canon\n CanonicalizeHostname yes\n"
                  "Host new\n KexAlgorithms mlkem768x25519-sha256\nHost behind\n ProxyJump token\nHost fine\n KexAlgorithms sntrup761x25519-sha512,curve25519-sha256\n");
  for (const char* name : {"kerberos", "token", "canon", "new", "behind"}) {
    const auto target = make(name, {{"ansible_user", "u"}, {"ansible_port", 5}}).value();
    EXPECT_EQ(target->method, Method::system_ssh) << name;
    EXPECT_EQ(target->address, name);
    EXPECT_EQ(target->system_ssh_options, (std::vector<std::string>{"-o", "port 5", "-o", "user u"}));
  }
  EXPECT_EQ(make("token").value()->system_ssh_reason, "pkcs11provider /x.so (" + home_ + "/.ssh/config:4)");
  EXPECT_EQ(make("fine").value()->method, Method::ssh);
  EXPECT_EQ(make("fine").value()->algorithms.kex, "curve25519-sha256");
}

TEST_F(TargetFrom, hosts_that_only_an_authority_vouches_for_go_to_the_systems_ssh) {
  write("known_hosts", "@cert-authority *.corp " + key_text(ed25519_blob(1)) + "\nboth.corp " + key_text(ed25519_blob(2)) + "\n");
  EXPECT_EQ(make("a.corp").value()->method, Method::system_ssh);
  EXPECT_EQ(make("both.corp").value()->method, Method::ssh);
  EXPECT_EQ(make("a.other").value()->method, Method::ssh);
}

TEST_F(TargetFrom, system_wide_gssapi_alone_changes_nothing) {
  settings_.system_config = home_ + "/system";
  ASSERT_TRUE(write_file_atomically(settings_.system_config, "Host *\n GSSAPIAuthentication yes\n HashKnownHosts yes\n", 0644));
  write("id_ed25519", "x");
  EXPECT_EQ(make("a").value()->method, Method::ssh);
  EXPECT_TRUE(make("a").value()->hash_known_hosts);
}

TEST_F(TargetFrom, equal_credentials_and_jump_hosts_are_shared) {
  write("config", "Host *.lan\n ProxyJump gate\n");
  const Vars vars{{"ansible_password", "secret-word"}};
  const auto a = make("a.lan", vars).value();
  const auto b = make("b.lan", vars).value();
  EXPECT_EQ(a->credentials, b->credentials);
  EXPECT_EQ(a->jumps.at(0), b->jumps.at(0));
  EXPECT_EQ(a->credentials->password.reveal(), "secret-word");
  EXPECT_NE(a->credentials, make("c.lan", {{"ansible_password", "other-word"}}).value()->credentials);
  EXPECT_TRUE(a->jumps[0]->credentials->password.empty()) << "a host's password is not its jump host's";
}

TEST_F(TargetFrom, accept_new_does_not_weaken_or_undo) {
  settings_.accept_new = true;
  EXPECT_EQ(make("a").value()->host_keys, HostKeyPolicy::accept_new);
  EXPECT_EQ(make("a", {{"ansible_host_key_checking", "no"}}).value()->host_keys, HostKeyPolicy::off);
  EXPECT_EQ(make("a", {{"ansible_host_key_checking", true}}).value()->host_keys, HostKeyPolicy::accept_new);
}

TEST_F(TargetFrom, switched_off_methods_are_not_tried) {
  write("config", "Host a\n PasswordAuthentication no\nHost b\n PreferredAuthentications password\n PasswordAuthentication no\nHost c\n PubkeyAuthentication no\n");
  EXPECT_EQ(make("a").value()->credentials->preferred, (std::vector<std::string>{"publickey", "keyboard-interactive"}));
  EXPECT_EQ(make("b").value()->credentials->preferred, std::vector<std::string>{"none"});
  EXPECT_EQ(make("c").value()->credentials->preferred, (std::vector<std::string>{"keyboard-interactive", "password"}));
  EXPECT_TRUE(make("d").value()->credentials->preferred.empty());
}

TEST_F(TargetFrom, a_configuration_for_one_host_comes_by_its_arguments) {
  write("other", "Host *\n User other\n ProxyJump gate\nHost gate\n ProxyJump none\n");
  write("config", "User usual\n");
  EXPECT_EQ(make("a", {{"ansible_ssh_common_args", "-F " + home_ + "/.ssh/other"}}).error().code, Errc::parse) << "gate jumps over itself";
  write("other2", "Host gate\n User g\nHost *\n User other\nHost !gate *\n ProxyJump gate\n");
  const auto target = make("a", {{"ansible_ssh_common_args", "-F " + home_ + "/.ssh/other2"}}).value();
  EXPECT_EQ(target->user, "other");
  EXPECT_EQ(target->jumps.at(0)->user, "g");
  EXPECT_EQ(make("a").value()->user, "usual");
  EXPECT_EQ(make("a", {{"ansible_ssh_common_args", "-F /no/such"}}).error().code, Errc::not_found);
}

TEST_F(TargetFrom, ten_thousand_hosts_from_several_threads) {
  write("config", "Host *.lan\n User lan\n ProxyJump gate\n");
  maker();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([this, t] {
      for (int i = t; i < 10000; i += 4) {
        const auto target = make("h" + std::to_string(i) + ".lan", {{"ansible_host", "10.0.0." + std::to_string(i % 250)}, {"ansible_port", i + 1}});
        ASSERT_TRUE(target);
        EXPECT_EQ((*target)->port, i + 1);
      }
    });
  for (auto& thread : threads) thread.join();
}

TEST(SshArgs, options_are_printed_so_that_they_are_read_back) {
  const auto args = parse_ssh_args("-o 'IdentityFile \"a \\\"b\"' -o ProxyCommand='nc -x \"y\" %h' -i 'c d' -J u@h", "x").value();
  ASSERT_EQ(args.options.size(), 4U);
  EXPECT_EQ(args.options[0].args[0], "a \"b");
  EXPECT_EQ(option_text(args.options[0]), "identityfile \"a \\\"b\"");
  EXPECT_EQ(option_text(args.options[1]), "proxycommand nc -x \"y\" %h");
  EXPECT_EQ(option_text(args.options[2]), "identityfile \"c d\"");
  EXPECT_EQ(option_text(args.options[3]), "proxyjump u@h");
}

}  // namespace
}  // namespace herder::transport
