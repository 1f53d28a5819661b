#include "cli/describe.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/parsed.hpp"

namespace herder::cli {
namespace {

void add_detail(std::string& details, std::string_view label, std::string_view what) {
  if (what.empty()) return;
  if (!details.empty()) details += "; ";
  details += label;
  details += what;
}

std::string spaced(std::string_view choices) { return text::join(choices_of(choices), ", "); }

std::string or_list(std::string_view names) { return text::join(choices_of(names), " or "); }

/// Two columns: what to type, and what it does; the right one wrapped.
class Table {
 public:
  void add(std::string left, std::string right) { rows_.push_back({std::move(left), std::move(right)}); }

  void print(std::string& out, std::size_t width) const {
    std::size_t left = 0;
    for (const auto& row : rows_)
      if (row[0].size() <= left_limit) left = std::max(left, row[0].size());
    const std::size_t indent = 2 + left + 2;
    for (const auto& row : rows_) {
      out += "  " + row[0];
      if (row[0].size() > left) out += '\n' + std::string(indent, ' ');
      else out += std::string(left - row[0].size() + 2, ' ');
      bool first = true;
      for (const std::string& line : wrap(row[1], width - indent)) {
        if (!first) out += std::string(indent, ' ');
        out += line + '\n';
        first = false;
      }
      if (first) out += '\n';
    }
  }

 private:
  static constexpr std::size_t left_limit = 28;
  std::vector<std::array<std::string, 2>> rows_;
};

std::size_t usable(int columns) { return static_cast<std::size_t>(std::clamp(columns, 40, 100)); }

}  // namespace

OptionWords words_of(const Option& option) {
  OptionWords out;
  if (option.letter != 0) out.letter = std::string("-") + option.letter;
  out.name = (option.arg == Arg::toggle ? "--[no-]" : "--") + std::string(option.name);
  if (takes_value(option.arg)) out.value = option.value;
  out.help = option.help;
  if (option.arg == Arg::choice) add_detail(out.details, "one of: ", spaced(option.choices));
  add_detail(out.details, "default: ", option.sees.empty() ? option.fallback : option.sees);
  if (option.repeat) add_detail(out.details, "", "may be repeated");
  if (!option.env.empty()) add_detail(out.details, "environment: ", or_list(option.env));
  return out;
}

OptionWords words_of(const Operand& operand) {
  OptionWords out;
  out.name = operand.name;
  out.help = operand.help;
  if (operand.arg == Arg::choice) add_detail(out.details, "one of: ", spaced(operand.choices));
  return out;
}

std::string full_name(const Command& command) {
  return command.dialect == Dialect::argparse ? std::string(command.name) : "herder " + std::string(command.name);
}

std::string usage_of(const Command& command) {
  std::string out = full_name(command);
  if (!command.sets.empty()) out += " [OPTIONS]";
  for (const Operand& one : command.operands) {
    std::string name(one.name);
    if (one.arity == Arity::many || one.arity == Arity::some) name += "...";
    if (one.arity == Arity::many || one.arity == Arity::optional) name = "[" + name + "]";
    if (one.after_dashes) name = "-- " + name;
    out += " " + name;
  }
  return out;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> out;
  std::string line;
  for (const std::string_view word : text::split(text, ' ')) {
    if (word.empty()) continue;
    if (!line.empty() && text::columns(line) + 1 + text::columns(word) > width) {
      out.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) out.push_back(std::move(line));
  return out;
}

std::string help_text(const Command& command, int columns) {
  const std::size_t width = usable(columns);
  std::string out = "Usage: " + usage_of(command) + "\n\n";
  std::string summary(command.summary);
  if (!summary.empty() && summary[0] >= 'a' && summary[0] <= 'z') summary[0] = static_cast<char>(summary[0] - 'a' + 'A');
  for (const std::string& line : wrap(summary + ".", width)) out += line + '\n';
  if (!command.operands.empty()) {
    Table table;
    for (const Operand& one : command.operands) {
      const OptionWords words = words_of(one);
      table.add(words.name, words.details.empty() ? words.help : fmt::format("{} ({})", words.help, words.details));
    }
    out += "\nArguments:\n";
    table.print(out, width);
  }
  for (const OptionSet& set : command.sets) {
    Table table;
    for (const Option& option : set.options) {
      if (option.hidden || !option.alias_of.empty()) continue;
      const OptionWords words = words_of(option);
      std::string left = words.letter.empty() ? "    " : words.letter + ", ";
      left += words.name;
      if (!words.value.empty()) left += " " + words.value;
      table.add(std::move(left), words.details.empty() ? words.help : fmt::format("{} ({})", words.help, words.details));
    }
    out += fmt::format("\n{}:\n", set.title);
    table.print(out, width);
  }
  if (!command.examples.empty()) {
    out += "\nExamples:\n";
    const std::string prefix = command.dialect == Dialect::argparse ? "" : "herder ";
    for (const Example& one : command.examples) out += fmt::format("  {}{}\n      {}\n", prefix, one.line, one.what);
  }
  if (!command.about.empty()) out += fmt::format("\nMore: {}\n", command.dialect == Dialect::argparse ? "docs/cli.md" : "herder man " + std::string(command.name));
  return out;
}

std::string overview_text(std::span<const Command* const> commands, std::string_view under, int columns) {
  const std::size_t width = usable(columns);
  std::string out = under.empty() ? std::string("Usage: herder COMMAND [ARGUMENTS]\n\nRuns a fleet of servers.\n")
                                  : fmt::format("Usage: herder {} COMMAND [ARGUMENTS]\n", under);
  out += "\nCommands:\n";
  Table table;
  for (const Command* command : commands) {
    if (command->hidden) continue;
    if (!under.empty() && !command->name.starts_with(std::string(under) + " ")) continue;
    table.add(std::string(command->name), std::string(command->summary));
  }
  table.print(out, width);
  out += under.empty() ? "\n'herder COMMAND --help' tells what a command takes.\n"
                       : fmt::format("\n'herder {} COMMAND --help' tells what a command takes.\n", under);
  return out;
}

}  // namespace herder::cli
