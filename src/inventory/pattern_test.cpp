#include "inventory/pattern.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/text.hpp"
#include "inventory/builder.hpp"
#include "inventory/ini_inventory.hpp"
#include "inventory/test_files_test.hpp"

namespace herder::inventory {
namespace {

std::unique_ptr<const Inventory> inventory_of(std::string_view ini) {
  InventoryBuilder builder;
  builder.begin_source("test.ini", "");
  EXPECT_TRUE(read_ini(ini, "test.ini", builder).has_value());
  return std::make_unique<const Inventory>(*builder.finish(), VarsSettings{});
}

constexpr std::string_view fleet = "lone\n[web]\nweb[1:5]\n[db]\ndb1\ndb2\nweb5\n[prod:children]\nweb\n";

std::string chosen(const Inventory& inventory, std::string_view pattern, const SelectOptions& options = {}) {
  const auto selection = select(inventory, pattern, options);
  if (!selection) return "error: " + selection.error().what;
  std::vector<std::string> names;
  for (const HostId host : selection->hosts) names.emplace_back(inventory.name(host));
  return text::join(names, " ");
}

TEST(HostPattern, unions_intersections_and_exclusions) {
  const auto inventory = inventory_of(fleet);
  EXPECT_EQ(chosen(*inventory, "web:db"), "web1 web2 web3 web4 web5 db1 db2");
  EXPECT_EQ(chosen(*inventory, "db,web"), "db1 db2 web5 web1 web2 web3 web4");
  EXPECT_EQ(chosen(*inventory, "web:&db"), "web5");
  EXPECT_EQ(chosen(*inventory, "web:!db"), "web1 web2 web3 web4");
  EXPECT_EQ(chosen(*inventory, "!web"), "lone db1 db2");
  EXPECT_EQ(chosen(*inventory, "!web1:web:&prod"), "web2 web3 web4 web5");
}

TEST(HostPattern, globs_and_regular_expressions) {
  const auto inventory = inventory_of(fleet);
  EXPECT_EQ(chosen(*inventory, "[vw]eb?"), "web1 web2 web3 web4 web5");
  EXPECT_EQ(chosen(*inventory, "*b1"), "web1 db1");
  EXPECT_EQ(chosen(*inventory, "~web[13]$"), "web1 web3");
  EXPECT_EQ(chosen(*inventory, "~(lone|db1)"), "lone db1");
  EXPECT_TRUE(chosen(*inventory, "~(").starts_with("error: "));
}

TEST(HostPattern, positions) {
  const auto inventory = inventory_of(fleet);
  EXPECT_EQ(chosen(*inventory, "web[0]"), "web1");
  EXPECT_EQ(chosen(*inventory, "web[-1]"), "web5");
  EXPECT_EQ(chosen(*inventory, "web[1:2]"), "web2 web3");
  EXPECT_EQ(chosen(*inventory, "web[3:]"), "web4 web5");
  EXPECT_EQ(chosen(*inventory, "web[3:99]"), "web4 web5");
  EXPECT_EQ(chosen(*inventory, "web[9:12]"), "");
  EXPECT_EQ(chosen(*inventory, "web[5]"), "error: pattern 'web[5]' asks for position 5, but 'web' has 5 hosts");
}

TEST(HostPattern, intersection_keeps_inventory_order) {
  const auto inventory = inventory_of("[a]\nz\ny\nx\n[b]\nx\nz\n");
  EXPECT_EQ(chosen(*inventory, "a:&b"), "z x");
}

TEST(HostPattern, limits_and_orders) {
  const auto inventory = inventory_of(fleet);
  EXPECT_EQ(chosen(*inventory, "web", {.limits = {"web2:web4"}}), "web2 web4");
  EXPECT_EQ(chosen(*inventory, "web", {.limits = {"!web2"}}), "web1 web3 web4 web5");
  EXPECT_EQ(chosen(*inventory, "db", {.order = HostOrder::reverse_sorted}), "web5 db2 db1");
  EXPECT_EQ(chosen(*inventory, "db", {.order = HostOrder::reverse_inventory}), "web5 db2 db1");
  EXPECT_EQ(chosen(*inventory, "all", {.order = HostOrder::sorted}), "db1 db2 lone web1 web2 web3 web4 web5");
  EXPECT_EQ(parse_host_order("sortd").error().help, "did you mean 'sorted'?");
}

TEST(HostPattern, files_of_patterns) {
  const TestFiles files;
  const auto inventory = inventory_of(fleet);
  const std::string path = files.write("limit.txt", "web1\n\n  db2 \n");
  EXPECT_EQ(chosen(*inventory, "@" + path), "web1 db2");
  EXPECT_EQ(chosen(*inventory, "all", {.limits = {"@" + path}}), "db2 web1");
  EXPECT_TRUE(chosen(*inventory, "@/nonexistent").starts_with("error: "));
}

TEST(HostPattern, what_matches_nothing_is_told_with_the_nearest_name) {
  const auto inventory = inventory_of(fleet);
  const auto selection = select(*inventory, "wbe1:prod");
  ASSERT_TRUE(selection.has_value());
  ASSERT_EQ(selection->warnings.size(), 1U);
  EXPECT_EQ(selection->warnings[0].what, "pattern 'wbe1' matches no host and no group");
  EXPECT_EQ(selection->warnings[0].help, "did you mean 'web1'?");
}

TEST(HostPattern, addresses_are_not_split_at_their_colons) {
  const auto inventory = inventory_of("2001:db8::1\n10.0.0.1\n");
  EXPECT_EQ(chosen(*inventory, "2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(chosen(*inventory, "2001:db8::1,10.0.0.1"), "2001:db8::1 10.0.0.1");
  EXPECT_EQ(chosen(*inventory, "localhost"), "localhost");
}

rc::Gen<std::string> single_pattern() {
  return rc::gen::element<std::string>("all", "web", "db", "prod", "web1", "web[0]", "w*", "~.*1", "!db", "&prod", "!web1",
                                       "lone", "*");
}

RC_GTEST_PROP(HostPatternProperty, a_host_comes_once_and_obeys_every_exclusion, ()) {
  static const auto inventory = inventory_of(fleet);
  const auto pieces = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(single_pattern()));
  const auto selection = select(*inventory, text::join(pieces, ","));
  RC_ASSERT(selection.has_value());
  auto hosts = selection->hosts;
  std::ranges::sort(hosts);
  RC_ASSERT(std::ranges::adjacent_find(hosts) == hosts.end());
  for (const std::string& piece : pieces) {
    if (piece[0] != '!' && piece[0] != '&') continue;
    const auto other = select(*inventory, piece.substr(1));
    for (const HostId host : hosts) RC_ASSERT((std::ranges::find(other->hosts, host) != other->hosts.end()) == (piece[0] == '&'));
  }
}

RC_GTEST_PROP(HostPatternProperty, any_text_is_a_pattern_or_an_error, (const std::string& pattern)) {
  static const auto inventory = inventory_of(fleet);
  if (pattern.contains('@')) return;
  const auto selection = select(*inventory, pattern);
  if (selection) RC_ASSERT(selection->hosts.size() <= inventory->host_count() + 3);
}

}  // namespace
}  // namespace herder::inventory
