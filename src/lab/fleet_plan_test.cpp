#include "lab/fleet_plan.hpp"

#include <gtest/gtest.h>

#include <set>

namespace herder::lab {
namespace {

TEST(FleetPlan, more_hosts_never_change_the_ones_that_were_there) {
  const auto all = light_plan(max_light_hosts);
  for (const int count : {1, 3, 10, 251, 1999}) {
    const auto some = light_plan(count);
    ASSERT_EQ(some.size(), static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < some.size(); ++i) {
      EXPECT_EQ(some[i].name, all[i].name);
      EXPECT_EQ(some[i].address, all[i].address);
    }
  }
}

TEST(FleetPlan, names_and_addresses_are_all_different) {
  std::set<std::string> names;
  std::set<std::string> addresses;
  for (const HostPlan& host : light_plan(max_light_hosts)) {
    names.insert(host.name);
    addresses.insert(host.address);
  }
  EXPECT_EQ(names.size(), 2000U);
  EXPECT_EQ(addresses.size(), 2000U);
  EXPECT_TRUE(addresses.contains("127.2.0.1") && addresses.contains("127.2.7.250"));
  EXPECT_EQ(machine_plan(50, "10.213.7").back().address, "10.213.7.59");
}

TEST(FleetPlan, finds_hosts_by_name_address_group_and_glob) {
  const auto plan = light_plan(20);
  const auto names = [&](std::string_view text) {
    std::string out;
    const auto found = find_hosts(plan, text);
    if (!found) return found.error().help;
    for (const HostPlan* host : *found) out += host->name + " ";
    return out;
  };
  EXPECT_EQ(names("web01"), "web01 ");
  EXPECT_EQ(names("127.2.0.2"), "db01 ");
  EXPECT_EQ(names("db"), "db01 db02 db03 db04 ");
  EXPECT_EQ(names("cache0[12],web01"), "web01 cache01 cache02 ");
  EXPECT_EQ(find_hosts(plan, "all")->size(), 20U);
  EXPECT_EQ(names("webb01"), "did you mean 'web01'?");
  EXPECT_FALSE(find_hosts(plan, ""));
  EXPECT_FALSE(find_hosts(plan, "web01,,db01"));
}

}  // namespace
}  // namespace herder::lab
