// The tables of `herder exec` and `herder ping`, and what they say as plain data.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/common_options.hpp"
#include "cli/run_args.hpp"

namespace herder::cli {

struct ExecArgs {
  std::string kind;                    // "exec" or "ping"
  std::string pattern;
  std::string command;                 // a line for /bin/sh; for a script, its quoted arguments
  std::vector<std::string> words;      // COMMAND as it was given
  std::string script;                  // a file, or empty
  std::string stdin_file;              // a file, or empty
  std::vector<std::pair<std::string, std::string>> env;
  std::string chdir;
  InventoryArgs inventory;
  ConnectionArgs connection;
  BecomeArgs become;
  FleetArgs fleet;
  report::ReportSettings report;
};
/// Errors: usage.
Result<ExecArgs> read_exec_args(const Parsed& parsed);
Result<ExecArgs> read_ping_args(const Parsed& parsed);

/// One word is a line for the shell and stays as it is; several are words of a command and are quoted, so that they arrive as typed.
std::string command_line(const std::vector<std::string>& words);

inline constexpr Option exec_options[] = {
    {.name = "script", .arg = Arg::file, .value = "FILE", .help = "run this local script there; what follows -- are its arguments"},
    {.name = "stdin", .arg = Arg::file, .value = "FILE", .help = "give this file to the command as its standard input"},
    {.name = "env", .letter = 'e', .arg = Arg::text, .repeat = true, .value = "NAME=VALUE", .help = "set an environment variable for the command"},
    {.name = "chdir", .arg = Arg::text, .value = "DIR", .help = "change to this directory first"},
};
inline constexpr OptionSet exec_sets[] = {{"Command", exec_options}, fleet_set,  output_set, inventory_set,
                                          connection_set,            become_set, global_set};
inline constexpr Operand exec_operands[] = {
    {.name = "PATTERN", .arg = Arg::hosts, .help = "the hosts: names, groups, globs, ~regex; web:&staging:!web3"},
    {.name = "COMMAND", .arity = Arity::some, .after_dashes = true, .unless = "script",
     .help = "what to run; one word is a line for the shell, several are a command and its arguments, which arrive as typed"},
};
inline constexpr Example exec_examples[] = {
    {"exec all -- uptime", "run uptime everywhere"},
    {"exec web:!web3 -i hosts.ini -- 'df -h / | tail -1'", "run a shell line on all of web but web3"},
    {"exec db --serial 25% --max-fail 0 -b -- systemctl restart postgresql", "in four batches, as root, stopping at the first failure"},
    {"exec all --script check.sh -o ndjson -- --fast", "run a local script, one JSON record a host"},
};
inline constexpr std::string_view exec_about =
    "Identical results are shown once, with the hosts they came from written as ranges; failures come last. When standard output is not a\n"
    "terminal, lines are written as they come, each with the name of its host. Results go to standard output; progress, failures of lines\n"
    "already shown, and the totals go to standard error.\n"
    "\n"
    "A host has failed when the command ends with another code than 0, is killed, or takes longer than --timeout. It is unreachable when\n"
    "no connection comes about or the connection is lost; --retries tries those again.\n"
    "\n"
    "Ctrl-C once stops cleanly: nothing new is started, what runs is cancelled, and what is unfinished is reported. Twice stops at once.";

inline constexpr OptionSet ping_sets[] = {fleet_set, output_set, inventory_set, connection_set, become_set, global_set};
inline constexpr Operand ping_operands[] = {{.name = "PATTERN", .arg = Arg::hosts, .help = "the hosts"}};
inline constexpr Example ping_examples[] = {
    {"ping all", "which hosts can be logged in to"},
    {"ping all -q --connect-timeout 3s", "name only those that cannot"},
};

/// Does it. Returns the exit code.
int run_exec(const ExecArgs& args, Io& io);

}  // namespace herder::cli
