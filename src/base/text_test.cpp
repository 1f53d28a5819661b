#include "base/text.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/utf8.hpp"

namespace herder::text {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

/// Bytes with a bias to those that text helpers trip over.
rc::Gen<std::string> tricky_bytes() {
  return rc::gen::container<std::string>(rc::gen::weightedOneOf<char>({
      {6, rc::gen::inRange<char>(' ', '\x7f')},
      {3, rc::gen::element('\'', '"', '\\', ' ', '\t', '\n', '\r', '$', '*', '~', '\x1b', '\x7f')},
      {1, rc::gen::arbitrary<char>()},
      {2, rc::gen::element('\xc2', '\x85', '\xe2', '\x80', '\xae', '\xf0', '\x9f', '\x98', '\xc3', '\xa4')},
  }));
}

rc::Gen<std::string> plain_text() {
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(
                          rc::gen::elementOf(std::vector<std::string>{"a", "\\", "Z9", " ", "\n", "\t", "ä", "漢", "😀", "é", "'", "~"})),
                      [](const std::vector<std::string>& parts) { return join(parts, ""); });
}

bool has_control(std::string_view text) {
  for (utf8::Step step; !text.empty(); text.remove_prefix(step.size)) {
    step = utf8::decode(text);
    if (step.size == 0) return true;
    const char32_t c = step.code;
    if ((c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) return true;
  }
  return false;
}

}  // namespace

TEST(Text, trims_all_blanks_at_both_ends) {
  EXPECT_EQ(trim(" \t\r\n\v\f a b \n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, splits_at_every_separator) {
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
}

TEST(Text, a_final_line_end_makes_no_empty_line) {
  EXPECT_THAT(lines("a\r\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(lines("a\n"), ElementsAre("a"));
  EXPECT_THAT(lines("\n"), ElementsAre(""));
  EXPECT_THAT(lines(""), ElementsAre());
  EXPECT_THAT(lines("a\rb\r"), ElementsAre("a\rb\r"));  // a carriage return alone ends no line
}

TEST(Text, lower_leaves_other_scripts_alone) { EXPECT_EQ(lower("ÄBZ@["), "Äbz@["); }

TEST(Text, to_int_takes_whole_texts_only) {
  EXPECT_THAT(to_int("-9223372036854775808"), Optional(INT64_MIN));
  EXPECT_THAT(to_int("+7"), Optional(7));
  EXPECT_THAT(to_int("007"), Optional(7));
  for (const char* text : {"", "+", "-", "+-1", "1 ", " 1", "1.0", "0x1", "9223372036854775808"}) EXPECT_EQ(to_int(text), std::nullopt) << text;
}

TEST(Text, cut_keeps_characters_whole) {
  EXPECT_EQ(cut("aä", 2), "a");
  EXPECT_EQ(cut("aä", 3), "aä");
  EXPECT_EQ(cut("😀", 3), "");
  EXPECT_EQ(cut("abc", 0), "");
  EXPECT_EQ(cut("\x80\x80\x80\x80\x80\x80", 5).size(), 5U);  // not UTF-8: nothing to keep whole
}

RC_GTEST_PROP(TextProperty, cut_of_utf8_is_utf8, (std::uint8_t size)) {
  const auto text = *plain_text();
  const std::string_view part = cut(text, size);
  RC_ASSERT(is_utf8(part));
  RC_ASSERT(text.starts_with(part));
  RC_ASSERT(part.size() <= size && (part.size() == text.size() || part.size() + 4U > size));
}

TEST(Text, utf8_refuses_what_the_standard_refuses) {
  EXPECT_TRUE(is_utf8("aä漢😀"));
  for (const char* text : {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xc3", "\xe2\x82"})
    EXPECT_FALSE(is_utf8(text)) << hex(text);
}

TEST(Text, columns_count_what_a_terminal_draws) {
  EXPECT_EQ(columns("abc"), 3U);
  EXPECT_EQ(columns("äe\u0301"), 2U);  // a combining accent takes no column
  EXPECT_EQ(columns("漢字"), 4U);
  EXPECT_EQ(columns("😀"), 2U);
  EXPECT_EQ(columns("ｶ"), 1U);  // half-width
  EXPECT_EQ(columns("\xff"), 1U);
}

TEST(Text, printable_shows_what_it_does_not_send) {
  EXPECT_EQ(printable("\x1b]0;x\a"), "\\x1b]0;x\\x07");
  EXPECT_EQ(printable("a\tb\nc\r"), "a\tb\nc\\x0d");
  EXPECT_EQ(printable("\u009b31m"), "\\u009b31m");           // the one-character CSI
  EXPECT_EQ(printable("x\u202egpj.exe"), "x\\u202egpj.exe");  // reads backwards
  EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(printable("Grüße 漢 😀 c:\\dir"), "Grüße 漢 😀 c:\\dir");
}

RC_GTEST_PROP(TextProperty, printable_lets_no_control_character_through, ()) {
  const auto text = *tricky_bytes();
  RC_ASSERT(!has_control(printable(text)));
  RC_ASSERT(printable(printable(text)) == printable(text));
}

RC_GTEST_PROP(TextProperty, printable_leaves_plain_text_alone, ()) {
  const auto text = *plain_text();
  RC_ASSERT(printable(text) == text);
}

RC_GTEST_PROP(TextProperty, printable_lets_no_code_point_reorder_or_control, ()) {
  std::string text;
  utf8::append(text, *rc::gen::inRange<char32_t>(0, 0x2100));
  RC_ASSERT(!has_control(printable(text)));
}

TEST(Text, edit_distance_counts_swapped_neighbours_once) {
  EXPECT_EQ(edit_distance("servce_name", "service_name"), 1U);
  EXPECT_EQ(edit_distance("ab", "ba"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abcdef", "uvwxyz", 3), 4U);  // stopped: above the limit is all that is known
}

RC_GTEST_PROP(TextProperty, edit_distance_is_symmetric_and_zero_only_for_equals, ()) {
  const auto word = rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c'));
  const auto a = *word;
  const auto b = *word;
  const auto limit = *rc::gen::inRange<std::size_t>(0, 12);
  const std::size_t exact = edit_distance(a, b, 1000);
  RC_ASSERT(edit_distance(b, a, 1000) == exact);
  RC_ASSERT((exact == 0) == (a == b));
  RC_ASSERT(exact <= std::max(a.size(), b.size()));
  RC_ASSERT(edit_distance(a, b, limit) == std::min(exact, limit + 1));
}

TEST(Text, nearest_suggests_only_what_is_near) {
  const std::vector<std::string> names{"web_servers", "db_servers", "all"};
  EXPECT_THAT(nearest("web_server", names), Optional(std::string("web_servers")));
  EXPECT_THAT(nearest("bd_servers", names), Optional(std::string("db_servers")));
  EXPECT_EQ(nearest("mail", names), std::nullopt);
  EXPECT_EQ(nearest("x", std::vector<std::string>{"y"}), std::nullopt);  // nothing in common
  EXPECT_EQ(nearest("", names), std::nullopt);
}

TEST(Text, shell_quote_leaves_plain_words_alone) {
  EXPECT_EQ(shell_quote("--opt=/a/b.c"), "--opt=/a/b.c");
  EXPECT_EQ(shell_quote(""), "''");
  EXPECT_EQ(shell_quote("it's $HOME"), "'it'\\''s $HOME'");
  EXPECT_EQ(shell_quote("~root"), "'~root'");
}

TEST(Text, shell_split_reads_quotes_as_sh_does) {
  EXPECT_THAT(shell_split("a 'b c'd \"e\\\"\\n\" f\\ g ''"), Optional(ElementsAre("a", "b cd", "e\"\\n", "f g", "")));
  EXPECT_THAT(shell_split("  \t\n"), Optional(ElementsAre()));
  EXPECT_THAT(shell_split("a\\\nb"), Optional(ElementsAre("ab")));
  for (const char* open : {"'a", "\"a", "a\\", "\"a\\\""}) EXPECT_EQ(shell_split(open), std::nullopt) << open;
}

RC_GTEST_PROP(TextProperty, shell_split_undoes_shell_quote, ()) {
  const auto words = *rc::gen::container<std::vector<std::string>>(tricky_bytes());
  std::vector<std::string> quoted;
  for (const std::string& word : words) quoted.push_back(shell_quote(word));
  RC_ASSERT(shell_split(join(quoted, " ")) == words);
}

TEST(Text, base64_matches_rfc_4648) {
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64(""), "");
  EXPECT_THAT(unbase64("Zm9v\nYg==\n"), Optional(std::string("foob")));
  for (const char* bad : {"Zm9vYg", "Zm9vYg=", "Z", "Zm9v=", "Zm=9", "Zm9_", "Zg==Zg=="}) EXPECT_EQ(unbase64(bad), std::nullopt) << bad;
}

RC_GTEST_PROP(TextProperty, unbase64_undoes_base64, (const std::string& bytes)) { RC_ASSERT(unbase64(base64(bytes)) == bytes); }

TEST(Text, hex_is_two_lower_case_digits_a_byte) { EXPECT_EQ(hex(std::string_view("\x00\xff\x1a", 3)), "00ff1a"); }

TEST(Text, glob_matches_whole_texts) {
  EXPECT_TRUE(glob_match("web*", "web12.example.org"));
  EXPECT_TRUE(glob_match("*.example.*", "web12.example.org"));
  EXPECT_TRUE(glob_match("web[0-9]?", "web42"));
  EXPECT_TRUE(glob_match("[!a-z]x", "Ax"));
  EXPECT_TRUE(glob_match("[]a]", "]"));
  EXPECT_TRUE(glob_match("[a", "[a"));  // an open bracket is just a character
  EXPECT_TRUE(glob_match("[-a]", "-"));
  EXPECT_TRUE(glob_match("", ""));
  EXPECT_TRUE(glob_match("**", ""));
  EXPECT_FALSE(glob_match("web", "web1"));
  EXPECT_FALSE(glob_match("Web*", "web1"));
  EXPECT_FALSE(glob_match("[!a-z]x", "ax"));
  EXPECT_FALSE(glob_match("?", ""));
  EXPECT_FALSE(glob_match("*a*b*c", "aXbXbX"));
}

TEST(Text, glob_counts_characters) {
  EXPECT_TRUE(glob_match("?1", "é1"));
  EXPECT_FALSE(glob_match("??1", "é1"));
  EXPECT_TRUE(glob_match("[à-ÿ]*", "é1"));
  EXPECT_FALSE(glob_match("[!é]1", "é1"));
  EXPECT_TRUE(glob_match("?x", "\xffx"));  // a byte that is no UTF-8 is one character
  EXPECT_FALSE(glob_match("é", "\xc3"));
}

TEST(Text, glob_of_many_stars_ends) {
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "a*";
  EXPECT_FALSE(glob_match(pattern + "b", std::string(5000, 'a')));
}

RC_GTEST_PROP(TextProperty, glob_star_takes_any_middle, (const std::string& middle)) {
  RC_ASSERT(glob_match("a*z", "a" + middle + "z"));
  RC_ASSERT(!glob_match("a*z", "a" + middle + "y"));
}

}  // namespace herder::text
