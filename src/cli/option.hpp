// What a sub-command takes, written as a table. Parsing, --help, man pages, shell completion and docs/cli.md all come from it, so
// they cannot disagree. Tables are constexpr data; nothing here owns anything.
//
//   constexpr Option greet_options[] = {
//       {.name = "times", .letter = 'n', .arg = Arg::integer, .value = "N", .fallback = "1", .min = 1, .help = "say it N times"}};
//   constexpr OptionSet greet_sets[] = {{"Greeting", greet_options}, global_set};
//   constexpr Operand greet_operands[] = {{.name = "NAME", .help = "whom to greet"}};
//   extern constinit const Command greet_command{.name = "greet", .summary = "...", .sets = greet_sets, ...};
//
// and `greet_command` is listed in commands.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "base/error.hpp"

namespace herder::cli {

class Parsed;  // parsed.hpp
struct Io;     // io.hpp

/// What an option or operand takes; also says how it is completed in a shell.
enum class Arg : std::uint8_t {
  flag,       // nothing: --quiet
  toggle,     // nothing, both ways: --fold and --no-fold
  count,      // nothing, counted: -vvv
  text,       // any text
  integer,    // a whole number within min..max
  duration,   // "30s", "1h30m" (base/units.hpp)
  size,       // "64MiB"
  amount,     // "5" or "30%"
  choice,     // one of `choices`
  file,       // a path; completed as a file name
  directory,  // a path; completed as a directory name
  hosts,      // a host pattern; completed with hosts and groups
};

struct Option {
  std::string_view name;           // "forks" for --forks
  char letter = 0;                 // 'f' for -f
  Arg arg = Arg::flag;
  bool repeat = false;             // may be given several times; the values add up (otherwise the last one wins)
  std::string_view value = {};     // name of the value in help: "N"
  std::string_view fallback = {};  // value when not given, as one would type it
  std::string_view env = {};       // environment variable that replaces the fallback
  std::string_view choices = {};   // "text|json|ndjson"
  std::string_view sees = {};      // help in place of the fallback, when that is computed: "number of processors"
  std::int64_t min = 0;            // integers only
  std::int64_t max = 1'000'000'000;
  std::string_view help = {};      // one sentence without capital and full stop
  std::string_view since = "0.1";
  bool hidden = false;             // parsed, but not shown (aliases that shims accept)
  std::string_view alias_of = {};  // another spelling of that option; takes everything else from it
};

/// Options that belong together, shown under one heading.
struct OptionSet {
  std::string_view title;
  std::span<const Option> options;
};

enum class Arity : std::uint8_t { one, optional, many /* 0 or more */, some /* 1 or more */ };

struct Operand {
  std::string_view name;  // "PATTERN"
  Arg arg = Arg::text;
  Arity arity = Arity::one;
  bool after_dashes = false;  // takes what follows `--`, and only that
  std::string_view unless = {};  // not demanded when this option is given
  std::string_view choices = {};
  std::int64_t min = 0;  // integers only
  std::int64_t max = 1'000'000'000;
  std::string_view help = {};
};

struct Example {
  std::string_view line;  // without the program: "exec web -- uptime"
  std::string_view what;  // what it does
};

/// What is left to do once the arguments are read and known to be right. Returns the exit code.
using Action = std::function<int(Io&)>;

/// Reads and checks the arguments, and nothing else: no output, no connections. It has to read every option that the table
/// declares (a test calls it and asserts that), so that none is ignored.
using Prepare = Result<Action> (*)(const Parsed&);

/// How the command line is read.
enum class Dialect : std::uint8_t {
  herder,    // GNU without abbreviations; wrong arguments end with 5
  argparse,  // as Python's argparse: unique abbreviations are taken; wrong arguments end with 2
};

struct Command {
  std::string_view name;     // "exec", "inventory list"
  std::string_view summary;  // one line without capital and full stop
  std::string_view about = {};  // further paragraphs, separated by empty lines
  std::span<const OptionSet> sets = {};
  std::span<const Operand> operands = {};
  std::span<const Example> examples = {};
  Prepare prepare = nullptr;
  Dialect dialect = Dialect::herder;
  std::string_view since = "0.1";
  bool hidden = false;       // not listed; for herder's own use
};

}  // namespace herder::cli
