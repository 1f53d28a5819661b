#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "cli/common_options.hpp"
#include "cli/parsed.hpp"
#include "cli/testing.hpp"

namespace herder::cli {
namespace {

constexpr Option options[] = {
    {.name = "forks", .letter = 'f', .arg = Arg::integer, .value = "N", .fallback = "256", .env = "T_FORKS|T_OLD_FORKS", .min = 1, .max = 1000},
    {.name = "fold", .arg = Arg::toggle},
    {.name = "env", .letter = 'e', .arg = Arg::text, .repeat = true, .value = "K=V"},
    {.name = "output", .letter = 'o', .arg = Arg::choice, .fallback = "text", .choices = "text|json|ndjson"},
    {.name = "timeout", .arg = Arg::duration, .value = "TIME"},
    {.name = "format", .arg = Arg::text, .hidden = true, .alias_of = "output"},
    {.name = "keep", .letter = 'K', .env = "T_KEEP"},
};
constexpr OptionSet sets[] = {{"Test", options}, global_set};
constexpr Operand operands[] = {{.name = "PATTERN"}, {.name = "COMMAND", .arity = Arity::some, .after_dashes = true}};
constexpr Command run{.name = "run", .summary = "run it", .sets = sets, .operands = operands};
constexpr Operand copy_operands[] = {{.name = "SRC", .arity = Arity::some}, {.name = "DEST"}};
constexpr Command copy{.name = "copy", .summary = "copy it", .sets = sets, .operands = copy_operands};
constexpr Command shim{.name = "ansi", .summary = "shim", .sets = sets, .dialect = Dialect::argparse};

Result<Parsed> read(const Command& command, std::vector<std::string> words) { return parse(command, words, fake_getenv); }
Parsed good(const Command& command, std::vector<std::string> words) {
  auto parsed = read(command, std::move(words));
  if (!parsed) throw std::runtime_error(parsed.error().what);
  return *std::move(parsed);
}
Error bad(const Command& command, std::vector<std::string> words) {
  auto parsed = read(command, std::move(words));
  if (parsed) throw std::runtime_error("was taken");
  EXPECT_EQ(parsed.error().code, Errc::usage);
  return parsed.error();
}

struct Parse : testing::Test {
  Parse() { fake_environment().clear(); }
};

TEST_F(Parse, takes_every_spelling_of_a_value) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"-f5"}, {"-f", "5"}, {"--forks=5"}, {"--forks", "5"}, {"-vf5"}, {"-vqf", "5"}, {"-f", "9", "--forks=5"}}) {
    auto all = words;
    all.insert(all.end(), {"web", "--", "ls"});
    EXPECT_EQ(good(run, all).integer("forks"), 5) << words[0];
  }
}

TEST_F(Parse, counts_repeats_and_negates) {
  const Parsed parsed = good(run, {"-vv", "web", "-e", "A=1", "--env=B=2", "-v", "--no-fold", "--", "ls", "-l", "--", "-v"});
  EXPECT_EQ(parsed.count("verbose"), 3);
  EXPECT_EQ(parsed.all("env"), (std::vector<std::string>{"A=1", "B=2"}));
  EXPECT_EQ(parsed.toggle("fold"), false);
  EXPECT_EQ(parsed.operand("PATTERN"), "web");
  EXPECT_EQ(parsed.operands("COMMAND"), (std::vector<std::string>{"ls", "-l", "--", "-v"}));
}

TEST_F(Parse, fallback_environment_and_line_win_in_this_order) {
  EXPECT_EQ(good(copy, {"a", "b"}).origin("forks"), Origin::fallback);
  fake_environment()["T_OLD_FORKS"] = "7";
  EXPECT_EQ(good(copy, {"a", "b"}).integer("forks"), 7);
  fake_environment()["T_FORKS"] = "8";
  EXPECT_EQ(good(copy, {"a", "b"}).integer("forks"), 8);
  EXPECT_EQ(good(copy, {"a", "b", "-f9"}).integer("forks"), 9);
  fake_environment()["T_FORKS"] = "many";
  EXPECT_EQ(bad(copy, {"a", "b"}).what, "environment variable T_FORKS: 'many' is not a whole number");
}

TEST_F(Parse, flags_in_the_environment_are_yes_or_no) {
  fake_environment()["T_KEEP"] = "Yes";
  EXPECT_TRUE(good(copy, {"a", "b"}).flag("keep"));
  fake_environment()["T_KEEP"] = "0";
  EXPECT_FALSE(good(copy, {"a", "b"}).flag("keep"));
  fake_environment()["T_KEEP"] = "perhaps";
  EXPECT_EQ(bad(copy, {"a", "b"}).what, "environment variable T_KEEP: 'perhaps' is neither yes nor no");
}

TEST_F(Parse, refuses_abbreviations_and_names_what_was_meant) {
  const Error wrong = bad(run, {"--fork", "5", "web", "--", "ls"});
  EXPECT_EQ(wrong.what, "unknown option --fork");
  EXPECT_EQ(wrong.help, "options are not abbreviated; did you mean --forks?");
  EXPECT_EQ(bad(run, {"--froks=5"}).help, "did you mean --forks?");
  EXPECT_EQ(bad(run, {"--no-fodl"}).help, "did you mean --no-fold?");
  EXPECT_EQ(bad(run, {"--zzzzzzzz"}).help, "'herder run --help' shows what it takes");
  EXPECT_EQ(bad(run, {"-forks"}).what, "-f: 'orks' is not a whole number");
  EXPECT_EQ(bad(run, {"-vx"}).what, "unknown option -x in -vx");
}

TEST_F(Parse, names_what_is_wrong_with_a_value) {
  EXPECT_EQ(bad(run, {"-f0"}).what, "-f: 0 is not in 1..1000");
  EXPECT_EQ(bad(run, {"-o", "jsn"}).what, "-o: 'jsn' is not one of text, json, ndjson");
  EXPECT_EQ(bad(run, {"-o", "jsn"}).help, "did you mean 'json'?");
  EXPECT_EQ(bad(run, {"web", "--forks"}).what, "--forks needs a value: N");
  EXPECT_EQ(bad(run, {"--fold=yes"}).what, "--fold takes no value");
  EXPECT_FALSE(read(run, {"--timeout", "soon", "web", "--", "ls"}));
}

TEST_F(Parse, tells_where_the_dashes_belong) {
  const Error wrong = bad(run, {"web", "uptime", "now"});
  EXPECT_EQ(wrong.what, "COMMAND is missing");
  EXPECT_EQ(wrong.help, "write -- before it: herder run web -- uptime ...");
  EXPECT_EQ(bad(run, {"web"}).help, "write it after --: herder run web -- uptime");
  EXPECT_EQ(bad(run, {"--", "ls"}).what, "PATTERN is missing");
  EXPECT_EQ(bad(run, {"web", "x", "--", "ls"}).what, "unexpected argument 'x'");
}

TEST_F(Parse, spreads_words_over_operands) {
  const Parsed parsed = good(copy, {"a", "b", "--", "-c", "d"});
  EXPECT_EQ(parsed.operands("SRC"), (std::vector<std::string>{"a", "b", "-c"}));
  EXPECT_EQ(parsed.operand("DEST"), "d");
  EXPECT_EQ(bad(copy, {"a"}).what, "SRC is missing");
  EXPECT_EQ(good(copy, {"-", "d"}).operand("SRC"), "-");
}

TEST_F(Parse, aliases_are_other_spellings) { EXPECT_EQ(good(copy, {"a", "b", "--format=json"}).text("output"), "json"); }

TEST_F(Parse, shims_take_unique_abbreviations) {
  EXPECT_EQ(good(shim, {"--fork", "3"}).integer("forks"), 3);
  EXPECT_EQ(bad(shim, {"--fo", "3"}).what, "ambiguous option: --fo could match --forks, --fold, --format");
}

TEST_F(Parse, help_needs_nothing_else) { EXPECT_TRUE(good(run, {"--help"}).flag("help")); }

TEST_F(Parse, remembers_what_nobody_asked_for) {
  const Parsed parsed = good(copy, {"a", "b"});
  EXPECT_EQ(parsed.unread().size(), 6U + 4U + 2U);
  (void)parsed.toggle("fold");
  (void)parsed.operand("DEST");
  EXPECT_EQ(parsed.unread().size(), 6U + 4U);
}

RC_GTEST_PROP(ParseProperty, never_fails_otherwise_than_with_a_usage_error, (std::vector<std::string> words)) {
  for (const Command* command : {&run, &copy, &shim}) {
    const auto parsed = read(*command, words);
    if (!parsed) RC_ASSERT(parsed.error().code == Errc::usage);
  }
}

RC_GTEST_PROP(ParseProperty, what_follows_the_dashes_comes_through_unchanged, (std::vector<std::string> words)) {
  RC_PRE(!words.empty());
  std::vector<std::string> line{"web", "--"};
  line.insert(line.end(), words.begin(), words.end());
  RC_ASSERT(good(run, line).operands("COMMAND") == words);
}

}  // namespace
}  // namespace herder::cli
