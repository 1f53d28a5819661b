#include "cli/complete.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/common_options.hpp"

namespace herder::cli {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr OptionSet sets[] = {inventory_set, output_set, global_set};
constexpr Operand operands[] = {{.name = "PATTERN", .arg = Arg::hosts}, {.name = "COMMAND", .arity = Arity::some, .after_dashes = true}};
constexpr Command run{.name = "exec", .summary = "run it", .sets = sets, .operands = operands};
constexpr Operand files[] = {{.name = "WHAT", .arg = Arg::choice, .choices = "big|small"}, {.name = "FILE", .arg = Arg::file, .arity = Arity::many}};
constexpr Command list{.name = "inventory list", .summary = "list it", .operands = files};
constexpr Command graph{.name = "inventory graph", .summary = "draw it"};
constexpr Command secret{.name = "__complete", .summary = "hidden", .hidden = true};
constexpr const Command* all[] = {&run, &list, &graph, &secret};

std::vector<std::string> asked;
std::vector<std::string> names(const std::vector<std::string>& sources) {
  asked = sources;
  return {"web1", "web2", "db", "evil\x1b[1m"};
}

std::vector<std::string> words_for(std::vector<std::string> line) {
  std::vector<std::string> out;
  for (const Candidate& one : complete(all, std::move(line), names).candidates) out.push_back(one.word);
  return out;
}

TEST(Complete, names_of_commands_word_by_word) {
  EXPECT_THAT(words_for({""}), ElementsAre("exec", "inventory"));
  EXPECT_THAT(words_for({"inv"}), ElementsAre("inventory"));
  EXPECT_THAT(words_for({"inventory", ""}), ElementsAre("list", "graph"));
  EXPECT_THAT(words_for({"nothing", ""}), IsEmpty());
}

TEST(Complete, options_and_their_values) {
  EXPECT_THAT(words_for({"exec", "--out"}), ElementsAre("--output", "--output-dir", "--output-limit"));
  EXPECT_THAT(words_for({"exec", "--no-f"}), ElementsAre("--no-fold"));
  EXPECT_THAT(words_for({"exec", "-o", ""}), ElementsAre("text", "json", "ndjson", "yaml", "csv"));
  EXPECT_THAT(words_for({"exec", "-vqo", "c"}), ElementsAre("csv"));
  EXPECT_THAT(words_for({"exec", "--output=nd"}), ElementsAre("--output=ndjson"));
  EXPECT_EQ(complete(all, {"exec", "--output-dir", ""}, names).also, Completion::Also::directories);
  EXPECT_EQ(complete(all, {"exec", "-i", ""}, names).also, Completion::Also::files);
}

TEST(Complete, hosts_of_the_inventory_on_the_line) {
  EXPECT_THAT(words_for({"exec", "-i", "a", "--inventory=b", "w"}), ElementsAre("web1", "web2"));
  EXPECT_THAT(asked, ElementsAre("a", "b"));
  EXPECT_THAT(words_for({"exec", "web*:!d"}), ElementsAre("web*:!db"));
  EXPECT_THAT(words_for({"exec", "--limit=w"}), ElementsAre("--limit=web1", "--limit=web2"));
}

TEST(Complete, names_that_would_write_to_the_terminal_are_left_out) { EXPECT_THAT(words_for({"exec", "e"}), IsEmpty()); }

TEST(Complete, operands_by_their_place) {
  EXPECT_THAT(words_for({"inventory", "list", ""}), ElementsAre("big", "small"));
  EXPECT_EQ(complete(all, {"inventory", "list", "big", ""}, names).also, Completion::Also::files);
  EXPECT_EQ(complete(all, {"inventory", "list", "big", "a", ""}, names).also, Completion::Also::files);
  EXPECT_THAT(words_for({"exec", "web1", ""}), IsEmpty());
  EXPECT_THAT(words_for({"exec", "web1", "--", "--out"}), IsEmpty());
}

TEST(Complete, splits_lines_that_are_not_finished) {
  EXPECT_THAT(split_unfinished("herder ex"), ElementsAre("herder", "ex"));
  EXPECT_THAT(split_unfinished("herder exec "), ElementsAre("herder", "exec", ""));
  EXPECT_THAT(split_unfinished("herder 'a b"), ElementsAre("herder", "a b"));
  EXPECT_THAT(split_unfinished("herder \"a\\\"b\" c\\ d"), ElementsAre("herder", "a\"b", "c d"));
  EXPECT_THAT(split_unfinished(""), ElementsAre(""));
}

}  // namespace
}  // namespace herder::cli
