#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "value/value_gen_test.hpp"
#include "value/yaml.hpp"

namespace herder::value {
namespace {

Value read(std::string_view text) {
  const auto document = parse_yaml(text);
  if (!document) ADD_FAILURE() << document.error().what << " in: " << text;
  return document ? document->root : Value();
}

TEST(YamlPrint, writes_blocks_with_lists_below_their_key) {
  const Value value = read("{a: [1, {b: c, d: []}, [x, [y]]], e: {f: {}}}");
  EXPECT_EQ(print_yaml(value), "a:\n- 1\n- b: c\n  d: []\n- - x\n  - - y\ne:\n  f: {}\n");
  EXPECT_EQ(print_yaml(value, {.indent = 4}), "a:\n- 1\n-   b: c\n    d: []\n-   - x\n    -   - y\ne:\n    f: {}\n");
  EXPECT_EQ(print_yaml(value, {.indented_lists = true}), "a:\n  - 1\n  - b: c\n    d: []\n  - - x\n    - - y\ne:\n  f: {}\n");
  EXPECT_EQ(print_yaml(value, {.flow = YamlFlow::leaves}), "a:\n- 1\n- b: c\n  d: []\n- - x\n  - [y]\ne:\n  f: {}\n");
  EXPECT_EQ(print_yaml(value, {.flow = YamlFlow::always}), "{a: [1, {b: c, d: []}, [x, [y]]], e: {f: {}}}\n");
}

TEST(YamlPrint, quotes_what_would_be_read_as_something_else) {
  EXPECT_EQ(print_yaml(Value::list({"yes", "1.0", "null", "2001-01-01", "=", "010", "", "a: b", "- x", "it's", "tab\t", "x #y", "#x"})),
            "- 'yes'\n- '1.0'\n- 'null'\n- '2001-01-01'\n- '='\n- '010'\n- ''\n- 'a: b'\n- '- x'\n- it's\n- \"tab\\t\"\n- 'x #y'\n- '#x'\n");
  EXPECT_EQ(print_yaml(Value::list({true, nullptr, 7, 1e16, 0.5, -__builtin_inf()})), "- true\n- null\n- 7\n- 1.0e+16\n- 0.5\n- -.inf\n");
}

TEST(YamlPrint, folds_long_text_at_blanks) {
  EXPECT_EQ(print_yaml(Value::map({{"k", "one two three four five"}}), {.width = 10}), "k: one two three\n  four five\n");
  EXPECT_EQ(print_yaml(Value::map({{"k", "one: two three four five"}}), {.width = 10}), "k: 'one: two\n  three four\n  five'\n");
}

TEST(YamlPrint, ends_an_open_root_scalar) {
  EXPECT_EQ(print_yaml("text"), "text\n...\n");
  EXPECT_EQ(print_yaml("'quoted"), "'''quoted'\n");
  EXPECT_EQ(print_yaml(Value::empty_list()), "[]\n");
}

TEST(YamlPrint, sorts_keys_as_python_does_or_not_at_all) {
  EXPECT_EQ(print_yaml(read("{b: 1, a: 2, B: 3}"), {.sort_keys = true}), "B: 3\na: 2\nb: 1\n");
  EXPECT_EQ(print_yaml(read("{10: a, 9: b, -1.5: c, no: d}"), {.sort_keys = true}), "-1.5: c\nfalse: d\n9: b\n10: a\n");
  EXPECT_EQ(print_yaml(read("{b: 1, 1: 2, a: 3}"), {.sort_keys = true}), "b: 1\n1: 2\na: 3\n");
  EXPECT_EQ(print_yaml(read("{12345678901234567890: a, -12345678901234567890: b, 3: c}"), {.sort_keys = true}),
            "-12345678901234567890: b\n3: c\n12345678901234567890: a\n");
}

TEST(YamlPrint, writes_tags_for_bytes_and_cipher_text) {
  EXPECT_EQ(print_yaml(Value::map({{"k", Value::bytes("hello")}})), "k: !!binary |\n  aGVsbG8=\n");
  EXPECT_EQ(print_yaml(Value::map({{"k", Value("$ANSIBLE_VAULT;1.1;AES256\n12\n").marked(Mark::vaulted)}})),
            "k: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  12\n");
}

TEST(YamlPrint, hides_secrets_unless_told) {
  const Value value = Value::map({{"k", Value("hunter2").marked(Mark::secret)}, {"n", Value(1234).marked(Mark::secret)}});
  EXPECT_EQ(print_yaml(value), "k: '********'\nn: '********'\n");
  EXPECT_EQ(print_yaml(value, {.show_secrets = true}), "k: hunter2\nn: 1234\n");
}

TEST(YamlPrint, reads_back_line_separators_that_pyyaml_loses) {
  for (const std::string_view text : {"a\xC2\x85" "b", "a\xE2\x80\xA8" "b", "\xE2\x80\xA9"}) EXPECT_EQ(read(print_yaml(text)), Value(text));
  EXPECT_EQ(print_yaml("a\xff" "b"), "a\xEF\xBF\xBD" "b\n...\n") << "invalid UTF-8 becomes U+FFFD";
}

RC_GTEST_PROP(YamlPrint, is_read_back_as_it_was, (const AnyValue& any)) {
  YamlStyle style{.indent = *rc::gen::inRange(2, 10), .indented_lists = *rc::gen::arbitrary<bool>(), .width = *rc::gen::inRange(0, 100)};
  style.flow = *rc::gen::element(YamlFlow::never, YamlFlow::leaves, YamlFlow::always);
  const auto again = parse_yaml(print_yaml(any.value, style));
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->root == any.value);
}

}  // namespace
}  // namespace herder::value
