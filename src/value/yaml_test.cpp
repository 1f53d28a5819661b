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

TEST(Yaml, aliases_inside_unsafe_are_untrusted_there_only) {
  const Value root = read("a: &a {x: ['{{ y }}']}\nb: !unsafe [*a]\nc: !unsafe {<<: *a}\nd: *a\ne: &e !unsafe {z: '{{ y }}'}\nf: {<<: *e}\n");
  const auto untrusted = [](const Value& list) { return has(list.items()[0].marks(), Mark::untrusted); };
  EXPECT_FALSE(untrusted(*root.find("a")->find("x")));
  EXPECT_TRUE(untrusted(*root.find("b")->items()[0].find("x")));
  EXPECT_TRUE(untrusted(*root.find("c")->find("x")));
  EXPECT_FALSE(untrusted(*root.find("d")->find("x")));
  EXPECT_TRUE(has(root.find("f")->find("z")->marks(), Mark::untrusted)) << "unsafe stays unsafe where it is merged";
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

TEST(Yaml, reads_json_as_ansible_does) {
  const auto document = parse_yaml_or_json(R"({"a": 1e3, "b": {"__ansible_unsafe": "{{ x }}"}, "c": [{"__ansible_vault": "$A"}]})", {.file = "t.json"});
  ASSERT_TRUE(document.has_value());
  EXPECT_EQ(document->root, Value::map({{"a", 1000.0}, {"b", "{{ x }}"}, {"c", Value::list({"$A"})}}));
  EXPECT_TRUE(has(document->root.find("b")->marks(), Mark::untrusted));
  EXPECT_TRUE(has(document->root.find("c")->items()[0].marks(), Mark::vaulted));
  EXPECT_EQ(parse_yaml_or_json("{a: 1e3}")->root, Value::map({{"a", "1e3"}}));
}

TEST(YamlLimits, bombs_end_early_and_small) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    bomb += fmt::format("a{}: &a{} [", i, i);
    for (int k = 0; k < 9; ++k) bomb += fmt::format("{}*a{}", k == 0 ? "" : ", ", i - 1);
    bomb += "]\n";
  }
  const Error failure = refused(bomb);
  EXPECT_EQ(failure.code, Errc::limit);
  EXPECT_EQ(failure.what, "the aliases (*name) of this document stand for more than 1000000 nodes");
  EXPECT_EQ(failure.where.line, 7) << "found where the limit is passed, not at the end";
}

TEST(YamlLimits, merges_count_as_the_nodes_that_they_bring) {
  std::string text = "base: &b {a: 1, b: 2, c: 3, d: 4}\nx:\n";
  for (int i = 0; i < 50; ++i) text += fmt::format("  - <<: [*b, *b]\n    n: {}\n", i);
  EXPECT_EQ(refused(text, {.file = "t.yml", .limits = {.nodes = 300}}).code, Errc::limit);
  EXPECT_TRUE(parse_yaml(text, {.limits = {.alias_nodes = 10}}).has_value()) << "fifty times the other nodes are always allowed";
  EXPECT_EQ(refused("a: &a [1, 2, 3, 4, 5, 6, 7, 8, 9]\nb: &b [*a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c]\n", {.limits = {.alias_nodes = 10}}).code, Errc::limit);
}

TEST(YamlLimits, depth_and_nodes) {
  EXPECT_EQ(refused(std::string(1000, '[')).what, "lists and mappings are nested more than 200 deep");
  EXPECT_TRUE(parse_yaml(std::string(200, '[') + std::string(200, ']')).has_value());
  EXPECT_EQ(refused(std::string(201, '[') + std::string(201, ']')).code, Errc::limit);
  const Error failure = refused("[1, 2, 3, 4, 5]", {.file = "t.yml", .limits = {.nodes = 5}});
  EXPECT_EQ(failure.what, "this document has more than 5 nodes");
  EXPECT_EQ(failure.where.column, 14);
  EXPECT_EQ(refused(std::string(5000, '9')).what.substr(63), "has too many digits for an integer (4300 at most)");
}

TEST(YamlErrors, loops_are_refused) {
  EXPECT_EQ(told("a: &x [1, *x]\n"), "1:11 the alias '*x' is inside its own anchor (line 1) | a value cannot contain itself");
  EXPECT_EQ(told("a: &x\n  <<: *x\n"), "2:7 the alias '*x' is inside its own anchor (line 1) | a value cannot contain itself");
  EXPECT_EQ(told("a: *y\n"),
            "1:4 the alias '*y' has no anchor '&y' above it | define the anchor first; quote the value if it is not meant as an alias");
  EXPECT_EQ(told("a: &x 1\nb: &x 2\n"), "2:4 the anchor '&x' is defined twice; the first is on line 1 | give one of them another name");
}

struct Slip {
  std::string_view text;
  std::string_view told;
};

class YamlSlips : public testing::TestWithParam<Slip> {};

TEST_P(YamlSlips, are_explained) { EXPECT_EQ(told(GetParam().text), GetParam().told); }

INSTANTIATE_TEST_SUITE_P(
    Usual, YamlSlips,
    testing::Values(
        Slip{"a:\n\tb: 1\n",
             "2:1 a tab indents this line | replace tabs by spaces"},
        Slip{"a: 1\n\tb: 2\n",
             "2:1 a tab indents this line | replace tabs by spaces"},
        Slip{"a: {{ x }}\n",
             "1:4 a value that starts with '{{' needs quotes around it | write: a: \"{{ x }}\""},
        Slip{"- name: x\n  msg: {{ y }} and z\n",
             "2:8 a value that starts with '{{' needs quotes around it | write: msg: \"{{ y }} and z\""},
        Slip{"- {{ item }}\n",
             "1:3 a value that starts with '{{' needs quotes around it | write: - \"{{ item }}\""},
        Slip{"a: \"{{ x }}\" y\n",
             "1:4 text follows the closing quote | put the whole value in quotes: a: '\"{{ x }}\" y'"},
        Slip{"a: b: c\n",
             "1:5 ': ' inside a value without quotes | quote the value: a: \"b: c\""},
        Slip{"- shell: echo 'x: y'\n",
             "1:17 ': ' inside a value without quotes | quote the value: - shell: \"echo 'x: y'\""},
        Slip{"msg: Error: 'dude' not found\n",
             "1:11 ': ' inside a value without quotes | quote the value: msg: \"Error: 'dude' not found\""},
        Slip{"- copy: src=a\n    dest: b\n",
             "2:5 a 'key: value' cannot be nested here: line 1 above already has a value | align the two lines, or move the value above under a key of its own"},
        Slip{"a: 1\n b: 2\n",
             "2:2 a 'key: value' cannot be nested here: line 1 above already has a value | align the two lines, or move the value above under a key of its own"},
        Slip{"a:\n  b: 1\n c: 2\n",
             "3:2 the indentation fits nothing above: the mapping that starts on line 1 is indented by 0, this is by 1 | align the line with the others of its level"},
        Slip{"a:\n    b: 1\n  c: 2\n",
             "3:3 the indentation fits nothing above: the mapping that starts on line 1 is indented by 0, this is by 2 | align the line with the others of its level"},
        Slip{"- a\n  - b\n c: d\n",
             "3:3 a 'key: value' is not allowed here | check the indentation of this line and the one above, and quote values with ': '"},
        Slip{"a:1\nb: 2\n",
             "1:2 there is no space after the colon | write 'key: value', with a space"},
        Slip{"a: 1\nb:2\nc: 3\n",
             "2:2 there is no space after the colon | write 'key: value', with a space"},
        Slip{"hosts\nvars: 1\n",
             "1:1 this line has no ':', but it stands where a 'key: value' is expected | add the colon, or indent the line if it continues the value above"},
        Slip{"a: 'x\nb: 1\n",
             "1:4 the quote that opens here is never closed | close it, or put the whole value in the other kind of quotes if the quote belongs to the text"},
        Slip{"a: \"x\nb: 1\n",
             "1:4 the quote that opens here is never closed | close it, or put the whole value in the other kind of quotes if the quote belongs to the text"},
        Slip{"a: 'it's'\n",
             "1:4 text follows the closing quote | write: a: \"it's\""},
        Slip{"a: 'x' y\n",
             "1:4 text follows the closing quote | put the whole value in quotes: a: \"'x' y\""},
        Slip{"a: \"x\" == \"y\"\n",
             "1:4 text follows the closing quote | put the whole value in quotes: a: '\"x\" == \"y\"'"},
        Slip{"path: \"C:\\dir\"\n",
             "1:10 this backslash escape does not exist | write \\\\ for a backslash, or use single quotes, where backslashes are plain text"},
        Slip{"re: \"\\d+\"\n",
             "1:6 this backslash escape does not exist | write \\\\ for a backslash, or use single quotes, where backslashes are plain text"},
        Slip{"x: \"\\u12\"\n",
             "1:7 this backslash escape is not complete | write \\\\ for a backslash, or use single quotes, where backslashes are plain text"},
        Slip{"a: [1, 2\nb: 3\n",
             "1:4 '[' opens here, but before line 2, column 2 there is neither ',' nor ']' | close it, separate the elements with commas, or quote the text if the bracket belongs to it"},
        Slip{"a: {x: 1\nb: 3\n",
             "1:4 '{' opens here, but before line 2, column 2 there is neither ',' nor '}' | close it, separate the elements with commas, or quote the text if the bracket belongs to it"},
        Slip{"a: [1 2] 3\n",
             "1:10 this does not belong to the value before it | quote the value: a: \"[1 2] 3\""},
        Slip{"a: @foo\n",
             "1:4 a value without quotes cannot start with '@' here | quote it: a: \"@foo\""},
        Slip{"a: `cmd`\n",
             "1:4 a value without quotes cannot start with '`' here | quote it: a: \"`cmd`\""},
        Slip{"a: %x\n",
             "1:4 a value without quotes cannot start with '%' here | quote it: a: \"%x\""},
        Slip{"%x: 1\n",
             "1:1 a value without quotes cannot start with '%' here | quote it: \"%x: 1\""},
        Slip{"files: *.txt\n",
             "1:8 a value without quotes cannot start with '*' here | quote it: files: \"*.txt\""},
        Slip{"a: &\n",
             "1:4 a value without quotes cannot start with '&' here | quote it: a: \"&\""},
        Slip{"a: *foo\n",
             "1:4 the alias '*foo' has no anchor '&foo' above it | define the anchor first; quote the value if it is not meant as an alias"},
        Slip{"a: !foo bar\n",
             "1:4 unknown tag !foo | quote the value if '!' belongs to its text"},
        Slip{"a: >x\n",
             "1:4 a value without quotes cannot start with '>' here | quote it: a: \">x\""},
        Slip{"a: |2x\n text\n",
             "1:4 a value without quotes cannot start with '|' here | quote it: a: \"|2x\""},
        Slip{"a: |\nb\n",
             "2:1 this line has no ':', but it stands where a 'key: value' is expected | add the colon, or indent the line if it continues the value above"},
        Slip{"- a\nb: 1\n",
             "2:1 the list that starts on line 1 cannot go on like this | every line of a list starts with '- ', every line of a mapping is 'key: value'"},
        Slip{"b: 1\n- a\n",
             "2:1 the mapping that starts on line 1 cannot go on like this | indent the list under its key; a mapping cannot turn into a list"},
        Slip{"b: 1\n-a\nc: 2\n",
             "2:1 there is no space after the dash | write '- item', with a space"},
        Slip{"key: - a\n",
             "1:6 '- ' cannot start a value behind its key | put the list on the next line, or quote the value if it is text"},
        Slip{"a: ? b\n",
             "1:4 '? ' cannot start a value behind its key | quote the value"},
        Slip{"---\na: 1\n---\nb: 2\n",
             "3:1 a second document starts here, but only one is allowed | remove the '---' line, or split the file"},
        Slip{"a: 1\n}\n",
             "2:1 the mapping that starts on line 1 cannot go on like this | every line of a list starts with '- ', every line of a mapping is 'key: value'"},
        Slip{"a: ]\n",
             "1:4 a value without quotes cannot start with ']' here | quote it: a: \"]\""},
        Slip{"a: , b\n",
             "1:4 a value without quotes cannot start with ',' here | quote it: a: \", b\""},
        Slip{"vars: {a: b}}\n",
             "1:13 this does not belong to the value before it | quote the value: vars: \"{a: b}}\""},
        Slip{"- - a\n -b\n",
             "2:2 the indentation fits nothing above: the list that starts on line 1 is indented by 0, this is by 1 | align the line with the others of its level"},
        Slip{"x: &a 1\ny: &a 2\n",
             "2:4 the anchor '&a' is defined twice; the first is on line 1 | give one of them another name"},
        Slip{"x: &a [*a]\n",
             "1:8 the alias '*a' is inside its own anchor (line 1) | a value cannot contain itself"},
        Slip{"<<: 3\n",
             "1:5 '<<' merges a mapping or a list of mappings, and this is neither | quote the key as '<<' if it is not meant as a merge"},
        Slip{"? [a]\n: b\n",
             "1:3 a list or mapping cannot be a key | quote the key if the brackets belong to its text"},
        Slip{"d: 2024-02-30\n",
             "1:4 '2024-02-30' is not a valid date: the month has no such day | quote it if it is meant as text"},
        Slip{"a: !vault\n  - x\n",
             "1:4 !vault needs cipher text, not a list or mapping | write !vault | and the text below"},
        Slip{"a: #x\n b\nc\n",
             "3:1 this line has no ':', but it stands where a 'key: value' is expected | add the colon, or indent the line if it continues the value above"},
        Slip{"if: a == 'b': c\n",
             "1:13 ': ' inside a value without quotes | quote the value: if: \"a == 'b': c\""},
        Slip{"name: foo\n  bar: 1\n",
             "2:3 a 'key: value' cannot be nested here: line 1 above already has a value | align the two lines, or move the value above under a key of its own"},
        Slip{"tasks:\n- name: x\n   shell: y\n",
             "3:4 a 'key: value' cannot be nested here: line 2 above already has a value | align the two lines, or move the value above under a key of its own"},
        Slip{"tasks:\n  - name: x\n  shell: y\n- z\n",
             "3:3 the list that starts on line 2 cannot go on like this | every line of a list starts with '- ', every line of a mapping is 'key: value'"},
        Slip{"a: \"unterminated\n  text\n",
             "1:4 the quote that opens here is never closed | close it, or put the whole value in the other kind of quotes if the quote belongs to the text"},
        Slip{"a: 'x\n---\nb\n",
             "1:4 the quote that opens here is never closed | close it, or put the whole value in the other kind of quotes if the quote belongs to the text"},
        Slip{"  a: 1\nb: 2\n",
             "2:1 this line is indented less than the first one of the document, or text follows the end of the value | start all top-level lines in the same column"},
        Slip{": x\n",
             "1:1 the key before this ':' is missing | write the key, or quote the text if it starts with ':'"},
        Slip{"? a\n? b: c: d\n",
             "2:7 ': ' inside a value without quotes | quote the value: ? b: \"c: d\""},
        Slip{"a: b\nc\n",
             "2:1 this line has no ':', but it stands where a 'key: value' is expected | add the colon, or indent the line if it continues the value above"},
        Slip{"a: b\nc d e\nf: g\n",
             "2:1 this line has no ':', but it stands where a 'key: value' is expected | add the colon, or indent the line if it continues the value above"},
        Slip{"[web]\nhost1\n",
             "2:1 text follows the end of the list '[...]' | this looks like INI, not YAML: check the file's name"},
        Slip{"key: value\n  : x\n",
             "2:3 the key before this ':' is missing | write the key, or quote the text if it starts with ':'"},
        Slip{"!!int a: b",
             "1:1 'a' is not a valid integer | quote it if it is meant as text"}));

TEST(YamlErrors, quote_the_line) {
  EXPECT_EQ(refused("a: 1\r\nb: c: d\r\n").where.text, "b: c: d");
  EXPECT_EQ(refused("a: 'x\nb: 1\n").where.text, "a: 'x") << "the line where the quote opens";
  EXPECT_EQ(refused("ä: ö: ü\n").where.column, 5) << "columns count characters";
}

}  // namespace
}  // namespace herder::value
