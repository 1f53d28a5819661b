#include "value/python_regex.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace herder::value {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

PythonRegex regex(std::string_view pattern, RegexFlags flags = RegexFlags::none) {
  Result<PythonRegex> compiled = PythonRegex::compile(pattern, flags);
  EXPECT_TRUE(compiled) << pattern << ": " << (compiled ? "" : compiled.error().what);
  return std::move(compiled).value();
}

Error refused(std::string_view pattern) {
  const Result<PythonRegex> compiled = PythonRegex::compile(pattern);
  EXPECT_FALSE(compiled) << pattern;
  return compiled ? Error{} : compiled.error();
}

TEST(PythonRegex, gives_groups_by_number_and_name) {
  const PythonRegex version = regex(R"((?P<major>\d+)\.(\d+)(?P<rest>-\w+)?)");
  EXPECT_EQ(version.groups(), 3U);
  EXPECT_THAT(version.names(), ElementsAre(testing::Pair("major", 1), testing::Pair("rest", 3)));
  const std::string text = "version 15.2 of";
  const auto found = version.search(text).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->group(), "15.2");
  EXPECT_EQ(found->group("major"), "15");
  EXPECT_EQ(found->group(2), "2");
  EXPECT_EQ(found->group("rest"), std::nullopt);
  EXPECT_EQ(found->group(9), std::nullopt);
  EXPECT_EQ(found->group("nobody"), std::nullopt);
  EXPECT_EQ(found->span(2).begin, 11U);
}

TEST(PythonRegex, search_match_and_fullmatch_differ) {
  const PythonRegex digits = regex("a|ab");
  EXPECT_TRUE(digits.search("xab").value());
  EXPECT_FALSE(digits.match("xab").value());
  EXPECT_TRUE(digits.match("xab", 1).value());
  EXPECT_EQ(digits.match("ab").value()->group(), "a");
  EXPECT_EQ(digits.fullmatch("ab").value()->group(), "ab") << "the longer branch is tried as well";
  EXPECT_FALSE(digits.fullmatch("abc").value());
  EXPECT_FALSE(digits.search("a", 2).value()) << "beyond the end";
  EXPECT_FALSE(regex("^b").search("ab", 1).value()) << "^ is the start of the text";
}

TEST(PythonRegex, errors_say_where) {
  EXPECT_EQ(refused("é(").what, "missing ), unterminated subpattern at position 1");
  EXPECT_EQ(refused("a**").what, "multiple repeat at position 2");
  EXPECT_EQ(refused("[z-a]").what, "bad character range z-a at position 1");
  EXPECT_EQ(refused("a(?i)").code, Errc::parse);
  EXPECT_EQ(refused(R"(\N{DASH})").code, Errc::unsupported);
  EXPECT_EQ(refused("a{70000}").code, Errc::unsupported);
  EXPECT_EQ(refused(std::string(10'000, '(')).code, Errc::limit);
  EXPECT_EQ(refused("(((a{900}){900}){900}){900}").code, Errc::limit);
  EXPECT_EQ(refused("\xff").code, Errc::parse);
}

TEST(PythonRegex, gives_up_where_a_search_would_not_end) {
  const std::string text(64, 'a');
  const auto result = regex("(a+a+)+[bc]").search(text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::limit);
  EXPECT_THAT(result.error().what, HasSubstr("takes too long"));
}

TEST(PythonRegex, long_texts_do_not_overflow_a_stack) {
  const std::string text(200'000, 'a');
  const auto found = regex("(?:(a)|b)*").fullmatch(text);
  if (found) EXPECT_EQ((*found)->span().end, text.size());
  else EXPECT_EQ(found.error().code, Errc::limit);
}

TEST(PythonRegex, wrong_bytes_are_characters_of_their_own) {
  const std::string text = "a\xff\xfe\xc3\xa9z";
  const auto found = regex("(.)(.)(\u00e9)").search(text).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->group(1), "\xff");
  EXPECT_EQ(found->group(2), "\xfe");
  EXPECT_EQ(found->span(3).begin, 3U);
  EXPECT_EQ(found->span(3).end, 5U);
  EXPECT_FALSE(regex(R"(\w\w)").search(text.substr(0, 3)).value());
  EXPECT_EQ(regex("[^a]").sub("-", text).value(), "a----");
  EXPECT_EQ(regex("z").search(text, 4).value()->span().begin, 5U) << "from the middle of a character";
}

TEST(PythonRegex, sub_fills_its_template) {
  EXPECT_EQ(regex("(?P<k>\\w+)=(\\w*)").sub(R"(\g<2>:\g<k>\n)", "a=1 b=").value(), "1:a\n :b\n");
  EXPECT_EQ(regex("(a)|b").sub("<\\1>", "ab").value(), "<a><>");
  EXPECT_EQ(regex("x*").sub("-", "abxd").value(), "-a-b--d-");
  EXPECT_EQ(regex("a").sub("b", "aaa", 2).value(), "bba");
  EXPECT_EQ(regex("a").sub("\\2", "a").error().what, "invalid group reference 2 at position 0");
}

TEST(PythonRegex, split_keeps_groups) {
  const auto pieces = regex("(,)|;").split("a,b;c").value();
  EXPECT_THAT(pieces, ElementsAre("a", ",", "b", std::nullopt, "c"));
  EXPECT_THAT(regex(",").split("a,b,c", 1).value(), ElementsAre("a", "b,c"));
}

TEST(PythonRegex, find_all_stops_where_asked) {
  EXPECT_EQ(regex("a").find_all("aaaa", 3).value().size(), 3U);
  EXPECT_EQ(regex("").find_all("ab").value().size(), 3U);
}

TEST(PythonRegex, one_pattern_serves_many_threads) {
  const PythonRegex shared = regex(R"((\w+)@(\w+))");
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, copy = shared] {
      for (int i = 0; i < 200; ++i) {
        const std::string text = "user" + std::to_string(i) + "@host";
        good += copy.fullmatch(text).value()->group(1) == text.substr(0, text.find('@')) ? 1 : 0;
        good += copy.match(text).value() ? 1 : 0;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good.load(), 4 * 200 * 2);
}

RC_GTEST_PROP(PythonRegexProperty, escaped_text_matches_itself, (const std::string& noise)) {
  std::string text;
  for (const char c : noise) text += static_cast<char>(c & 0x7f);
  const auto compiled = PythonRegex::compile(regex_escape(text));
  RC_ASSERT(compiled.has_value());
  RC_ASSERT(compiled->fullmatch(text).value().has_value());
}

}  // namespace
}  // namespace herder::value
