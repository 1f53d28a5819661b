// A command's table put in words: for --help, man pages and docs/cli.md, which differ only in their markup.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/option.hpp"

namespace herder::cli {

/// "-f, --forks N" and "hosts to work on at the same time (default: 256; HERDER_FORKS)".
struct OptionWords {
  std::string letter;   // "-f" or ""
  std::string name;     // "--forks", "--[no-]fold"
  std::string value;    // "N" or ""
  std::string help;     // the sentence
  std::string details;  // "default: 256; environment: HERDER_FORKS" or ""
};
OptionWords words_of(const Option& option);
OptionWords words_of(const Operand& operand);

/// "herder exec [OPTIONS] PATTERN -- COMMAND...". Shims are called by their own name.
std::string usage_of(const Command& command);
/// "herder exec", or "ansible" for a shim.
std::string full_name(const Command& command);

/// Lines of at most `width` columns; words longer than that stay whole.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// The whole --help text for a terminal of that many columns (at most 100 are used, at least 40).
std::string help_text(const Command& command, int columns);
/// What `herder` alone and `herder help` say: the commands, grouped by their first word. `under` limits it to "inventory" and below.
std::string overview_text(std::span<const Command* const> commands, std::string_view under, int columns);

/// man(7) source of a command's page; `pages` are the other commands, for SEE ALSO. `date` is "2026-01-31".
std::string man_page(const Command& command, std::span<const Command* const> commands, std::string_view date);
/// herder(1).
std::string man_overview(std::span<const Command* const> commands, std::string_view date);
/// "herder-inventory-list" for "inventory list".
std::string man_name(const Command& command);

/// docs/cli.md.
std::string markdown(std::span<const Command* const> commands);

}  // namespace herder::cli
