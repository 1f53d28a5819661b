#include "inventory/loader.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "base/error_format.hpp"
#include "inventory/listing.hpp"
#include "inventory/test_files_test.hpp"
#include "value/json.hpp"

namespace herder::inventory {
namespace {

std::string json(const Result<Value>& value) {
  return value ? value::print_json(*value, {.ascii = false}) : "error: " + value.error().what;
}

/// The error of loading one source: "what (line:column)".
std::string load_error(const std::string& source) {
  const auto loaded = load(std::vector{source});
  if (loaded) return "no error";
  const Error& failure = loaded.error();
  return fmt::format("{} ({}:{})", failure.what, failure.where.line, failure.where.column);
}

class InventoryFiles : public ::testing::Test {
 protected:
  TestFiles files_;

  std::string ini_error(std::string_view text) { return load_error(files_.write("hosts.ini", text)); }
  std::string yaml_error(std::string_view text) { return load_error(files_.write("hosts.yml", text)); }

  /// All sources must load; the inventory lives as long as the test.
  const Inventory& loaded(const std::vector<std::string>& sources, LoadOptions options = {}) {
    if (options.local_python.empty()) options.local_python = "/usr/bin/python3";
    auto made = load(sources, options);
    EXPECT_TRUE(made.has_value()) << (made ? "" : format_error(made.error()));
    kept_ = std::move(*made);
    return *kept_.inventory;
  }

  static std::string vars(const Inventory& inventory, std::string_view host) {
    return json(inventory.host_vars(*inventory.resolve(host)));
  }

  Loaded kept_;
};

TEST_F(InventoryFiles, ini_mistakes_have_their_place) {
  EXPECT_EQ(ini_error("[web]\nweb1 oops\n"), "what follows host 'web1' is not name=value (2:6)");
  EXPECT_EQ(ini_error("[bad group]\n"), "'[bad group]' is not a section header (1:1)");
  EXPECT_EQ(ini_error("[web:variables]\n"), "section [web:variables]: there is no kind 'variables' (1:6)");
  EXPECT_EQ(ini_error("\n  web1 a='b\n"), "a single quote is not closed (2:10)");
  EXPECT_EQ(ini_error("web[1:]\n"), "range [1:] has no end (1:1)");
  EXPECT_EQ(ini_error("web1:70000\n"), "port 70000 is not in 1..65535 (1:1)");
  EXPECT_EQ(ini_error("web:\n"), "host 'web:' ends in ':' (1:4)");
  EXPECT_EQ(ini_error("---\nall:\n"), "'---' is not a host (1:1)");
  EXPECT_EQ(ini_error("[all:vars]\nabc\n"), "'abc' is not a variable (2:1)");
  EXPECT_EQ(ini_error("[web:vars]\na=1\n"), "section [web:vars] is for a group 'web' that nothing declares (1:0)");
  EXPECT_EQ(ini_error("[web:children]\nweeb\n[wee]\n"), "group 'weeb' is a child of 'web', but nothing declares it (2:0)");
  EXPECT_EQ(ini_error("[a:children]\nb x\n"), "'b x' is not the name of a group (2:2)");
  EXPECT_EQ(ini_error("[web:vars]\nansible_group_priority=high\n[web]\n"),
            "ansible_group_priority of group 'web' is not an integer (2:24)");
  EXPECT_EQ(ini_error("w\xC3\xA9 x=1 'y\n"), "a single quote is not closed (1:8)");
  EXPECT_EQ(ini_error("ok\nw\xFF\n"), "this line is not UTF-8 (2:1)");
}

TEST_F(InventoryFiles, cycles_are_shown) {
  EXPECT_EQ(ini_error("[a:children]\nb\n[b:children]\nc\n[c:children]\na\n"),
            "groups contain each other: c -> a -> b -> c (6:1)");
  EXPECT_EQ(ini_error("[a:children]\na\n"), "groups contain each other: a -> a (2:1)");
  EXPECT_EQ(yaml_error("a: {children: {b: {children: {a: }}}}\n"), "groups contain each other: a -> b -> a (1:16)");
  EXPECT_EQ(ini_error("[a:children]\nall\n"), "groups contain each other: all -> a -> all (0:0)");
}

TEST_F(InventoryFiles, secrets_stay_out_of_errors) {
  const auto failed = load(std::vector{files_.write("hosts.ini", "web1 ansible_password=hunter2 'x\n")});
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(format_error(failed.error(), {.verbosity = 1}).find("hunter2"), std::string::npos);
  const auto cut = load(std::vector{files_.write("hosts.ini", "web1 ansible_password=correct horse\n")});
  ASSERT_FALSE(cut.has_value());
  EXPECT_EQ(format_error(cut.error(), {.verbosity = 1}).find("horse"), std::string::npos);
}

TEST_F(InventoryFiles, yaml_mistakes_have_their_place) {
  EXPECT_EQ(yaml_error("web:\n  hosts: [a, b]\n"), "'hosts' of group 'web' must be a map, this is a list (2:10)");
  EXPECT_EQ(yaml_error("web:\n  hosts:\n    7:\n"), "a host's name must be a text, this is 7 (3:5)");
  EXPECT_EQ(yaml_error("web:\n  hosts:\n    a: text\n"), "variables of host 'a' must be a map, this is a str (3:8)");
  EXPECT_EQ(yaml_error("- a\n"), "a YAML inventory is a map of groups, this is a list (0:0)");
  EXPECT_EQ(yaml_error("web:\n  hosts:\n    n[3:]:\n"), "range [3:] has no end (3:5)");
}

TEST_F(InventoryFiles, what_is_not_supported_is_named) {
  EXPECT_EQ(load(std::vector{files_.write("c.yml", "plugin: constructed\ngroups: {}\n")}).error().code, Errc::unsupported);
  const auto cloud = load(std::vector{files_.write("aws_ec2.yml", "# cloud\nplugin: amazon.aws.aws_ec2\n")});
  EXPECT_NE(cloud.error().what.find("'amazon.aws.aws_ec2'"), std::string::npos);
  EXPECT_EQ(cloud.error().where.line, 2);
  EXPECT_EQ(load(std::vector{files_.write("hosts.toml", "[all]\n")}).error().what, "TOML inventories are not supported");
  EXPECT_EQ(load(std::vector{files_.path("nothing")}).error().code, Errc::not_found);
  const auto vault = load(std::vector{files_.write("v.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n")});
  EXPECT_EQ(vault.error().code, Errc::denied);
}

TEST_F(InventoryFiles, a_source_that_fails_leaves_nothing_behind) {
  const auto good = files_.write("1.ini", "[web]\nweb1\n");
  const auto bad = files_.write("2.ini", "[web]\nweb2\nweb3 oops\n");
  const Inventory& inventory = loaded({good, bad});
  EXPECT_EQ(inventory.host_count(), 1U);
  ASSERT_EQ(kept_.warnings.size(), 1U);
  EXPECT_EQ(kept_.warnings[0].where.line, 3);
  EXPECT_FALSE(load(std::vector{good, bad}, {.every_source_must_parse = true}).has_value());
}

TEST_F(InventoryFiles, vault_files_go_through_the_decryptor) {
  files_.write("group_vars/all", "$ANSIBLE_VAULT;1.1;AES256\nxyz\n");
  const auto source = files_.write("hosts.ini", "web1\n");
  const Inventory& locked = loaded({source});
  EXPECT_EQ(locked.host_vars(HostId{0}).error().code, Errc::denied);
  LoadOptions options;
  options.vault = [](std::string_view cipher, const std::string&) -> Result<std::string> {
    EXPECT_TRUE(cipher.ends_with("xyz\n"));
    return "secret: 1";
  };
  EXPECT_EQ(vars(loaded({source}, options), "web1"), R"({"secret": 1})");
}

TEST_F(InventoryFiles, levels_override_each_other_in_order) {
  const auto source =
      files_.write("inv/hosts.ini", "web1 l8=h\n[web]\nweb1\n[web:vars]\nl3=g\nl4=g\nl5=g\nl6=g\nl7=g\nl8=g\nl9=g\nl10=g\n");
  const std::string all = "l4: a4\nl5: a4\nl6: a4\nl7: a4\nl8: a4\nl9: a4\nl10: a4\n";
  files_.write("inv/group_vars/all.yml", all);
  files_.write("play/group_vars/all.yml", "l5: a5\nl6: a5\nl7: a5\nl8: a5\nl9: a5\nl10: a5\n");
  files_.write("inv/group_vars/web.yml", "l6: g6\nl7: g6\nl8: g6\nl9: g6\nl10: g6\n");
  files_.write("play/group_vars/web.yml", "l7: g7\nl8: g7\nl9: g7\nl10: g7\n");
  files_.write("inv/host_vars/web1.yml", "l9: h9\nl10: h9\n");
  files_.write("play/host_vars/web1.yml", "l10: h10\n");
  const Inventory& inventory = loaded({source}, {.playbook_dir = files_.path("play")});
  EXPECT_EQ(vars(inventory, "web1"),
            R"({"l3": "g", "l4": "a4", "l5": "a5", "l6": "g6", "l7": "g7", "l8": "h", "l9": "h9", "l10": "h10"})");
  EXPECT_EQ(**inventory.host_var(HostId{0}, "l9"), Value("h9"));
  EXPECT_EQ(**inventory.host_var(HostId{0}, "l3"), Value("g"));
  EXPECT_FALSE(inventory.host_var(HostId{0}, "l11")->has_value());
}

TEST_F(InventoryFiles, hosts_of_equal_groups_share_their_variables) {
  const auto source = files_.write("hosts.ini", "[web]\nweb[1:3]\n[web:vars]\na=1\n");
  const Inventory& inventory = loaded({source});
  EXPECT_EQ(inventory.group_set(HostId{0}), inventory.group_set(HostId{2}));
  EXPECT_GE(inventory.host_vars(HostId{0})->use_count(), 2U);  // the same map, not a copy
}

TEST_F(InventoryFiles, many_threads_may_ask_at_once) {
  files_.write("group_vars/web.yml", "a: 1\n");
  for (int i = 1; i <= 20; ++i) files_.write(fmt::format("host_vars/web{}.yml", i), fmt::format("n: {}\n", i));
  const Inventory& inventory = loaded({files_.write("hosts.ini", "[web]\nweb[1:20]\n[db]\nweb[5:9]\n")});
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (std::uint32_t i = 0; i < inventory.host_count(); ++i) {
        const auto all = inventory.host_vars(HostId{i});
        const auto one = inventory.host_var(HostId{i}, "n");
        if (all && one && all->get("a") == Value(1) && **one == Value(static_cast<int>(i) + 1)) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 80);
}

TEST_F(InventoryFiles, this_machine_exists_without_being_listed) {
  const Inventory& inventory = loaded({"web1,"});
  const auto local = inventory.resolve("localhost");
  ASSERT_TRUE(local.has_value());
  EXPECT_TRUE(inventory.is_implicit(*local));
  EXPECT_EQ(vars(inventory, "localhost"), R"({"ansible_python_interpreter": "/usr/bin/python3", "ansible_connection": "local"})");
  const Inventory& listed = loaded({"127.0.0.1,"});
  EXPECT_EQ(listed.name(*listed.resolve("localhost")), "127.0.0.1");
}

TEST_F(InventoryFiles, magic_variables_tell_where_a_host_is) {
  const auto source = files_.write("hosts.ini", "[b]\nw1.lan\n[a]\nw1.lan\n");
  EXPECT_EQ(
      json(loaded({source}).magic_vars(HostId{0})),
      fmt::format(
          R"({{"inventory_hostname": "w1.lan", "inventory_hostname_short": "w1", "group_names": ["a", "b"], "inventory_file": "{}", "inventory_dir": "{}"}})",
          source, files_.path()));
}

TEST_F(InventoryFiles, host_lists_expand_ranges) {
  EXPECT_EQ(loaded({"w[1:3],db1:22,"}).host_count(), 4U);
  EXPECT_EQ(vars(*kept_.inventory, "db1"), R"({"ansible_port": 22})");
}

TEST_F(InventoryFiles, scripts_are_run_and_their_failures_told) {
  const auto script = files_.write(
      "inv.sh", "#!/bin/sh\n[ $1 = --list ] && echo '{\"web\": {\"hosts\": [\"w1\"]}}' || echo '{\"h\": \"'$2'\"}'\n", true);
  EXPECT_EQ(vars(loaded({script}), "w1"), R"({"h": "w1"})");
  const auto failing = load(std::vector{files_.write("bad.sh", "#!/bin/sh\necho no access >&2; exit 3\n", true)});
  ASSERT_FALSE(failing.has_value());
  EXPECT_EQ(failing.error().what, "inventory script --list: exit code 3");
  EXPECT_NE(failing.error().help.find("no access"), std::string::npos);
  LoadOptions quick;
  quick.script.time = std::chrono::milliseconds(50);
  const auto slow = load(std::vector{files_.write("slow.sh", "#!/bin/sh\nsleep 60\n", true)}, quick);
  ASSERT_FALSE(slow.has_value());
  EXPECT_EQ(slow.error().code, Errc::timeout);
}

TEST_F(InventoryFiles, odd_names_are_warned_about_once) {
  loaded({files_.write("hosts.ini", "[web-1]\nx a-b=1 9=2\ny a-b=1\n[x]\n")});
  ASSERT_EQ(kept_.warnings.size(), 3U);
  EXPECT_EQ(kept_.warnings[0].what, "group names that are no valid variable names: 'web-1'");
  EXPECT_EQ(kept_.warnings[1].what, "both a group and a host are called: 'x'");
  EXPECT_EQ(kept_.warnings[2].what, "variables whose names templates cannot use: 'a-b', '9'");
}

TEST_F(InventoryFiles, list_value_and_list_text_agree) {
  const Inventory& inventory =
      loaded({files_.write("hosts.ini", "w1 a=1\n[g]\nw2 b='x'\n[p:children]\ng\n[p:vars]\nc={'k': [1, 2.5]}\n")});
  std::string text;
  const auto done = write_list_json(inventory, {}, [&](std::string_view piece) -> Result<> {
    text += piece;
    return {};
  });
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(*value::parse_json(text), *list_json(inventory));
}

}  // namespace
}  // namespace herder::inventory
