#include <unistd.h>

#include "async/threads.hpp"
#include "base/error_format.hpp"
#include "cli/fleet.hpp"
#include "cli/interrupt.hpp"
#include "cli/io.hpp"
#include "cli/limits.hpp"
#include "inventory/nodeset.hpp"
#include "report/console.hpp"
#include "report/make_reporter.hpp"
#include "transport/keeper/launch.hpp"
#include "transport/keeper/protocol.hpp"

namespace herder::cli {
namespace {

constexpr auto keeper_start_limit = std::chrono::seconds(5);

bool uses_ssh(const Fleet& fleet) {
  for (const engine::ExecHost& host : fleet.hosts)
    if (host.target && host.target->method == transport::Method::ssh) return true;
  return false;
}

/// The socket of a keeper that runs.
Result<std::string> running_keeper() {
  HERDER_TRY(std::string socket, transport::keeper::socket_path());
  HERDER_TRY_VOID(transport::keeper::ensure_keeper(socket, {"herder", "keeper", "run", "--socket", socket}, keeper_start_limit));
  return socket;
}

Async<bool> drive(engine::ExecRun* run) {
  InterruptGuard guard([run](const std::string& reason) { run->interrupt(reason); });
  co_await run->run();
  co_await guard.end();
  co_return true;
}

}  // namespace

Serving make_serving(const Fleet& fleet, const ConnectionArgs& connection, async::Loop& home) {
  Serving out;
  transport::ConnectorSettings settings;
  settings.ssh.known_hosts = std::make_shared<transport::KnownHostsStore>();
  settings.ssh.keys = std::make_shared<transport::SshKeyStore>();
  if (connection.keep && uses_ssh(fleet)) {
    auto socket = running_keeper();
    if (socket) settings.keeper_socket = *socket;
    else out.warnings.push_back(with_via(socket.error(), "starting the keeper; connections will be closed at the end"));
  }
  const auto make = [settings] { return transport::make_connector(settings); };
  if (!settings.keeper_socket.empty() || !uses_ssh(fleet)) {
    out.loops.push_back({.loop = &home, .make_connector = make});
    return out;
  }
  out.threads = std::make_unique<async::LoopThreads>(loop_count());
  for (std::size_t i = 0; i < out.threads->size(); ++i) out.loops.push_back({.loop = &(*out.threads)[i], .make_connector = make});
  return out;
}

int run_and_report(engine::ExecPlan plan, Fleet fleet, const ConnectionArgs& connection, const Reporting& how, Io& io) {
  raise_descriptor_limit();
  const auto loop = async::make_loop();
  Serving serving = make_serving(fleet, connection, *loop);
  for (const auto* list : {&fleet.warnings, &serving.warnings})
    for (const Error& warning : *list)
      if (io.verbosity >= 0) io.err.write("warning: " + format_error_line(warning) + "\n");
  report::Console console(io.out, io.err, io.terminal, io.color_out, io.color_err);
  const auto reporter = how.make(console);
  plan.id = fmt::format("{}-{}", wall_now_ms(), ::getpid());
  plan.hosts = std::move(fleet.hosts);
  engine::ExecRun run(std::move(plan), std::move(serving.loops), *reporter);
  async::run_until_done(*loop, drive(&run));
  return how.code(*reporter);
}

int run_and_report(engine::ExecPlan plan, Fleet fleet, const ConnectionArgs& connection, report::ReportSettings settings, Io& io) {
  settings.fold_hosts = [](std::span<const std::string> names) { return inventory::fold_hosts(names); };
  const Reporting how{.make = [&](report::Console& console) { return report::make_reporter(console, settings); },
                      .code = [](const report::Reporter& reporter) { return reporter.exit_code(); }};
  return run_and_report(std::move(plan), std::move(fleet), connection, how, io);
}

}  // namespace herder::cli
