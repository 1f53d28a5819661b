#include <algorithm>
#include <exception>

#include "base/error_format.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/describe.hpp"
#include "cli/parsed.hpp"

namespace herder::cli {
namespace {

report::ColorMode color_mode(const std::string& text) {
  if (text == "always") return report::ColorMode::always;
  return text == "never" ? report::ColorMode::never : report::ColorMode::automatic;
}

/// -v, -q and --color mean the same for every command that has them.
void apply_global(const Command& command, const Parsed& parsed, Io& io) {
  if (find_option(command, "verbose") != nullptr) io.verbosity = parsed.count("verbose");
  if (find_option(command, "quiet") != nullptr && parsed.flag("quiet")) io.verbosity = -1;
  const auto mode = find_option(command, "color") != nullptr ? color_mode(parsed.text("color")) : report::ColorMode::automatic;
  io.color_out = report::use_color(mode, io.terminal.out_is_terminal(), io.terminal);
  io.color_err = report::use_color(mode, io.terminal.err_is_terminal(), io.terminal);
  constexpr log::Level levels[] = {log::Level::error, log::Level::warn, log::Level::info, log::Level::debug, log::Level::trace};
  const int verbosity = io.verbosity < -1 ? -1 : io.verbosity > 3 ? 3 : io.verbosity;
  log::set_level(levels[verbosity + 1]);
}

int report_failure(const Error& failure, const Command* command, Io& io) {
  if (command != nullptr && command->dialect == Dialect::argparse && failure.code == Errc::usage) {
    io.err.write(fmt::format("usage: {}\n{}: error: {}\n", usage_of(*command), command->name, text::printable(failure.what)));
    return 2;
  }
  return report_error(failure, io);
}

int run_command(const Command& command, const std::vector<std::string>& words, Io& io) {
  auto action = prepare(command, words, io);
  if (!action) return report_failure(action.error(), &command, io);
  return (*action)(io);
}

/// `herder`, `herder help [COMMAND...]`, `herder --help`, `herder --version`: what is not in the table because it is about it.
int front_page(const std::vector<std::string>& words, Io& io) {
  const std::vector<std::string> about(words.begin() + 1, words.end());
  if (about.empty()) {
    io.out.write(overview_text(commands(), "", io.terminal.size().columns));
    return exit_code::ok;
  }
  auto found = find_command(commands(), about);
  if (!found) return report_failure(found.error(), nullptr, io);
  if (found->command == nullptr) io.out.write(overview_text(commands(), text::join(about, " "), io.terminal.size().columns));
  else io.out.write(help_text(*found->command, io.terminal.size().columns));
  return exit_code::ok;
}

int dispatch(const std::vector<std::string>& words, Io& io) {
  if (words.empty()) {
    io.err.write(overview_text(commands(), "", io.terminal.size().columns));
    return exit_code::usage;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") return front_page(words, io);
  if (words[0] == "--version" || words[0] == "-V") return dispatch({"version"}, io);
  auto found = find_command(commands(), words);
  if (!found) return report_failure(found.error(), nullptr, io);
  if (found->command == nullptr) {  // "inventory" alone
    const bool asked = !found->rest.empty();
    (asked ? io.out : io.err).write(overview_text(commands(), words[0], io.terminal.size().columns));
    return asked ? exit_code::ok : exit_code::usage;
  }
  return run_command(*found->command, found->rest, io);
}

int guarded(const std::string& program, const std::vector<std::string>& words, Io& io) {
  const std::string name = program.substr(program.rfind('/') + 1);
  try {
    for (const Command* shim : shims())
      if (shim->name == name) return run_command(*shim, words, io);
    return dispatch(words, io);
  } catch (const std::exception& caught) {
    io.err.write(format_error(error(Errc::bug, "herder failed inside: {}", caught.what()).hint("please report this")));
    return exit_code::herder;
  }
}

bool starts_with_words(const std::vector<std::string>& words, std::string_view name) {
  const auto parts = text::split(name, ' ');
  if (parts.size() > words.size()) return false;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i] != words[i]) return false;
  return true;
}

Error unknown_command(std::span<const Command* const> table, const std::vector<std::string>& words) {
  if (words[0].starts_with("-"))
    return error(Errc::usage, "option {} stands before a command", words[0]).hint("write it after the command: herder COMMAND [OPTIONS]");
  std::vector<std::string> names;
  std::vector<std::string> firsts;
  for (const Command* command : table) {
    if (command->hidden) continue;
    names.emplace_back(command->name);
    firsts.emplace_back(text::split(command->name, ' ')[0]);
  }
  const bool group = std::ranges::find(firsts, words[0]) != firsts.end();
  const std::string name = group && words.size() > 1 ? words[0] + " " + words[1] : words[0];
  const auto near = text::nearest(name, names);
  const auto near_first = text::nearest(name, firsts);
  std::string help = "'herder help' lists the commands";
  if (near || near_first) help = fmt::format("did you mean '{}'?", near ? *near : *near_first);
  else if (group) help = fmt::format("'herder {} --help' lists its commands", words[0]);
  return error(Errc::usage, "there is no command '{}'", name).hint(std::move(help));
}

}  // namespace

int report_error(const Error& failure, Io& io) {
  io.err.write(format_error(failure, {.color = io.color_err, .verbosity = io.verbosity}));
  return failure.code == Errc::usage ? exit_code::usage : exit_code::herder;
}

Result<Found> find_command(std::span<const Command* const> table, const std::vector<std::string>& words) {
  Found best;
  std::size_t length = 0;
  for (const Command* command : table) {
    const std::size_t count = text::split(command->name, ' ').size();
    if (count > length && starts_with_words(words, command->name)) {
      best.command = command;
      length = count;
    }
  }
  if (best.command != nullptr) {
    best.rest.assign(words.begin() + static_cast<std::ptrdiff_t>(length), words.end());
    return best;
  }
  const bool only_group = words.size() == 1 || words[1] == "--help" || words[1] == "-h";
  for (const Command* command : table)
    if (only_group && command->name.starts_with(words[0] + " ")) return Found{nullptr, {words.begin() + 1, words.end()}};
  return std::unexpected(unknown_command(table, words));
}

Result<Action> prepare(const Command& command, const std::vector<std::string>& words, Io& io) {
  HERDER_TRY(const Parsed parsed, parse(command, words, io.getenv));
  apply_global(command, parsed, io);
  if (find_option(command, "help") != nullptr && parsed.flag("help"))
    return Action([text = help_text(command, io.terminal.size().columns)](Io& to) {
      to.out.write(text);
      return exit_code::ok;
    });
  HERDER_TRY(Action action, command.prepare(parsed));
  HERDER_ASSERT(parsed.unread().empty());  // an option would have been ignored
  return action;
}

int run_program(const std::string& program, const std::vector<std::string>& words, Io& io) {
  io.color_err = report::use_color(report::ColorMode::automatic, io.terminal.err_is_terminal(), io.terminal);
  int code = guarded(program, words, io);
  io.out.flush();
  io.err.flush();
  if (io.out.failure()) {
    if (!io.out.reader_gone()) io.err.write(format_error(*io.out.failure(), {.color = io.color_err}));
    if (code == exit_code::ok) code = exit_code::herder;
  }
  io.err.flush();
  return code;
}

}  // namespace herder::cli
