// Man pages: roff from the tables, and `herder man`, which shows or writes them.
#include <algorithm>
#include <ctime>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/version.hpp"
#include "cli/commands.hpp"
#include "cli/common_options.hpp"
#include "cli/describe.hpp"
#include "cli/parsed.hpp"

namespace herder::cli {
namespace {

/// Text for a roff line: backslashes, minus signs (which must stay ASCII for copying) and line starts that look like requests.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else if (c == '\'') out += "\\(aq";
    else if (c == '~') out += "\\(ti";
    else if (c == '^') out += "\\(ha";
    else out += c;
  }
  if (out.starts_with('.')) out.insert(0, "\\&");
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string head(std::string_view name, std::string_view date) {
  return fmt::format(".TH {} 1 {} \"herder {}\" \"herder manual\"\n.nh\n.ad l\n", roff(upper(name)), date, version());
}

std::string sentence(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out + ".";
}

/// One tagged paragraph: the term, then what it means.
void add_term(std::string& out, const std::string& term, const OptionWords& words) {
  out += ".TP\n" + term + "\n" + roff(sentence(words.help)) + "\n";
  if (!words.details.empty()) out += roff(sentence(words.details)) + "\n";
}

void add_options(std::string& out, const Command& command) {
  for (const OptionSet& set : command.sets) {
    out += fmt::format(".SS {}\n", roff(set.title));
    for (const Option& option : set.options) {
      if (option.hidden || !option.alias_of.empty()) continue;
      const OptionWords words = words_of(option);
      std::string term;
      if (!words.letter.empty()) term += "\\fB" + roff(words.letter) + "\\fR, ";
      term += "\\fB" + roff(words.name) + "\\fR";
      if (!words.value.empty()) term += " \\fI" + roff(words.value) + "\\fR";
      add_term(out, term, words);
    }
  }
}

constexpr std::string_view exit_codes =
    ".SH EXIT STATUS\n"
    ".TP\n0\nAll went well.\n"
    ".TP\n1\nherder itself could not do it.\n"
    ".TP\n2\nSome hosts failed.\n"
    ".TP\n4\nSome hosts were unreachable; 6 when others failed as well.\n"
    ".TP\n5\nThe arguments are wrong.\n"
    ".TP\n130\nInterrupted.\n";

}  // namespace

std::string man_name(const Command& command) {
  std::string out = command.dialect == Dialect::argparse ? std::string(command.name) : "herder-" + std::string(command.name);
  std::ranges::replace(out, ' ', '-');
  return out;
}

std::string man_page(const Command& command, std::span<const Command* const> commands, std::string_view date) {
  std::string out = head(man_name(command), date);
  out += fmt::format(".SH NAME\n{} \\- {}\n", roff(man_name(command)), roff(command.summary));
  out += fmt::format(".SH SYNOPSIS\n\\fB{}\\fR\n", roff(usage_of(command)));
  out += ".SH DESCRIPTION\n" + roff(sentence(command.summary)) + "\n";
  for (const std::string_view line : text::lines(command.about)) out += line.empty() ? ".PP\n" : roff(line) + "\n";
  if (!command.operands.empty()) out += ".SH ARGUMENTS\n";
  for (const Operand& one : command.operands) {
    const OptionWords words = words_of(one);
    add_term(out, "\\fI" + roff(words.name) + "\\fR", words);
  }
  if (!command.sets.empty()) out += ".SH OPTIONS\n";
  add_options(out, command);
  if (!command.examples.empty()) out += ".SH EXAMPLES\n";
  const std::string prefix = command.dialect == Dialect::argparse ? "" : "herder ";
  for (const Example& one : command.examples)
    out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(prefix + std::string(one.line)), roff(sentence(one.what)));
  out += exit_codes;
  out += ".SH SEE ALSO\n\\fBherder\\fR(1)";
  const std::string_view first = text::split(command.name, ' ')[0];
  for (const Command* other : commands)
    if (other != &command && !other->hidden && text::split(other->name, ' ')[0] == first)
      out += fmt::format(",\n\\fB{}\\fR(1)", roff(man_name(*other)));
  return out + "\n";
}

std::string man_overview(std::span<const Command* const> commands, std::string_view date) {
  std::string out = head("herder", date);
  out += ".SH NAME\nherder \\- run a fleet of servers\n.SH SYNOPSIS\n\\fBherder\\fR \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n";
  out += ".SH DESCRIPTION\nherder works on many hosts at once over SSH. It reads Ansible inventories and the user's ssh_config.\n";
  out += ".SH COMMANDS\n";
  for (const Command* command : commands) {
    if (command->hidden) continue;
    out += fmt::format(".TP\n\\fB{}\\fR(1)\n{}\n", roff(man_name(*command)), roff(sentence(command->summary)));
  }
  out += exit_codes;
  out += ".SH ENVIRONMENT\nEach option that can be set by an environment variable names it on its page.\n"
         ".TP\n\\fBNO_COLOR\\fR\nNo colours when it is not empty.\n";
  return out;
}

namespace {

constexpr Option options[] = {
    {.name = "dir", .arg = Arg::directory, .value = "DIR", .help = "write all pages to DIR/man1 instead of one to standard output"},
};
constexpr OptionSet sets[] = {{"Man pages", options}, global_set};
constexpr Operand operands[] = {
    {.name = "COMMAND", .arity = Arity::many, .help = "the command to tell about; without one, herder itself"},
};
constexpr Example examples[] = {
    {"man exec | man -l -", "read the page of herder exec"},
    {"man --dir ~/.local/share/man", "install all pages for this user"},
};

/// The build's date when it is to be reproducible (SOURCE_DATE_EPOCH), else today.
std::string page_date(const char* (*getenv)(const char*)) {
  std::time_t seconds = static_cast<std::time_t>(wall_now_ms() / 1000);
  if (const char* fixed = getenv("SOURCE_DATE_EPOCH"); fixed != nullptr)
    if (const auto number = text::to_int(fixed)) seconds = static_cast<std::time_t>(*number);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

Result<> write_pages(const std::string& directory, std::string_view date) {
  const std::string folder = expand_user(directory) + "/man1";
  HERDER_TRY_VOID(make_directories(folder));
  HERDER_TRY_VOID(write_file_atomically(folder + "/herder.1", man_overview(commands(), date)));
  for (const Command* command : commands())
    if (!command->hidden)
      HERDER_TRY_VOID(write_file_atomically(folder + "/" + man_name(*command) + ".1", man_page(*command, commands(), date)));
  return {};
}

Result<Action> prepare_man(const Parsed& parsed) {
  const auto directory = parsed.given("dir");
  const auto& words = parsed.operands("COMMAND");
  if (directory) {
    if (!words.empty()) return fail(Errc::usage, "--dir writes all pages; leave out '{}'", text::join(words, " "));
    return Action([folder = *directory](Io& io) {
      const auto done = write_pages(folder, page_date(io.getenv));
      return done ? exit_code::ok : report_error(done.error(), io);
    });
  }
  const Command* command = nullptr;
  if (!words.empty()) {
    HERDER_TRY(const Found found, find_command(commands(), words));
    if (found.command == nullptr || !found.rest.empty())
      return fail(Errc::usage, "'{}' is not the name of one command", text::join(words, " "));
    command = found.command;
  }
  return Action([command](Io& io) {
    const std::string date = page_date(io.getenv);
    io.out.write(command == nullptr ? man_overview(commands(), date) : man_page(*command, commands(), date));
    return exit_code::ok;
  });
}

}  // namespace

extern constinit const Command man_command{
    .name = "man",
    .summary = "write manual pages",
    .sets = sets,
    .operands = operands,
    .examples = examples,
    .prepare = prepare_man,
};

}  // namespace herder::cli
