// herder exec and herder ping.
#include "cli/exec_args.hpp"

namespace herder::cli {
namespace {

Action action_of(ExecArgs args) {
  return [args = std::move(args)](Io& io) { return run_exec(args, io); };
}

Result<Action> prepare_exec(const Parsed& parsed) {
  HERDER_TRY(ExecArgs args, read_exec_args(parsed));
  return action_of(std::move(args));
}

Result<Action> prepare_ping(const Parsed& parsed) {
  HERDER_TRY(ExecArgs args, read_ping_args(parsed));
  return action_of(std::move(args));
}

}  // namespace

extern constinit const Command exec_command{
    .name = "exec",
    .summary = "run a command on every matching host at once",
    .about = exec_about,
    .sets = exec_sets,
    .operands = exec_operands,
    .examples = exec_examples,
    .prepare = prepare_exec,
};

extern constinit const Command ping_command{
    .name = "ping",
    .summary = "log in to every matching host and say which ones answer",
    .sets = ping_sets,
    .operands = ping_operands,
    .examples = ping_examples,
    .prepare = prepare_ping,
};

}  // namespace herder::cli
