#include "inventory/nodeset.hpp"

#include <algorithm>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace herder::inventory {
namespace {

std::string folded(const std::vector<std::string>& names) { return fold_hosts(names); }

std::vector<std::string> unique_sorted(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

TEST(Nodeset, folds_numbers) {
  EXPECT_EQ(folded({"web1", "web2", "web3"}), "web[1-3]");
  EXPECT_EQ(folded({"web01", "web02", "web04", "db1"}), "db1,web[01-02,04]");
  EXPECT_EQ(folded({"web9", "web10", "web11"}), "web[9-11]");
  EXPECT_EQ(folded({"web08", "web09", "web10"}), "web[08-10]");
  EXPECT_EQ(folded({"web1", "web01"}), "web1,web01");
  EXPECT_EQ(folded({"10.0.0.1", "10.0.0.2"}), "10.0.0.[1-2]");
  EXPECT_EQ(folded({"a", "a", "b"}), "a,b");
  EXPECT_EQ(folded({}), "");
}

TEST(Nodeset, folds_several_numbers_at_once) {
  EXPECT_EQ(folded({"r1n1", "r1n2", "r2n1", "r2n2"}), "r[1-2]n[1-2]");
  EXPECT_EQ(folded({"r1n1", "r1n2", "r2n1"}), "r1n[1-2],r2n1");
  EXPECT_EQ(folded({"web1.dc2.lan", "web2.dc2.lan"}), "web[1-2].dc2.lan");
}

TEST(Nodeset, keeps_odd_names_apart) {
  EXPECT_EQ(folded({"a,b", "x[1]", "w1"}), R"(w1,"a,b","x[1]")");
  EXPECT_EQ(folded({"v12345678901234567890", "v12345678901234567891"}), "v12345678901234567890,v12345678901234567891");
}

TEST(Nodeset, expands_and_refuses) {
  EXPECT_EQ(*expand_nodeset("web[01-03,7],db1"), (std::vector<std::string>{"web01", "web02", "web03", "web7", "db1"}));
  EXPECT_EQ(*expand_nodeset("a[0-10/5]"), (std::vector<std::string>{"a0", "a5", "a10"}));
  EXPECT_EQ(*expand_nodeset(R"("x,y",z)"), (std::vector<std::string>{"x,y", "z"}));
  EXPECT_EQ(expand_nodeset("a[1-2").error().code, Errc::parse);
  EXPECT_EQ(expand_nodeset("a[2-1]").error().code, Errc::parse);
  EXPECT_EQ(expand_nodeset("a,,b").error().code, Errc::parse);
  EXPECT_EQ(expand_nodeset("a,").error().code, Errc::parse);
  EXPECT_EQ(expand_nodeset("a]").error().code, Errc::parse);
  EXPECT_EQ(expand_nodeset("a[0-999999999999]").error().code, Errc::limit);
  EXPECT_EQ(expand_nodeset("a[0-9999]b[0-9999]").error().code, Errc::limit);
}

/// Names of few letters and numbers, so that they fold; sometimes anything.
rc::Gen<std::string> name_of_host() {
  const auto piece = rc::gen::element<std::string>("web", "r", "n", "-", ".", "0", "1", "2", "9", "01", "10", "007", ".lan");
  const auto plain =
      rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const std::vector<std::string>& pieces) {
        std::string name = "h";
        for (const std::string& part : pieces) name += part;
        return name;
      });
  return rc::gen::weightedOneOf<std::string>({{9, plain}, {1, rc::gen::arbitrary<std::string>()}});
}

RC_GTEST_PROP(NodesetProperty, expanding_a_fold_gives_the_names_back, ()) {
  const auto names = *rc::gen::container<std::vector<std::string>>(name_of_host());
  const auto expanded = expand_nodeset(fold_hosts(names));
  RC_ASSERT(expanded.has_value());
  RC_ASSERT(expanded->size() == unique_sorted(names).size());
  RC_ASSERT(unique_sorted(*expanded) == unique_sorted(names));
}

RC_GTEST_PROP(NodesetProperty, folding_does_not_depend_on_order, ()) {
  auto names = *rc::gen::container<std::vector<std::string>>(name_of_host());
  const std::string once = fold_hosts(names);
  std::ranges::reverse(names);
  RC_ASSERT(fold_hosts(names) == once);
}

}  // namespace
}  // namespace herder::inventory
