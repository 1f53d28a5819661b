#include "value/ini.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace herder::value {
namespace {

constexpr std::string_view sample = R"(# top
[defaults]
Inventory = hosts.ini ; where
forks: 50
url = http://x;y#z
list = a,
   b,

   c   ; last
; comment
empty =

[ssh_connection]
pipelining=True
[DEFAULT]
color = 1
)";

IniFile read(std::string_view text) {
  auto file = IniFile::parse(text, {.file = "ansible.cfg"});
  if (!file) ADD_FAILURE() << file.error().what;
  return file ? *std::move(file) : IniFile();
}

std::string told(std::string_view text) {
  const auto file = IniFile::parse(text, {.file = "ansible.cfg"});
  EXPECT_FALSE(file.has_value()) << text;
  if (file) return {};
  const Error& failure = file.error();
  EXPECT_EQ(failure.where.file, "ansible.cfg");
  return fmt::format("{}:{} {} | {} | {}", failure.where.line, failure.where.column, failure.what, failure.help, failure.where.text);
}

TEST(Ini, reads_values_as_configparser_does) {
  const IniFile file = read(sample);
  EXPECT_EQ(*file.find("defaults", "inventory"), Value("hosts.ini"));
  EXPECT_EQ(*file.find("defaults", "forks"), Value("50"));
  EXPECT_EQ(*file.find("defaults", "url"), Value("http://x;y#z")) << "a ';' inside a word is none";
  EXPECT_EQ(*file.find("defaults", "list"), Value("a,\nb,\n\nc"));
  EXPECT_EQ(*file.find("defaults", "empty"), Value(""));
  EXPECT_EQ(*file.find("ssh_connection", "pipelining"), Value("True"));
  EXPECT_EQ(*file.find("ssh_connection", "color"), Value("1")) << "from [DEFAULT]";
  EXPECT_EQ(file.find("nowhere", "color"), nullptr);
  EXPECT_EQ(file.find("defaults", "nothing"), nullptr);
}

TEST(Ini, gives_positions) {
  const IniFile file = read(sample);
  const Value& defaults = *file.values().find("defaults");
  EXPECT_EQ(defaults.source().line(), 2U);
  EXPECT_EQ(defaults.entries()[1].key.source().line(), 4U);
  EXPECT_EQ(defaults.entries()[1].value.source().column(), 8U);
}

TEST(Ini, explains_what_is_wrong) {
  EXPECT_EQ(told("a = 1\n"), "1:1 this stands before the first [section] | write a line like [defaults] above it | a = 1");
  EXPECT_EQ(told("[x]\nhost\n"),
            "2:1 this line is neither 'key = value' nor [section] | write '=' between key and value, or indent the line if it goes on with the "
            "value above | host");
  EXPECT_EQ(told("[x]\n = 1\n"), "2:2 the key before this delimiter is missing | write 'key = value' |  = 1");
  EXPECT_EQ(told("[x]\na = 1\n[y]\n[x]\n"),
            "4:1 the section [x] is there twice; the first is on line 1 | put their keys together under one of them | [x]");
  EXPECT_EQ(told("[x]\na = 1\nA: 2\n"), "3:1 the key 'a' is there twice in [x]; the first is on line 2 | remove one of them | A: 2");
  EXPECT_FALSE(IniFile::parse("[x]\na = \xff\n").has_value());
  EXPECT_EQ(IniFile::parse("[x]\nsecret\n", {.marks = Mark::secret}).error().where.text, "");
}

TEST(Ini, changes_values_and_keeps_the_rest) {
  IniFile file = read(sample);
  ASSERT_TRUE(file.set("defaults", "forks", "99").has_value());
  ASSERT_TRUE(file.set("defaults", "list", "x\ny").has_value());
  ASSERT_TRUE(file.set("defaults", "timeout", "5").has_value());
  ASSERT_TRUE(file.set("privilege_escalation", "become", "yes").has_value());
  EXPECT_TRUE(file.remove("defaults", "url"));
  EXPECT_FALSE(file.remove("defaults", "url"));
  EXPECT_EQ(file.print(), R"(# top
[defaults]
Inventory = hosts.ini ; where
forks = 99
list = x
    y
; comment
empty =
timeout = 5

[ssh_connection]
pipelining=True
[DEFAULT]
color = 1

[privilege_escalation]
become = yes
)");
  EXPECT_EQ(*file.find("privilege_escalation", "become"), Value("yes"));
}

TEST(Ini, refuses_what_it_cannot_hold) {
  IniFile file = read("[x]\r\na = 1\r\n");
  for (const std::string_view value : {" a", "a ", "a ;b", "a\n#b", "a\n\n", "a\n b"}) EXPECT_FALSE(file.set("x", "a", value).has_value()) << value;
  EXPECT_FALSE(file.set("x", "a=b", "1").has_value());
  EXPECT_FALSE(file.set("x]", "Upper", "1").has_value());
  EXPECT_EQ(file.print(), "[x]\r\na = 1\r\n");
  ASSERT_TRUE(file.set("x", "b", "2").has_value());
  EXPECT_EQ(file.print(), "[x]\r\na = 1\r\nb = 2\r\n") << "keeps the file's line ends";
}

RC_GTEST_PROP(Ini, a_value_that_was_set_is_read_back, (const std::string& value)) {
  IniFile file = read(sample);
  const std::string before = file.print();
  if (!file.set("defaults", "forks", value)) {
    RC_ASSERT(file.print() == before);
    return;
  }
  const IniFile again = read(file.print());
  RC_ASSERT(*again.find("defaults", "forks") == Value(value));
  RC_ASSERT(*again.find("defaults", "list") == *file.find("defaults", "list"));
}

}  // namespace
}  // namespace herder::value
