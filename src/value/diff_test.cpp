#include "value/diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "value/value_gen_test.hpp"

namespace herder::value {
namespace {

using testing::ElementsAre;

TEST(UnifiedDiff, shows_hunks_with_context) {
  EXPECT_EQ(unified_diff("a\nb\nc\nd\ne\n", "a\nb\nX\nd\ne\n", "before", "after", {.context = 1}),
            "--- before\n+++ after\n@@ -2,3 +2,3 @@\n b\n-c\n+X\n d\n");
  EXPECT_EQ(unified_diff("", "new\n", "a", "b"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+new\n");
  EXPECT_EQ(unified_diff("same", "same", "a", "b"), "");
}

TEST(UnifiedDiff, tells_of_a_missing_last_line_end) {
  EXPECT_EQ(unified_diff("a\n", "a", "x", "y"), "--- x\n+++ y\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n");
}

std::vector<std::string> explain(const Value& before, const Value& after) {
  std::vector<std::string> out;
  for (const Difference& difference : explain_difference(before, after)) out.push_back(difference.text());
  return out;
}

TEST(ExplainDifference, names_paths) {
  const Value before = Value::map({{"a", 1}, {"b", Value::list({1, 2, 3})}, {"odd key", 1}, {"same", 1}});
  const Value after = Value::map({{"a", "1"}, {"b", Value::list({1, 5, 2, 3})}, {"same", 1.0}, {"new", Value::map({{"x", Value()}})}});
  EXPECT_THAT(explain(before, after), ElementsAre("a: 1 -> \"1\"", "b[1]: added 5", "['odd key']: removed 1", "new: added {\"x\": null}"));
  EXPECT_THAT(explain(1, 2), ElementsAre("1 -> 2"));
  EXPECT_THAT(explain(Value::list({Value::map({{"k", 1}})}), Value::list({Value::map({{"k", 2}})})), ElementsAre("[0].k: 1 -> 2"));
  EXPECT_THAT(explain(before, before), ElementsAre());
}

TEST(ExplainDifference, does_not_show_secrets) {
  const Value before = Value::map({{"password", Value("old").marked(Mark::secret)}, {"list", Value::list({"x"}).marked(Mark::secret)}});
  const Value after = Value::map({{"password", Value("new").marked(Mark::secret)}, {"list", Value::list({"y"})}});
  EXPECT_THAT(explain(before, after), ElementsAre("password: \"********\" -> \"********\"", "list: \"********\" -> [\"y\"]"));
}

TEST(ExplainDifference, is_limited_in_number_depth_and_length) {
  ListBuilder many;
  for (int i = 0; i < 1000; ++i) many.push_back(i);
  EXPECT_EQ(explain_difference(std::move(many).build(), Value::empty_list(), 7).size(), 7U);
  Value deep = 1;
  Value other = 2;
  for (int i = 0; i < 100'000; ++i) {
    deep = Value::list({std::move(deep)});
    other = Value::list({std::move(other)});
  }
  ASSERT_EQ(explain_difference(deep, other).size(), 1U);
  EXPECT_EQ(explain_difference(std::string(1000, 'a'), "").front().text(10), "\"aaaaaaaaa... -> \"\"");
}

RC_GTEST_PROP(ExplainDifferenceProperty, is_empty_only_for_equal_values, (const AnyValue& a, const AnyValue& b)) {
  RC_ASSERT(explain_difference(a.value, a.value).empty());
  RC_ASSERT(explain_difference(a.value, b.value).empty() == (a.value == b.value));
}

}  // namespace
}  // namespace herder::value
