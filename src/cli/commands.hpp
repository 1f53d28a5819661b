// The table of all commands, and the front door: words in, exit code out.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/io.hpp"
#include "cli/option.hpp"

namespace herder::cli {

/// All sub-commands of herder, in the order in which help lists them.
std::span<const Command* const> commands();
/// Programs that herder stands in for when it is called by their name: ansible, ansible-inventory.
std::span<const Command* const> shims();

/// The command that these words start with (the longest name wins) and the words behind it.
struct Found {
  const Command* command = nullptr;
  std::vector<std::string> rest;
};
/// Errors: usage, with the nearest name.
Result<Found> find_command(std::span<const Command* const> commands, const std::vector<std::string>& words);

/// For actions that fail: writes the error to io.err. Returns exit_code::herder, or exit_code::usage for a usage error.
int report_error(const Error& failure, Io& io);

/// Runs one command line: `program` is argv[0]. Catches everything; writes errors to io.err.
int run_program(const std::string& program, const std::vector<std::string>& words, Io& io);

/// Reads words by the table and prepares; used by run_program and by tests.
Result<Action> prepare(const Command& command, const std::vector<std::string>& words, Io& io);

}  // namespace herder::cli
