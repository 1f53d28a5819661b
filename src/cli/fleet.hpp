// From -i, -l, a pattern and connection options to hosts that can be reached: what every command on a fleet begins with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "async/threads.hpp"
#include "cli/io.hpp"
#include "cli/run_args.hpp"
#include "engine/exec_plan.hpp"
#include "engine/exec_run.hpp"
#include "transport/connectors.hpp"

namespace herder::cli {

/// What -i names, else what ansible.cfg names, else /etc/ansible/hosts when it is there. Errors: ansible.cfg cannot be read.
Result<std::vector<std::string>> inventory_sources(const InventoryArgs& args);

/// The chosen hosts, ready for a plan. A host whose settings make no sense is there with the reason (ExecHost::unusable).
struct Fleet {
  std::vector<engine::ExecHost> hosts;
  std::vector<Error> warnings;
};
/// Reads inventories and ssh_config, asks for passwords. Blocks. Errors: what is wrong with the arguments or files, not with one host.
Result<Fleet> choose_fleet(const std::string& pattern, const InventoryArgs& inventory, const ConnectionArgs& connection);

/// The serving loops of a run: with a keeper this one alone (the work is done over there), else one a processor. The threads must
/// outlive the run. Starts the keeper when it is wanted and SSH is used; one that cannot be started is a warning, not a failure.
struct Serving {
  std::unique_ptr<async::LoopThreads> threads;
  std::vector<engine::ServingLoop> loops;
  std::vector<Error> warnings;
};
Serving make_serving(const Fleet& fleet, const ConnectionArgs& connection, async::Loop& home);

/// Runs the plan, reports it as asked, obeys Ctrl-C. Returns the exit code.
int run_and_report(engine::ExecPlan plan, Fleet fleet, const ConnectionArgs& connection, report::ReportSettings settings, Io& io);

/// The same with views of the caller's choice: `views` adds them, `code` makes the exit code.
struct Reporting {
  std::function<std::unique_ptr<report::Reporter>(report::Console&)> make;
  std::function<int(const report::Reporter&)> code;
};
int run_and_report(engine::ExecPlan plan, Fleet fleet, const ConnectionArgs& connection, const Reporting& how, Io& io);

/// How to become another user, with its password; nothing when that is not asked for.
Result<std::optional<engine::Become>> become_from(const BecomeArgs& args);

/// The password asked for or read from a file; null when neither is wanted.
Result<std::shared_ptr<const Secret>> password_from(bool ask, const std::string& file, std::string_view prompt);

}  // namespace herder::cli
