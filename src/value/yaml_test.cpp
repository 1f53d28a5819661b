#include "value/yaml.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace herder::value {
namespace {

Value read(std::string_view text) {
  const auto document = parse_yaml(text, {.file = "t.yml"});
  if (!document) ADD_FAILURE() << document.error().what << " in: " << text;
  return document ? document->root : Value();
}

Error refused(std::string_view text, YamlOptions options = {.file = "t.yml"}) {
  const auto document = parse_yaml(text, options);
  EXPECT_FALSE(document.has_value()) << text;
  return document ? Error{} : document.error();
}

/// "line:column what | help"
std::string told(std::string_view text) {
  const Error failure = refused(text);
  EXPECT_EQ(failure.where.file, "t.yml");
  return fmt::format("{}:{} {} | {}", failure.where.line, failure.where.column, failure.what, failure.help);
}

TEST(Yaml, resolves_plain_scalars_as_pyyaml_does) {
  EXPECT_EQ(read("[yes, No, ON, off, true, FALSE]"), Value::list({true, false, true, false, true, false}));
  EXPECT_EQ(read("[y, n, tRue]"), Value::list({"y", "n", "tRue"}));
  EXPECT_EQ(read("[010, 0x1F, -0b11, 1_000, 190:20:30, 089]"), Value::list({8, 31, -3, 1000, 685230, "089"}));
  EXPECT_EQ(read("[1.5, 1e3, 1.0e+3, .5, 1:30.5, -.inf]"), Value::list({1.5, "1e3", 1000.0, 0.5, 90.5, -__builtin_inf()}));
  EXPECT_EQ(read("[~, null, Null, nUll, '']"), Value::list({nullptr, nullptr, nullptr, "nUll", ""}));
  EXPECT_EQ(read("123456789012345678901234567890").big_decimal(), "123456789012345678901234567890");
  EXPECT_EQ(read("0xffffffffffffffffffff").big_decimal(), "1208925819614629174706175");
  EXPECT_EQ(read("99999999999999999999:00").big_decimal(), "5999999999999999999940");
}

TEST(Yaml, reads_dates_and_times) {
  EXPECT_EQ(read("2001-12-14").as_datetime().iso(), "2001-12-14");
  EXPECT_TRUE(read("2001-12-14").as_datetime().date_only);
  EXPECT_EQ(read("2001-12-14t21:59:43.10-05:00").as_datetime().iso(), "2001-12-14T21:59:43.100000-05:00");
  EXPECT_EQ(read("2001-12-14 21:59:43Z").as_datetime().iso(), "2001-12-14T21:59:43+00:00");
  EXPECT_EQ(read("2001-1-4"), Value("2001-1-4"));
  EXPECT_EQ(read("!!timestamp 2001-1-4").as_datetime().iso(), "2001-01-04");
}

TEST(Yaml, gives_every_node_its_position) {
  const Value root = read("# x\na:\n  - {k: \"v\"}\n  - ä: &x 5\nb: *x\n");
  EXPECT_EQ(root.source().line(), 2U);
  const Value& list = *root.find("a");
  EXPECT_EQ(list.source().line(), 3U);
  EXPECT_EQ(list.source().column(), 3U);
  const Value& entry = *list.items()[0].find("k");
  EXPECT_EQ(entry.source().where().file, "t.yml");
  EXPECT_EQ(entry.source().column(), 9U);
  EXPECT_EQ(list.items()[1].entries()[0].key.source().column(), 5U);
  EXPECT_EQ(list.items()[1].entries()[0].value.source().column(), 8U) << "columns count characters";
  EXPECT_EQ(root.find("b")->source().line(), 4U) << "an alias stands where its anchor stands";
}

TEST(Yaml, merges_maps_with_the_first_of_a_list_winning) {
  const Value root = read("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  z: 3\n  <<: [*a, *b]\n");
  EXPECT_EQ(*root.find("c"), Value::map({{"y", 1}, {"z", 3}, {"x", 1}}));
  EXPECT_EQ(root.find("c")->entries()[0].key, Value("y")) << "merged keys come first, the weakest map's before";
  EXPECT_EQ(*read("{a: &a {x: 1}, b: {<<: *a}}").find("b"), Value::map({{"x", 1}}));
  EXPECT_EQ(read("'<<': 1"), Value::map({{"<<", 1}}));
}

TEST(Yaml, warns_of_duplicate_keys_and_keeps_the_last) {
  const auto document = parse_yaml("a: 1\nb: 2\na: 3\n", {.file = "t.yml"});
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root, Value::map({{"a", 3}, {"b", 2}}));
  ASSERT_EQ(document->warnings.size(), 1U);
  EXPECT_EQ(document->warnings[0].where.line, 3);
  EXPECT_EQ(document->warnings[0].what, "the key 'a' is there twice; the last one counts");
}

TEST(Yaml, marks_unsafe_deeply_and_vault_as_cipher_text) {
  const Value root = read("a: !unsafe {b: ['{{ x }}']}\nc: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  12\nd: '{{ y }}'\n");
  EXPECT_TRUE(has(root.find("a")->find("b")->items()[0].marks(), Mark::untrusted));
  EXPECT_FALSE(has(root.find("d")->marks(), Mark::untrusted));
  EXPECT_TRUE(has(root.find("c")->marks(), Mark::vaulted));
  EXPECT_EQ(root.find("c")->as_string(), "$ANSIBLE_VAULT;1.1;AES256\n12\n");
  EXPECT_EQ(read("!unsafe '12'"), Value(12)) << "ansible resolves what is behind !unsafe again";
}

TEST(Yaml, reads_sets_and_ordered_maps_as_lists) {
  EXPECT_EQ(read("!!set {b, a}"), Value::list({"b", "a"}));
  EXPECT_EQ(read("!!omap [a: 1, b: 2]"), Value::list({Value::list({"a", 1}), Value::list({"b", 2})}));
  EXPECT_EQ(read("!!binary aGVs\nbG8=").as_string(), "hello");
}

TEST(Yaml, reads_documents) {
  EXPECT_TRUE(read("").is_null());
  EXPECT_TRUE(read("---\n").is_null());
  EXPECT_EQ(read("\xEF\xBB\xBF" "a: 1\nb: 2\n"), Value::map({{"a", 1}, {"b", 2}}));
  const auto all = parse_yaml_all("--- 1\n--- a\n...\n---\n- x\n");
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[2].root, Value::list({"x"}));
  EXPECT_EQ(parse_yaml_all("")->size(), 0U);
  EXPECT_EQ(told("--- 1\n--- 2\n"), "2:1 a second document starts here, but only one is allowed | remove the '---' line, or split the file");
}

TEST(Yaml, secret_text_marks_values_and_is_not_quoted_in_errors) {
  const YamlOptions options{.file = "t.yml", .marks = Mark::secret};
  const auto document = parse_yaml("user: [root, 1234]\nok: yes\n", options);
  ASSERT_TRUE(document.has_value());
  EXPECT_TRUE(has(document->root.find("user")->items()[1].marks(), Mark::secret));
  EXPECT_FALSE(has(document->root.entries()[0].key.marks(), Mark::secret));
  for (const std::string_view text : {"password: hunter2: x\n", "password: !!int hunter2\n", "password: 'hunter2\n", "a: {{ hunter2 }}\n"}) {
    const Error failure = refused(text, options);
    EXPECT_EQ(fmt::format("{}{}{}", failure.what, failure.where.text, failure.help).find("hunter2"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace herder::value
