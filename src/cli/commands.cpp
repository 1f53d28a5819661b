#include "cli/commands.hpp"

namespace herder::cli {

extern const Command exec_command;
extern const Command ping_command;
extern const Command copy_command;
extern const Command fetch_command;
extern const Command inventory_query_command;
extern const Command inventory_export_command;
extern const Command inventory_host_command;
extern const Command inventory_graph_command;
extern const Command inventory_list_command;
extern const Command keeper_status_command;
extern const Command keeper_stop_command;
extern const Command keeper_run_command;
extern const Command version_command;
extern const Command man_command;
extern const Command completion_command;
extern const Command complete_command;
extern const Command lab_up_command;
extern const Command lab_list_command;
extern const Command lab_ssh_command;
extern const Command lab_break_command;
extern const Command lab_mend_command;
extern const Command lab_reset_command;
extern const Command lab_down_command;
extern const Command lab_serve_command;
extern const Command doctor_command;
extern const Command shims_install_command;

extern const Command ansible_command;
extern const Command ansible_inventory_command;

namespace {

constexpr const Command* stand_ins[] = {&ansible_command, &ansible_inventory_command};

constexpr const Command* all[] = {
    &exec_command,
    &ping_command,
    &copy_command,
    &fetch_command,
    &inventory_query_command,
    &inventory_export_command,
    &inventory_host_command,
    &inventory_graph_command,
    &inventory_list_command,
    &keeper_status_command,
    &keeper_stop_command,
    &keeper_run_command,
    &lab_up_command,
    &lab_list_command,
    &lab_ssh_command,
    &lab_break_command,
    &lab_mend_command,
    &lab_reset_command,
    &lab_down_command,
    &lab_serve_command,
    &doctor_command,
    &completion_command,
    &man_command,
    &shims_install_command,
    &version_command,
    &complete_command,
};

}  // namespace

std::span<const Command* const> commands() { return all; }

std::span<const Command* const> shims() { return stand_ins; }

}  // namespace herder::cli
