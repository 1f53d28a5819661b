// docs/cli.md from the tables. A test compares the file with this (HERDER_UPDATE=1 rewrites it).
#include "base/text.hpp"
#include "cli/describe.hpp"
#include "cli/parsed.hpp"

namespace herder::cli {
namespace {

/// Text inside a table cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '<' || c == '>' || c == '*' || c == '_' || c == '~') out += '\\';
    out += c;
  }
  return out;
}

std::string code(std::string_view text) {
  std::string out = "`";
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out + "`";
}

void add_options(std::string& out, const OptionSet& set) {
  out += fmt::format("\n**{}**\n\n| option | what it does |\n|---|---|\n", set.title);
  for (const Option& option : set.options) {
    if (option.hidden || !option.alias_of.empty()) continue;
    const OptionWords words = words_of(option);
    std::string left = words.letter.empty() ? "" : code(words.letter) + ", ";
    left += code(words.value.empty() ? words.name : words.name + " " + words.value);
    out += fmt::format("| {} | {}{} |\n", left, cell(words.help), words.details.empty() ? "" : " (" + cell(words.details) + ")");
  }
}

void add_command(std::string& out, const Command& command) {
  out += fmt::format("\n## {}\n\n    {}\n\n{}{}.\n", full_name(command), usage_of(command),
                     static_cast<char>(command.summary[0] >= 'a' ? command.summary[0] - 'a' + 'A' : command.summary[0]), command.summary.substr(1));
  if (!command.about.empty()) out += fmt::format("\n{}\n", command.about);
  if (!command.operands.empty()) out += "\n| argument | what it is |\n|---|---|\n";
  for (const Operand& one : command.operands) {
    const OptionWords words = words_of(one);
    out += fmt::format("| {} | {}{} |\n", code(words.name), cell(words.help), words.details.empty() ? "" : " (" + cell(words.details) + ")");
  }
  for (const OptionSet& set : command.sets)
    if (set.title != "General") add_options(out, set);
  if (!command.examples.empty()) out += "\nExamples:\n\n";
  const std::string prefix = command.dialect == Dialect::argparse ? "" : "herder ";
  for (const Example& one : command.examples) out += fmt::format("    {}{}   # {}\n", prefix, one.line, one.what);
}

}  // namespace

std::string markdown(std::span<const Command* const> commands) {
  std::string out =
      "# herder on the command line\n\n"
      "<!-- Made from the option tables in src/cli; `HERDER_UPDATE=1 build/dev/src/cli_tests` writes it anew. -->\n\n"
      "Options and arguments may mix; `--` ends the options; `--name=value`, `--name value`, `-nvalue` and bundles such as `-vq` are\n"
      "understood; names are not abbreviated. Data goes to standard output, everything said about it to standard error.\n\n"
      "Exit codes: 0 all went well; 1 herder itself could not do it; 2 some hosts failed; 4 some hosts were unreachable (6: both);\n"
      "5 wrong arguments; 130 interrupted.\n";
  for (const Command* command : commands)
    if (!command->hidden) {
      for (const OptionSet& set : command->sets)
        if (set.title == "General") {
          out += "\nEvery command takes:\n";
          add_options(out, set);
        }
      break;
    }
  for (const Command* command : commands)
    if (!command->hidden) add_command(out, *command);
  return out;
}

}  // namespace herder::cli
