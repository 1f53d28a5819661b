#include "inventory/query.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"
#include "inventory/builder.hpp"
#include "inventory/ini_inventory.hpp"

namespace herder::inventory {
namespace {

class QueryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    constexpr std::string_view ini =
        "[web]\nw1 port=80 env=prod tags=\"['a', 'b']\" conf=\"{'tls': {'on': True}}\"\nw2 port=8080 env=stage t='{{ x }}'\n"
        "[db]\nd1 port=5432 env=prod ratio=0.5 text=90\nd2 empty=''\n";
    InventoryBuilder builder;
    builder.begin_source("hosts.ini", "");
    ASSERT_TRUE(read_ini(ini, "hosts.ini", builder).has_value());
    inventory_ = std::make_unique<const Inventory>(*builder.finish(), VarsSettings{});
  }

  std::string hosts(std::string_view expression) {
    const auto query = Query::parse(expression);
    if (!query) return fmt::format("error {}: {}", query.error().where.column, query.error().what);
    const auto outcome = query->run(*inventory_, inventory_->hosts_of(group_all));
    if (!outcome) return "error: " + outcome.error().what;
    warnings_ = outcome->warnings;
    std::vector<std::string> names;
    for (const HostId host : outcome->hosts) names.emplace_back(inventory_->name(host));
    return text::join(names, " ");
  }

  std::unique_ptr<const Inventory> inventory_;
  std::vector<Error> warnings_;
};

TEST_F(QueryTest, comparisons) {
  EXPECT_EQ(hosts("env == 'prod'"), "w1 d1");
  EXPECT_EQ(hosts("env != \"prod\""), "w2");
  EXPECT_EQ(hosts("port > 80"), "w2 d1");
  EXPECT_EQ(hosts("80 <= port < 8081"), "w1 w2 d1");
  EXPECT_EQ(hosts("ratio == 0.5"), "d1");
  EXPECT_EQ(hosts("port == 80.0"), "w1");
  EXPECT_EQ(hosts("port > -1 and env == 'stage'"), "w2");
  EXPECT_EQ(hosts("port in [80, 5432]"), "w1 d1");
  EXPECT_EQ(hosts("port not in [80, 5432]"), "w2");
  EXPECT_EQ(hosts("'sta' in env"), "w2");
}

TEST_F(QueryTest, logic_binds_as_in_templates) {
  EXPECT_EQ(hosts("env == 'stage' or env == 'prod' and port == 80"), "w1 w2");
  EXPECT_EQ(hosts("(env == 'stage' or env == 'prod') and port == 80"), "w1");
  EXPECT_EQ(hosts("not env == 'prod'"), "w2");
  EXPECT_EQ(hosts("not not env"), "w1 w2 d1");
  EXPECT_EQ(hosts("true"), "w1 w2 d1 d2");
  EXPECT_EQ(hosts("empty is defined and not empty"), "d2");
}

TEST_F(QueryTest, access_and_tests) {
  EXPECT_EQ(hosts("tags[0] == 'a'"), "w1");
  EXPECT_EQ(hosts("tags[-1] == 'b'"), "w1");
  EXPECT_EQ(hosts("tags.1 == 'b'"), "w1");
  EXPECT_EQ(hosts("conf.tls.on"), "w1");
  EXPECT_EQ(hosts("conf['tls']['on'] is true"), "w1");
  EXPECT_EQ(hosts("conf.tls.off is undefined"), "w1 w2 d1 d2");
  EXPECT_EQ(hosts("env is not defined"), "d2");
  EXPECT_EQ(hosts("env is match('st')"), "w2");
  EXPECT_EQ(hosts("env is search('o')"), "w1 d1");
  EXPECT_EQ(hosts("tags is contains('b')"), "w1");
  EXPECT_EQ(hosts("port is number and ratio is float"), "d1");
  EXPECT_EQ(hosts("conf is mapping"), "w1");
}

TEST_F(QueryTest, magic_names) {
  EXPECT_EQ(hosts("inventory_hostname == 'w2'"), "w2");
  EXPECT_EQ(hosts("'web' in group_names"), "w1 w2");
  EXPECT_EQ(hosts("inventory_hostname in groups['db']"), "d1 d2");
}

TEST_F(QueryTest, what_nobody_defines_is_told) {
  EXPECT_EQ(hosts("envv == 'prod'"), "");
  ASSERT_EQ(warnings_.size(), 1U);
  EXPECT_EQ(warnings_[0].what, "no host defines 'envv'");
  EXPECT_EQ(warnings_[0].help, "did you mean 'env'?");
  EXPECT_EQ(hosts("ratio > 0"), "d1");
  EXPECT_TRUE(warnings_.empty());
  EXPECT_EQ(hosts("t == 'x'"), "");
  EXPECT_EQ(warnings_.at(0).code, Errc::unsupported);
  EXPECT_EQ(hosts("port < 'a'"), "");
  EXPECT_EQ(warnings_.at(0).what, "a int cannot be compared with a str here (host 'w1' and 2 more)");
}

TEST_F(QueryTest, mistakes_have_their_column) {
  EXPECT_EQ(hosts("env = 'prod'"), "error 5: '=' compares nothing");
  EXPECT_EQ(hosts("env == 'prod"), "error 8: a quote is not closed");
  EXPECT_EQ(hosts("env =="), "error 7: the expression ends too early");
  EXPECT_EQ(hosts("env is deffined"), "error 8: there is no test 'deffined' in queries");
  EXPECT_EQ(hosts("env | upper == 'X'"), "error 5: '|' is not possible in a query yet");
  EXPECT_EQ(hosts("port + 1 == 2"), "error 6: '+' is not possible in a query yet");
  EXPECT_EQ(hosts("env is match('(')").substr(0, 9), "error 14:");
  EXPECT_EQ(hosts("env && port"), "error 5: '&' means nothing here");
  EXPECT_EQ(hosts(std::string(300, '(')).substr(0, 6), "error ");
  EXPECT_EQ(hosts(""), "error 1: the expression ends too early");
}

}  // namespace
}  // namespace herder::inventory
