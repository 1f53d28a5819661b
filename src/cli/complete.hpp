// Shell completion: what could stand at the cursor. The scripts of the three shells only ask herder and show the answer.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "cli/option.hpp"

namespace herder::cli {

struct Candidate {
  std::string word;  // the whole word, also what was typed of it
  std::string what;  // one line, or empty
};

struct Completion {
  enum class Also : std::uint8_t { nothing, files, directories };
  std::vector<Candidate> candidates;
  Also also = Also::nothing;  // what the shell adds by itself
};

/// Names of hosts and groups, given the values of -i on the line so far. Must be quick and never fail: nothing when unsure.
using HostNames = std::function<std::vector<std::string>(const std::vector<std::string>& sources)>;

/// `words` are those behind the program's name, up to and with the one at the cursor (which may be empty).
Completion complete(std::span<const Command* const> commands, std::vector<std::string> words, const HostNames& hosts);
/// The same for a program that is one command (a shim).
Completion complete_command_line(const Command& command, std::vector<std::string> words, const HostNames& hosts);

/// Words of an unfinished shell line, the last one being that at the cursor; quotes and backslashes are taken away.
std::vector<std::string> split_unfinished(std::string_view line);

/// Names of the inventory that `sources` (or, when empty, the environment and /etc/ansible/hosts) give. Reads files only, runs no
/// inventory scripts; empty when anything is wrong.
std::vector<std::string> host_names(const std::vector<std::string>& sources);

/// The script for "bash", "zsh" or "fish".
std::string completion_script(std::string_view shell);

}  // namespace herder::cli
