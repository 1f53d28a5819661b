#include "value/python_literal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "value/value_gen_test.hpp"

namespace herder::value {
namespace {

Value read(std::string_view text) { return parse_python_literal(text).value_or(Value("no literal")); }

TEST(PythonLiteral, reads_what_ansible_reads_in_inventories) {
  EXPECT_TRUE(read("[1, 'two', None, True]") == Value::list({1, "two", Value(), true}));
  EXPECT_TRUE(read("{'a': {'b': 0x10}}") == Value::map({{"a", Value::map({{"b", 16}})}}));
  EXPECT_TRUE(read("(1, 2)") == Value::list({1, 2}));
  EXPECT_TRUE(read("1,") == Value::list({1}));
  EXPECT_TRUE(read("{2, 1, 2}") == Value::list({2, 1}));
  EXPECT_EQ(read("-1_000").as_int(), -1000);
  EXPECT_EQ(read("1.").kind(), Kind::real);
  EXPECT_EQ(read("'a' \"b\"").as_string(), "ab");
  EXPECT_EQ(read("b'\\xff'").kind(), Kind::bytes);
}

TEST(PythonLiteral, leaves_other_text_alone) {
  for (const char* text : {"", "010", "web01", "yes", "1+2", "1j", "--1", "[1,2", "/etc/passwd", "a b", "127.0.0.1", "f'x'", "set(1)", "{{ x }}"})
    EXPECT_FALSE(parse_python_literal(text)) << text;
  EXPECT_FALSE(parse_python_literal(std::string_view("'a\0'", 4)));
  EXPECT_FALSE(parse_python_literal("'\xff'"));
}

TEST(PythonLiteral, is_limited_in_depth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_python_literal(nested(64)));
  EXPECT_FALSE(parse_python_literal(nested(65)));
  EXPECT_FALSE(parse_python_literal(std::string(1'000'000, '(')));
}

TEST(PythonRepr, prints_times_and_foreign_bytes) {
  EXPECT_EQ(python_repr(DateTime{.year = 2026, .month = 1, .day = 31, .date_only = true}), "datetime.date(2026, 1, 31)");
  const Value noon = DateTime{.year = 2026, .month = 1, .day = 31, .hour = 12, .second = 5, .has_offset = true, .offset_seconds = -3600};
  EXPECT_EQ(python_repr(noon),
            "datetime.datetime(2026, 1, 31, 12, 0, 5, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=82800)))");
  EXPECT_EQ(python_str(noon), "2026-01-31 12:00:05-01:00");
  EXPECT_EQ(python_repr("a\xff"), "'a\\udcff'");
  EXPECT_EQ(python_repr(Value::bytes("it's\n\xff")), "b\"it's\\n\\xff\"");
  EXPECT_EQ(python_str("plain"), "plain");
}

RC_GTEST_PROP(PythonProperty, repr_reads_back, (const AnyValue& any)) {
  const auto back = parse_python_literal(python_repr(any.value));
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == any.value);
}

}  // namespace
}  // namespace herder::value
