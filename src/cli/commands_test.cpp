// What holds for every command in the table.
#include "cli/commands.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/describe.hpp"
#include "cli/parsed.hpp"
#include "cli/testing.hpp"

namespace herder::cli {
namespace {

std::vector<const Command*> everything() {
  std::vector<const Command*> out(commands().begin(), commands().end());
  out.insert(out.end(), shims().begin(), shims().end());
  return out;
}

/// The shortest line that a command accepts.
std::vector<std::string> least_words(const Command& command) {
  std::vector<std::string> out;
  for (const Operand& one : command.operands) {
    if (one.arity != Arity::one && one.arity != Arity::some) continue;
    if (one.after_dashes) out.emplace_back("--");
    out.push_back(one.arg == Arg::choice ? choices_of(one.choices)[0] : one.arg == Arg::integer ? "1" : one.name.find(':') != std::string_view::npos ? "sample:/x" : "sample");
  }
  return out;
}

TEST(CommandTable, every_declared_option_is_read) {
  for (const Command* command : everything()) {
    FakeIo fake;
    const auto parsed = parse(*command, least_words(*command), fake_getenv);
    ASSERT_TRUE(parsed) << command->name << ": " << parsed.error().what;
    const auto action = command->prepare(*parsed);
    ASSERT_TRUE(action) << command->name << ": " << action.error().what << " (the table should refuse what prepare refuses)";
    for (const char* global : {"help", "verbose", "quiet", "color"})
      if (find_option(*command, global) != nullptr) (void)parsed->has(global);
    EXPECT_THAT(parsed->unread(), testing::IsEmpty()) << command->name << " ignores options that it declares";
  }
}

TEST(CommandTable, is_consistent) {
  std::set<std::string_view> names;
  for (const Command* command : everything()) {
    EXPECT_TRUE(names.insert(command->name).second) << command->name << " is there twice";
    EXPECT_FALSE(command->summary.empty()) << command->name;
    EXPECT_FALSE(command->summary.ends_with('.')) << command->name;
    std::set<std::string_view> options;
    std::set<char> letters;
    for (const OptionSet& set : command->sets)
      for (const Option& option : set.options) {
        const std::string shown = std::string(command->name) + " --" + std::string(option.name);
        EXPECT_TRUE(options.insert(option.name).second) << shown << " is there twice";
        if (option.letter != 0) EXPECT_TRUE(letters.insert(option.letter).second) << shown << ": its letter is there twice";
        if (!option.alias_of.empty()) {
          const Option* target = find_option(*command, option.alias_of);
          EXPECT_TRUE(target != nullptr && target->alias_of.empty()) << shown;
          continue;
        }
        EXPECT_FALSE(option.help.empty()) << shown;
        EXPECT_FALSE(option.help.ends_with('.')) << shown;
        EXPECT_EQ(takes_value(option.arg), !option.value.empty()) << shown;
        EXPECT_EQ(option.arg == Arg::choice, !option.choices.empty()) << shown;
      }
  }
}

TEST(CommandTable, fallbacks_are_values_that_the_option_takes) {
  for (const Command* command : everything())
    for (const OptionSet& set : command->sets)
      for (const Option& option : set.options) {
        if (option.fallback.empty()) continue;
        std::vector<std::string> words{"--" + std::string(option.name), std::string(option.fallback)};
        const auto least = least_words(*command);
        words.insert(words.end(), least.begin(), least.end());
        EXPECT_TRUE(parse(*command, words, fake_getenv)) << command->name << " --" << option.name;
      }
}

TEST(CommandTable, help_fits_the_terminal_and_lists_every_option) {
  for (const Command* command : everything())
    for (const int columns : {80, 100}) {
      const std::string help = help_text(*command, columns);
      for (const std::string_view line : text::lines(help))
        if (!line.starts_with("  herder ") && !line.starts_with("Usage:")) EXPECT_LE(text::columns(line), static_cast<std::size_t>(columns)) << line;
      for (const OptionSet& set : command->sets)
        for (const Option& option : set.options)
          if (!option.hidden && option.alias_of.empty()) EXPECT_THAT(help, testing::HasSubstr(option.name)) << command->name;
    }
}

TEST(CommandTable, examples_parse) {
  for (const Command* command : everything())
    for (const Example& example : command->examples) {
      auto words = text::shell_split(example.line);
      ASSERT_TRUE(words) << example.line;
      words->erase(std::ranges::find_if(*words, [](const std::string& word) { return word == "|" || word == ">"; }), words->end());
      if (command->dialect == Dialect::argparse) {
        EXPECT_TRUE(parse(*command, {words->begin() + 1, words->end()}, fake_getenv)) << example.line;
        continue;
      }
      const auto found = find_command(commands(), *words);
      ASSERT_TRUE(found && found->command == command) << example.line;
      const auto parsed = parse(*command, found->rest, fake_getenv);
      EXPECT_TRUE(parsed) << example.line << ": " << parsed.error().what;
    }
}

TEST(CommandTable, docs_cli_md_is_up_to_date) {
  const std::string path = std::string(HERDER_SOURCE_DIR) + "/docs/cli.md";
  const std::string wanted = markdown(everything());
  if (std::getenv("HERDER_UPDATE") != nullptr) {
    ASSERT_TRUE(make_directories(std::string(HERDER_SOURCE_DIR) + "/docs"));
    ASSERT_TRUE(write_file_atomically(path, wanted));
  }
  const auto there = read_file(path);
  ASSERT_TRUE(there) << there.error().what;
  EXPECT_TRUE(*there == wanted) << "docs/cli.md is old: run HERDER_UPDATE=1 build/dev/src/cli_tests --gtest_filter='CommandTable.docs*'";
}

int run(FakeIo& fake, std::vector<std::string> words) { return run_program("/usr/bin/herder", words, fake.io); }

TEST(RunProgram, wrong_words_end_with_5) {
  FakeIo fake;
  EXPECT_EQ(run(fake, {"verson"}), 5);
  EXPECT_THAT(fake.err.text(), testing::HasSubstr("did you mean 'version'?"));
  EXPECT_EQ(fake.out.text(), "");
}

TEST(RunProgram, options_do_not_stand_before_the_command) {
  FakeIo fake;
  EXPECT_EQ(run(fake, {"--json", "version"}), 5);
  EXPECT_THAT(fake.err.text(), testing::HasSubstr("write it after the command"));
}

TEST(RunProgram, without_a_command_it_lists_them_and_ends_with_5) {
  FakeIo fake;
  EXPECT_EQ(run(fake, {}), 5);
  EXPECT_THAT(fake.err.text(), testing::HasSubstr("completion"));
  EXPECT_THAT(fake.err.text(), testing::Not(testing::HasSubstr("__complete")));
}

TEST(RunProgram, help_comes_in_every_way_one_asks) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"help", "man"}, {"man", "--help"}, {"man", "-h"}}) {
    FakeIo fake;
    EXPECT_EQ(run(fake, words), 0);
    EXPECT_THAT(fake.out.text(), testing::StartsWith("Usage: herder man"));
  }
}

}  // namespace
}  // namespace herder::cli
