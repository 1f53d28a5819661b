#include "value/value.hpp"

#include <limits>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "value/value_gen_test.hpp"

namespace herder::value {
namespace {

Value big(std::string_view digits) { return Value::integer_from_decimal(digits).value(); }
const double nan_value = std::numeric_limits<double>::quiet_NaN();

void expect_equal(const Value& a, const Value& b) {
  EXPECT_TRUE(a == b);
  EXPECT_TRUE(b == a);
  EXPECT_EQ(a.hash(), b.hash());
}

void expect_different(const Value& a, const Value& b) {
  EXPECT_FALSE(a == b);
  EXPECT_FALSE(b == a);
}

TEST(Value, is_null_without_anything) {
  const Value value;
  EXPECT_TRUE(value.is_null());
  EXPECT_EQ(value.kind(), Kind::null);
  EXPECT_FALSE(value.truthy());
  EXPECT_EQ(value.size(), 0U);
}

TEST(Value, numbers_and_truth_are_equal_across_types_as_in_python) {
  expect_equal(1, 1.0);
  expect_equal(1, true);
  expect_equal(false, -0.0);
  expect_equal(big("36893488147419103232"), 0x1p65);
  expect_equal(big("-36893488147419103232"), -0x1p65);
  expect_equal(std::numeric_limits<std::int64_t>::min(), -0x1p63);
  expect_equal(std::uint64_t{1} << 63U, 0x1p63);
  expect_different(1, "1");
  expect_different(nan_value, nan_value);
  expect_different(0, Value());
  expect_different("", Value::bytes(""));
}

TEST(Value, integers_and_reals_compare_exactly) {
  expect_different((std::int64_t{1} << 53U) + 1, 0x1p53);
  expect_different(std::numeric_limits<std::int64_t>::max(), 0x1p63);
  expect_different(big("36893488147419103233"), 0x1p65);
  expect_different(big("36893488147419103232"), std::numeric_limits<double>::infinity());
}

TEST(Value, large_integers_keep_every_digit) {
  const std::string digits = "-123456789012345678901234567890123456789012345678901234567890";
  EXPECT_EQ(big(digits).kind(), Kind::big);
  EXPECT_EQ(big(digits).big_decimal(), digits);
  EXPECT_EQ(big("9223372036854775807").kind(), Kind::integer);
  EXPECT_EQ(big("9223372036854775808").kind(), Kind::big);
  EXPECT_EQ(big("-9223372036854775808").as_int(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(big("000000000000000000000000000000000000000000000000017").as_int(), 17);
  EXPECT_EQ(Value(std::numeric_limits<std::uint64_t>::max()).big_decimal(), "18446744073709551615");
  for (const char* wrong : {"", "-", "+", "1_0", " 1", "1 ", "0x1", "1.0"}) EXPECT_FALSE(Value::integer_from_decimal(wrong)) << wrong;
  EXPECT_FALSE(Value::integer_from_decimal(std::string(4301, '1'))) << "conversion is quadratic, so it has a limit";
}

TEST(Value, times_with_offset_compare_by_instant) {
  const Value berlin = DateTime{.year = 2026, .month = 1, .day = 31, .hour = 1, .has_offset = true, .offset_seconds = 3600};
  const Value utc = DateTime{.year = 2026, .month = 1, .day = 31, .has_offset = true};
  const Value local = DateTime{.year = 2026, .month = 1, .day = 31};
  const Value day = DateTime{.year = 2026, .month = 1, .day = 31, .date_only = true};
  expect_equal(berlin, utc);
  expect_different(utc, local);
  expect_different(local, day);
  EXPECT_EQ(berlin.as_datetime().iso(), "2026-01-31T01:00:00+01:00");
  EXPECT_EQ(local.as_datetime().iso(), "2026-01-31T00:00:00");
  EXPECT_EQ(day.as_datetime().iso(), "2026-01-31");
  EXPECT_EQ((DateTime{.year = 7, .microsecond = 1, .has_offset = true, .offset_seconds = -5430}).iso(), "0007-01-01T00:00:00.000001-01:30:30");
}

TEST(Value, maps_compare_without_order_and_lists_with) {
  expect_equal(Value::map({{"a", 1}, {"b", 2}}), Value::map({{"b", 2.0}, {"a", true}}));
  expect_different(Value::list({1, 2}), Value::list({2, 1}));
  expect_different(Value::map({{"a", 1}}), Value::map({{"b", 1}}));
  expect_equal(Value::empty_list(), Value::list({}));
  expect_different(Value::empty_list(), Value::empty_map());
}

TEST(Value, marks_and_positions_do_not_change_equality) {
  const Value plain = "x";
  const Value marked = plain.marked(Mark::secret | Mark::untrusted).at(SourcePos(3, 4, 5));
  expect_equal(plain, marked);
  EXPECT_TRUE(has(marked.marks(), Mark::secret));
  EXPECT_EQ(marked.source().line(), 4U);
  EXPECT_EQ(marked.unmarked(Mark::secret).marks(), Mark::untrusted);
  EXPECT_EQ(marked.unmarked(Mark::secret).source(), marked.source());
  EXPECT_EQ(plain.marks(), Mark::none);
}

TEST(Value, marked_deep_reaches_keys_and_leaves_and_keeps_sharing) {
  const Value shared = Value::list({"leaf"});
  const Value tree = Value::list({shared, shared, Value::map({{"k", shared}})});
  const Value marked = tree.marked_deep(Mark::untrusted);
  EXPECT_TRUE(marked == tree);
  EXPECT_EQ(marked.items()[0].items()[0].marks(), Mark::untrusted);
  EXPECT_EQ(marked.items()[2].entries()[0].key.marks(), Mark::untrusted);
  EXPECT_EQ(marked.items()[0].items().data(), marked.items()[1].items().data());
  EXPECT_EQ(tree.items()[0].marks(), Mark::none);
}

TEST(Value, copies_share_and_moves_leave_null) {
  Value text = "some text";
  const Value copy = text;
  EXPECT_EQ(text.use_count(), 2U);
  const Value moved = std::move(text);
  EXPECT_TRUE(text.is_null());  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_EQ(copy.use_count(), 2U);
  EXPECT_EQ(moved.as_string().data(), copy.as_string().data());
}

TEST(Value, deep_data_is_freed_and_compared_without_recursion) {
  const auto nest = [] {
    Value value = "core";
    for (int i = 0; i < 300'000; ++i) {
      if (i % 2 == 0) value = Value::list({std::move(value)});
      else value = Value::map({{"k", std::move(value)}});
    }
    return value;
  };
  const Value one = nest();
  const Value two = nest();
  EXPECT_TRUE(one == two);
  EXPECT_EQ(one.hash(), two.hash());
}

TEST(Value, truth_is_pythons) {
  for (const Value& value : {Value(), Value(false), Value(0), Value(0.0), Value(""), Value::empty_list(), Value::empty_map(), Value::bytes("")})
    EXPECT_FALSE(value.truthy());
  for (const Value& value : {Value(true), Value(-1), Value(nan_value), Value("0"), Value::list({0}), big("99999999999999999999")})
    EXPECT_TRUE(value.truthy());
}

TEST(Value, finds_keys_that_are_equal_in_python) {
  MapBuilder builder;
  builder.set(Value(1), "one");
  EXPECT_FALSE(builder.set(Value(true), "true")) << "the same key in Python";
  for (int i = 2; i < 40; ++i) builder.set(Value(i), i);
  const Value map = std::move(builder).build();
  ASSERT_NE(map.find(Value(1.0)), nullptr);
  EXPECT_EQ(map.find(Value(1.0))->as_string(), "true");
  EXPECT_EQ(map.entries()[0].key.kind(), Kind::integer) << "the first key stays";
  EXPECT_EQ(map.find("1"), nullptr);
  EXPECT_EQ(map.find(Value(39.0))->as_int(), 39);
  EXPECT_EQ(Value("no map").find("x"), nullptr);
  EXPECT_TRUE(map.get("missing").is_null());
}

TEST(Value, combine_lets_the_second_win_and_merges_deep_on_request) {
  const Value base = Value::map({{"a", 1}, {"m", Value::map({{"x", 1}, {"y", 2}})}, {"l", Value::list({1})}});
  const Value over = Value::map({{"m", Value::map({{"y", 3}})}, {"l", Value::list({2})}, {"z", 9}});
  EXPECT_TRUE(combine(base, over) == Value::map({{"a", 1}, {"m", Value::map({{"y", 3}})}, {"l", Value::list({2})}, {"z", 9}}));
  EXPECT_TRUE(combine(base, over, true) ==
              Value::map({{"a", 1}, {"m", Value::map({{"x", 1}, {"y", 3}})}, {"l", Value::list({2})}, {"z", 9}}));
  EXPECT_EQ(base.find("m")->size(), 2U) << "the inputs stay";
  EXPECT_TRUE(has(combine(base, over.marked(Mark::secret)).marks(), Mark::secret));
}

TEST(Value, sorted_by_key_puts_text_first) {
  MapBuilder builder;
  builder.set(Value(5), 0);
  builder.set("b", 1);
  builder.set("\u00e9", 2);
  builder.set("a", 3);
  const Value sorted = sorted_by_key(std::move(builder).build());
  std::vector<int> order;
  for (const MapEntry& entry : sorted.entries()) order.push_back(static_cast<int>(entry.value.as_int()));
  EXPECT_THAT(order, testing::ElementsAre(3, 1, 2, 0));
}

TEST(SourcePos, names_the_place) {
  const std::uint32_t file = source_file_id("value_test.yml");
  EXPECT_EQ(source_file_id("value_test.yml"), file);
  EXPECT_EQ(source_file_id(""), 0U);
  const Where where = Value("x").at(SourcePos(file, 7, 9)).source().where();
  EXPECT_EQ(where.file, "value_test.yml");
  EXPECT_EQ(where.line, 7);
  EXPECT_EQ(where.column, 9);
  EXPECT_EQ(SourcePos(file, 5'000'000, 20'000).line(), SourcePos::max_line);
  EXPECT_EQ(SourcePos(file, 5'000'000, 20'000).column(), SourcePos::max_column);
  EXPECT_EQ(SourcePos(file, 5'000'000, 20'000).file(), file);
}

TEST(Value, can_be_shared_between_threads) {
  MapBuilder builder;
  for (int i = 0; i < 100; ++i) builder.set(std::to_string(i), Value::list({i, std::to_string(i)}));
  const Value map = std::move(builder).build();
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> found{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([map, &found] {
      for (int round = 0; round < 50; ++round)
        for (const MapEntry& entry : map.entries()) {
          const Value held = entry.value;
          MapBuilder mine{map};
          if (round % 16 == 0) mine.set(held.items()[1], entry.key.hash() % 2 == 0);
          found += static_cast<int>(map.find(held.items()[1])->items()[0].as_int() == held.items()[0].as_int());
        }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(found.load(), 4 * 50 * 100);
  EXPECT_EQ(map.use_count(), 1U);
}

RC_GTEST_PROP(ValueProperty, equality_and_hash_agree, (const AnyValue& a, const AnyValue& b)) {
  RC_ASSERT(a.value == a.value.marked_deep(Mark::secret));
  RC_ASSERT(a.value.hash() == a.value.marked_deep(Mark::secret).hash());
  if (a.value == b.value) RC_ASSERT(a.value.hash() == b.value.hash());
}

}  // namespace
}  // namespace herder::value
