#include "lab/lab.hpp"

#include <filesystem>

#include "base/text.hpp"
#include "lab/background.hpp"
#include "lab/control.hpp"
#include "lab/light_lab.hpp"

namespace herder::lab {
namespace {

constexpr int default_port = 22022;
constexpr int light_start_s = 60;
constexpr Duration light_patience = std::chrono::seconds(60);
constexpr Duration end_patience = std::chrono::seconds(20);

Result<UpOutcome> outcome(const std::string& state_dir, bool was_running) {
  HERDER_TRY(LabRecord record, read_record(state_dir));
  const auto hosts = record.kind == Kind::light ? light_plan(record.hosts) : machine_plan(record.hosts, record.prefix);
  return UpOutcome{.record = std::move(record), .hosts = hosts, .pid = LabLock::holder(state_dir), .was_running = was_running};
}

Result<UpOutcome> start_light(const UpRequest& request, int port) {
  HERDER_TRY_VOID(ensure_descriptors(request.hosts));
  HERDER_TRY_VOID(open_state(request.state_dir, port));
  const std::vector<std::string> arguments{"herder", "lab", "serve", "--state", request.state_dir, "--hosts", std::to_string(request.hosts),
                                           "--port", std::to_string(port), "--report"};
  HERDER_TRY_VOID(start_in_background(arguments, request.state_dir + "/lab.log", light_start_s));
  return outcome(request.state_dir, false);
}

Result<UpOutcome> up_light(const UpRequest& request) {
  const auto record = read_record(request.state_dir);
  const bool running = LabLock::holder(request.state_dir) != 0;
  if (running && !record) return std::unexpected(record.error());
  if (running && record->kind != Kind::light)
    return std::unexpected(error(Errc::conflict, "a lab of machines is running in {}", request.state_dir)
                               .hint("stop it with 'herder lab down', or use another --state"));
  const int port = request.port.value_or(record && record->kind == Kind::light ? record->port : default_port);
  if (running && (record->port == port || port == 0)) {
    HERDER_TRY_VOID(ask(request.state_dir, fmt::format("resize {}", request.hosts), light_patience));
    return outcome(request.state_dir, true);
  }
  if (running) HERDER_TRY_VOID(down(request.state_dir, false));
  return start_light(request, port);
}

}  // namespace

Result<UpOutcome> up(const UpRequest& request) { return up_light(request); }

Result<Listing> list(const std::string& state_dir) {
  HERDER_TRY(const LabRecord record, read_record(state_dir));
  Listing out{.record = record, .pid = LabLock::holder(state_dir), .hosts = {}};
  if (out.pid == 0) {
    const auto plan = record.kind == Kind::light ? light_plan(record.hosts) : machine_plan(record.hosts, record.prefix);
    for (const HostPlan& host : plan) out.hosts.push_back({.name = host.name, .group = host.group, .address = host.address, .state = "stopped"});
    return out;
  }
  HERDER_TRY(const std::string status, ask(state_dir, "status", light_patience));
  for (const std::string_view line : text::lines(status)) {
    const auto fields = text::split(line, '\t');
    if (fields.size() < 5) continue;
    out.hosts.push_back({.name = std::string(fields[0]),
                         .group = std::string(fields[1]),
                         .address = std::string(fields[2]),
                         .connections = text::to_int(fields[3]).value_or(0),
                         .state = std::string(fields[4])});
  }
  return out;
}

Result<> break_hosts(const std::string& state_dir, const std::string& hosts, const Faults& faults) {
  HERDER_TRY_VOID(ask(state_dir, fmt::format("break {} {}", hosts, format_faults(faults)), light_patience));
  return {};
}

Result<> mend_hosts(const std::string& state_dir, const std::string& hosts) {
  HERDER_TRY_VOID(ask(state_dir, "mend " + hosts, light_patience));
  return {};
}

Result<> reset_hosts(const std::string& state_dir, const std::string& hosts) {
  HERDER_TRY_VOID(ask(state_dir, "reset " + hosts, light_patience));
  return {};
}

Result<bool> down(const std::string& state_dir, bool purge) {
  if (auto record = read_record(state_dir); !record && !is_lab_directory(state_dir)) return std::unexpected(std::move(record).error());
  const int pid = LabLock::holder(state_dir);
  if (pid != 0) {
    (void)ask(state_dir, "stop", end_patience);
    if (const int still = LabLock::holder(state_dir, end_patience); still > 0) end_process(still, 1000);
    if (LabLock::holder(state_dir, end_patience) != 0) return fail(Errc::timeout, "process {} of the lab in {} does not end", pid, state_dir);
  }
  const int reaped = reap_processes(state_dir);
  std::error_code failure;
  std::filesystem::remove(state_dir + "/control", failure);
  if (purge) std::filesystem::remove_all(state_dir, failure);
  if (failure) return std::unexpected(os_error(failure.value(), fmt::format("remove {}", state_dir)));
  return pid != 0 || reaped > 0;
}

Result<HostPlan> one_host(const std::string& state_dir, const std::string& name) {
  HERDER_TRY(const LabRecord record, read_record(state_dir));
  const auto plan = record.kind == Kind::light ? light_plan(record.hosts) : machine_plan(record.hosts, record.prefix);
  HERDER_TRY(const auto found, find_hosts(plan, name));
  if (found.size() != 1) return fail(Errc::usage, "'{}' means {} hosts, not one", text::printable(name), found.size());
  return *found.front();
}

}  // namespace herder::lab
