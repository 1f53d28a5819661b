#include "cli/exec_args.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/testing.hpp"

namespace herder::cli {
namespace {

constexpr Command exec{.name = "exec", .summary = "x", .sets = exec_sets, .operands = exec_operands};
constexpr Command ping{.name = "ping", .summary = "x", .sets = ping_sets, .operands = ping_operands};

Result<ExecArgs> read(std::vector<std::string> words) {
  fake_environment().clear();
  HERDER_TRY(const Parsed parsed, parse(exec, words, fake_getenv));
  return read_exec_args(parsed);
}

TEST(ExecArgs, one_word_is_a_shell_line_and_several_are_a_command) {
  EXPECT_EQ(read({"all", "--", "df -h | tail -1"})->command, "df -h | tail -1");
  EXPECT_EQ(read({"all", "--", "echo", "a b", "$HOME"})->command, "echo 'a b' '$HOME'");
}

TEST(ExecArgs, a_script_needs_no_command) {
  EXPECT_EQ(read({"all", "--script", "x.sh"})->script, "x.sh");
  EXPECT_EQ(read({"all", "--script", "x.sh", "--", "a b", "c"})->command, "'a b' c");
  EXPECT_EQ(read({"all"}).error().what, "COMMAND is missing");
}

TEST(ExecArgs, environment_is_name_and_value) {
  EXPECT_THAT(read({"all", "-e", "A=b=c", "--env", "B=", "--", "x"})->env,
              testing::ElementsAre(testing::Pair("A", "b=c"), testing::Pair("B", "")));
  for (const char* wrong : {"A", "=b", "1A=b", "A-B=c"}) EXPECT_FALSE(read({"all", "-e", wrong, "--", "x"})) << wrong;
}

TEST(ExecArgs, fleet_and_report_options_arrive) {
  const auto args = read({"web", "-i", "a", "-i", "b", "-l", "x*", "-f", "9", "--serial", "30%", "--timeout", "1m", "--max-fail", "2", "-o",
                          "ndjson", "--no-fold", "--output-limit", "1KiB", "-q", "--", "x"});
  ASSERT_TRUE(args) << args.error().what;
  EXPECT_THAT(args->inventory.sources, testing::ElementsAre("a", "b"));
  EXPECT_EQ(args->inventory.limit, "x*");
  EXPECT_EQ(args->fleet.forks, 9U);
  EXPECT_TRUE(args->fleet.serial->percent);
  EXPECT_EQ(args->fleet.timeout, std::chrono::minutes(1));
  EXPECT_EQ(args->fleet.max_fail->value, 2);
  EXPECT_EQ(args->report.format, report::Format::ndjson);
  EXPECT_EQ(args->report.fold, false);
  EXPECT_EQ(args->report.limits.output_bytes, 1024U);
  EXPECT_EQ(args->report.verbosity, -1);
}

TEST(ExecArgs, contradictions_are_refused) {
  EXPECT_FALSE(read({"all", "--ask-pass", "--connection-password-file", "f", "--", "x"}));
  EXPECT_FALSE(read({"all", "-b", "--ask-become-pass", "--become-password-file", "f", "--", "x"}));
  EXPECT_EQ(read({"all", "--become-user", "www", "--", "x"}).error().help, "add --become (-b)");
  EXPECT_FALSE(read({"all", "--serial", "0", "--", "x"}));
  EXPECT_FALSE(read({"all", "--timeout", "0", "--", "x"}));
}

TEST(ExecArgs, every_declared_option_is_read) {
  const auto parsed = parse(exec, {"all", "--", "x"}, fake_getenv);
  ASSERT_TRUE(parsed);
  ASSERT_TRUE(read_exec_args(*parsed));
  EXPECT_THAT(parsed->unread(), testing::ElementsAre("--help", "--color"));
  const auto ping_parsed = parse(ping, {"all"}, fake_getenv);
  ASSERT_TRUE(ping_parsed);
  ASSERT_TRUE(read_ping_args(*ping_parsed));
  EXPECT_THAT(ping_parsed->unread(), testing::ElementsAre("--help", "--color"));
}

}  // namespace
}  // namespace herder::cli
