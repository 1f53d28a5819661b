#include "cli/commands.hpp"

namespace herder::cli {

extern const Command version_command;
extern const Command man_command;
extern const Command completion_command;
extern const Command complete_command;

namespace {

constexpr const Command* all[] = {
    &version_command,
    &completion_command,
    &man_command,
    &complete_command,
};

}  // namespace

std::span<const Command* const> commands() { return all; }

std::span<const Command* const> shims() { return {}; }

}  // namespace herder::cli
