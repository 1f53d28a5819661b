#include "cli/complete.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "cli/parsed.hpp"

namespace herder::cli {
namespace {

/// The state of a line at the cursor.
struct Line {
  const Command* command;
  const Option* pending = nullptr;  // an option that waits for its value
  bool dashes = false;              // behind `--`
  std::size_t operands = 0;         // words of operands so far
  std::vector<std::string> sources; // values of --inventory
};

const Option* meant(const Command& command, const Option* option) {
  if (option == nullptr || option->alias_of.empty()) return option;
  return find_option(command, option->alias_of);
}

void note_value(Line& line, const Option& option, std::string_view value) {
  if (option.name == "inventory") line.sources.emplace_back(value);
}

void read_short(Line& line, const std::string& word) {
  for (std::size_t i = 1; i < word.size(); ++i) {
    const Option* option = meant(*line.command, find_letter(*line.command, word[i]));
    if (option == nullptr || !takes_value(option->arg)) continue;
    if (i + 1 < word.size()) note_value(line, *option, std::string_view(word).substr(i + 1));
    else line.pending = option;
    return;
  }
}

void read_word(Line& line, const std::string& word) {
  if (line.pending != nullptr) {
    note_value(line, *line.pending, word);
    line.pending = nullptr;
  } else if (line.dashes) {
    return;
  } else if (word == "--") {
    line.dashes = true;
  } else if (word.starts_with("--")) {
    const auto equals = word.find('=');
    const Option* option = meant(*line.command, find_option(*line.command, word.substr(2, equals == std::string::npos ? equals : equals - 2)));
    if (option == nullptr || !takes_value(option->arg)) return;
    if (equals == std::string::npos) line.pending = option;
    else note_value(line, *option, std::string_view(word).substr(equals + 1));
  } else if (word.size() > 1 && word[0] == '-') {
    read_short(line, word);
  } else {
    ++line.operands;
  }
}

void add_hosts(Completion& out, const std::string& prefix, const std::string& typed, const Line& line, const HostNames& hosts) {
  // Only the last piece of a pattern is completed: web:!db<TAB>
  const auto border = typed.find_last_of(":,&!");
  const std::string before = border == std::string::npos ? "" : typed.substr(0, border + 1);
  const std::string piece = typed.substr(before.size());
  for (const std::string& name : hosts(line.sources))
    if (name.starts_with(piece) && text::printable(name) == name) out.candidates.push_back({prefix + before + name, ""});
}

/// What `arg` takes, each candidate with `prefix` (such as "--output=") in front.
void add_values(Completion& out, Arg arg, std::string_view choices, const std::string& prefix, const std::string& typed, const Line& line,
                const HostNames& hosts) {
  switch (arg) {
    case Arg::choice:
      for (const std::string& one : choices_of(choices))
        if (one.starts_with(typed)) out.candidates.push_back({prefix + one, ""});
      break;
    case Arg::file: out.also = Completion::Also::files; break;
    case Arg::directory: out.also = Completion::Also::directories; break;
    case Arg::hosts: add_hosts(out, prefix, typed, line, hosts); break;
    default: break;
  }
}

void add_options(Completion& out, const Command& command, const std::string& typed) {
  for (const OptionSet& set : command.sets)
    for (const Option& option : set.options) {
      if (option.hidden || !option.alias_of.empty()) continue;
      std::string word = "--" + std::string(option.name);
      if (option.arg == Arg::toggle && ("--no-" + std::string(option.name)).starts_with(typed))
        out.candidates.push_back({"--no-" + std::string(option.name), std::string(option.help)});
      if (word.starts_with(typed)) out.candidates.push_back({std::move(word), std::string(option.help)});
    }
}

void add_operands(Completion& out, const std::string& typed, const Line& line, const HostNames& hosts) {
  std::size_t place = 0;
  for (const Operand& operand : line.command->operands) {
    if (operand.after_dashes != line.dashes) continue;
    const bool list = operand.arity == Arity::many || operand.arity == Arity::some;
    if (list || place++ == line.operands || line.dashes) {
      add_values(out, operand.arg, operand.choices, "", typed, line, hosts);
      if (!list || line.dashes) return;
    }
  }
}

Completion complete_arguments(const Command& command, const std::vector<std::string>& words, const HostNames& hosts) {
  Line line{.command = &command};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) read_word(line, words[i]);
  const std::string typed = words.empty() ? "" : words.back();
  Completion out;
  if (line.pending != nullptr) {
    add_values(out, line.pending->arg, line.pending->choices, "", typed, line, hosts);
  } else if (!line.dashes && typed.starts_with("--") && typed.find('=') != std::string::npos) {
    const auto equals = typed.find('=');
    const Option* option = meant(command, find_option(command, typed.substr(2, equals - 2)));
    if (option != nullptr && takes_value(option->arg))
      add_values(out, option->arg, option->choices, typed.substr(0, equals + 1), typed.substr(equals + 1), line, hosts);
  } else if (!line.dashes && typed.starts_with("-")) {
    add_options(out, command, typed);
  } else {
    add_operands(out, typed, line, hosts);
  }
  return out;
}

/// The next word of the names of commands that begin with the words before the cursor.
Completion complete_names(std::span<const Command* const> commands, const std::vector<std::string>& words) {
  Completion out;
  for (const Command* command : commands) {
    const auto parts = text::split(command->name, ' ');
    if (command->hidden || parts.size() < words.size()) continue;
    bool fits = parts[words.size() - 1].starts_with(words.back());
    for (std::size_t i = 0; i + 1 < words.size() && fits; ++i) fits = parts[i] == words[i];
    if (!fits) continue;
    std::string word(parts[words.size() - 1]);
    const bool whole = parts.size() == words.size();
    const auto known = std::ranges::find(out.candidates, word, &Candidate::word);
    if (known == out.candidates.end()) out.candidates.push_back({std::move(word), whole ? std::string(command->summary) : ""});
  }
  return out;
}

}  // namespace

Completion complete_command_line(const Command& command, std::vector<std::string> words, const HostNames& hosts) {
  return complete_arguments(command, words, hosts);
}

Completion complete(std::span<const Command* const> commands, std::vector<std::string> words, const HostNames& hosts) {
  if (words.empty()) words.emplace_back();
  const Command* best = nullptr;
  std::size_t length = 0;
  for (const Command* command : commands) {
    const auto parts = text::split(command->name, ' ');
    if (parts.size() >= words.size() || parts.size() <= length) continue;  // the word at the cursor is no name yet
    if (std::equal(parts.begin(), parts.end(), words.begin())) {
      best = command;
      length = parts.size();
    }
  }
  if (best == nullptr) return complete_names(commands, words);
  return complete_arguments(*best, {words.begin() + static_cast<std::ptrdiff_t>(length), words.end()}, hosts);
}

std::vector<std::string> split_unfinished(std::string_view line) {
  std::vector<std::string> out(1);
  char quote = 0;
  bool open = false;  // the last word has begun
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote == 0 && (c == ' ' || c == '\t' || c == '\n')) {
      if (open) out.emplace_back();
      open = false;
      continue;
    }
    open = true;
    if (quote != 0 && c == quote) quote = 0;
    else if (quote == 0 && (c == '\'' || c == '"')) quote = c;
    else if (c == '\\' && quote != '\'' && i + 1 < line.size()) out.back() += line[++i];
    else out.back() += c;
  }
  return out;
}

}  // namespace herder::cli
