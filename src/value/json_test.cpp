#include "value/json.hpp"

#include <limits>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "value/value_gen_test.hpp"

namespace herder::value {
namespace {

Value read(std::string_view text, const JsonOptions& options = {}) {
  Result<Value> value = parse_json(text, options);
  EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error().what);
  return value.value_or(Value("unreadable"));
}

TEST(ParseJson, reads_every_kind) {
  const Value value = read(R"( {"a": [1, -2.5e3, true, null, "x\u00e9\n"], "b": {}, "c": 123456789012345678901234567890} )");
  EXPECT_TRUE(*value.find("a") == Value::list({1, -2500.0, true, Value(), "x\u00e9\n"}));
  EXPECT_EQ(value.find("a")->items()[1].kind(), Kind::real);
  EXPECT_EQ(value.find("b")->kind(), Kind::map);
  EXPECT_EQ(value.find("c")->big_decimal(), "123456789012345678901234567890");
}

TEST(ParseJson, the_last_of_equal_keys_wins_in_the_first_ones_place) {
  const Value value = read(R"({"a": 1, "b": 2, "a": 3})");
  ASSERT_EQ(value.size(), 2U);
  EXPECT_EQ(value.entries()[0].value.as_int(), 3);
}

TEST(ParseJson, gives_every_node_its_place_when_the_file_is_named) {
  const Value value = read("{\n  \"\u00e9\": [1,\n    2]}", {.file = "json_test.json"});
  const Value& key = value.entries()[0].key;
  const Value& list = value.entries()[0].value;
  EXPECT_EQ(key.source().where().file, "json_test.json");
  EXPECT_EQ(key.source().line(), 2U);
  EXPECT_EQ(key.source().column(), 3U);
  EXPECT_EQ(list.source().column(), 8U) << "characters, not bytes";
  EXPECT_EQ(list.items()[1].source().line(), 3U);
  EXPECT_EQ(list.items()[1].source().column(), 5U);
  EXPECT_FALSE(read("[1]").items()[0].source());
}

TEST(ParseJson, marks_every_string) {
  const Value value = read(R"({"k": ["v", 1]})", {.marks = Mark::untrusted});
  EXPECT_EQ(value.entries()[0].key.marks(), Mark::untrusted);
  EXPECT_EQ(value.entries()[0].value.items()[0].marks(), Mark::untrusted);
}

TEST(ParseJson, repeated_keys_share_their_text) {
  const Value value = read(R"([{"name": 1}, {"name": 2}])");
  EXPECT_EQ(value.items()[0].entries()[0].key.as_string().data(), value.items()[1].entries()[0].key.as_string().data());
}

TEST(ParseJson, stops_at_the_depth_limit) {
  const std::string deep = std::string(65, '[') + std::string(65, ']');
  EXPECT_TRUE(parse_json(std::string_view(deep).substr(1, 128)));
  const auto refused = parse_json(deep);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::limit);
  EXPECT_EQ(parse_json(std::string(1'000'000, '['), {.depth = 1'000'000}).error().code, Errc::limit);
}

TEST(ParseJson, refuses_what_is_no_text) {
  for (const char* text : {"\"\xff\"", "\"\\ud800\"", "\"\\udc00x\"", "\"\\ud800\\u0041\"", "\"\xc0\x80\"", "{\"\xff\": 1}", "\"a\\n\xe2\x82\""})
    EXPECT_FALSE(parse_json(text)) << text;
  EXPECT_EQ(read("\"\\ud83d\\ude00\"").as_string(), "\U0001f600");
  EXPECT_EQ(read("\xef\xbb\xbf[]").size(), 0U) << "a byte order mark is skipped";
}

TEST(ParseJson, pythons_extensions_can_be_off) {
  for (const char* text : {"NaN", "Infinity", "-Infinity"}) {
    EXPECT_TRUE(parse_json(text)) << text;
    EXPECT_FALSE(parse_json(text, {.python_extensions = false})) << text;
  }
}

TEST(ParseJson, errors_say_what_to_do) {
  EXPECT_EQ(parse_json("{'a': 1}").error().help, "JSON keys stand in double quotes");
  EXPECT_EQ(parse_json("{\"a\": True}").error().help, "JSON writes true");
  EXPECT_EQ(parse_json("{\"a\": 1,}").error().help, "remove the comma before it");
  EXPECT_EQ(parse_json("[1 2]").error().what, "expected ',' or ']' after a list element, not '2'");
  EXPECT_EQ(parse_json("[1").error().what, "expected ',' or ']' after a list element, not the end of the text");
  EXPECT_EQ(parse_json("[\x1b]").error().what, "expected a value, not '\\x1b'");
}

TEST(ParseJson, errors_do_not_show_secret_lines) {
  EXPECT_EQ(parse_json("[1 2]").error().where.text, "[1 2]");
  EXPECT_EQ(parse_json("[1 2]", {.marks = Mark::secret}).error().where.text, "");
}

TEST(PrintJson, hides_secrets_and_names_vaulted_text) {
  MapBuilder map;
  map.set("p", Value("hunter2").marked(Mark::secret));
  map.set(Value("hunter2").marked(Mark::secret), Value::list({"hunter2"}).marked(Mark::secret));
  map.set("v", Value("$ANSIBLE_VAULT;1.1").marked(Mark::vaulted));
  EXPECT_EQ(print_json(std::move(map).build()), R"({"p": "********", "********": "********", "v": {"__ansible_vault": "$ANSIBLE_VAULT;1.1"}})");
}

TEST(PrintJson, has_an_answer_for_every_kind_and_key) {
  MapBuilder map;
  map.set(Value(1), DateTime{.year = 2026, .month = 1, .day = 2, .date_only = true});
  map.set(Value(), Value::bytes("\xff"));
  map.set(Value(true), "\xff");
  map.set(Value(0.5), Value::empty_list());
  map.set(Value::list({1, "a"}), 2);
  EXPECT_EQ(print_json(std::move(map).build()), R"({"1": "\ufffd", "null": "/w==", "0.5": [], "[1, 'a']": 2})");
}

TEST(PrintJson, sorts_numeric_keys_by_number) {
  MapBuilder map;
  for (const int key : {10, 9, 100}) map.set(Value(key), key);
  EXPECT_EQ(print_json(std::move(map).build(), {.sort_keys = true}), R"({"9": 9, "10": 10, "100": 100})");
}

TEST(PrintJson, does_not_recurse) {
  Value deep;
  for (int i = 0; i < 200'000; ++i) deep = Value::list({std::move(deep)});
  EXPECT_EQ(print_json(deep).size(), 400'002U - 2 + 4);
}

TEST(PythonFloat, is_shortest_and_reads_back) {
  EXPECT_EQ(python_float(1e16), "1e+16");
  EXPECT_EQ(python_float(123456.0), "123456.0");
  EXPECT_EQ(python_float(-0.0), "-0.0");
  EXPECT_EQ(python_float(0.0001), "0.0001");
  EXPECT_EQ(python_float(0.00001), "1e-05");
  EXPECT_EQ(python_float(std::numeric_limits<double>::quiet_NaN()), "nan");
}

RC_GTEST_PROP(JsonProperty, what_is_printed_reads_back, (const AnyValue& any)) {
  JsonStyle style{.indent = *rc::gen::inRange(0, 4), .ascii = *rc::gen::arbitrary<bool>(), .spaces = *rc::gen::arbitrary<bool>()};
  const std::string text = print_json(any.value, style);
  const Result<Value> back = parse_json(text, {.file = *rc::gen::element<std::string>("", "property.json")});
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == any.value);
  RC_ASSERT(print_json(*back, style) == text);
}

}  // namespace
}  // namespace herder::value
