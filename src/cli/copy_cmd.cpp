// herder copy and herder fetch: files to and from many hosts.
#include <sys/stat.h>

#include <cerrno>
#include <map>

#include "base/error_format.hpp"
#include "base/text.hpp"
#include "cli/common_options.hpp"
#include "cli/fleet.hpp"
#include "cli/io.hpp"
#include "cli/run_args.hpp"
#include "engine/transfer.hpp"
#include "report/file_view.hpp"

namespace herder::cli {
namespace {

constexpr Option copy_options[] = {
    {.name = "recursive", .letter = 'r', .help = "copy whole directories"},
    {.name = "checksum", .help = "decide by SHA-256 what is there already, and verify what was copied (needs sha256sum on the hosts)"},
    {.name = "mode", .arg = Arg::text, .value = "MODE", .sees = "as the source", .help = "give the copied files this mode, in octal"},
};
constexpr OptionSet copy_sets[] = {{"Copy", copy_options}, fleet_set, output_set, inventory_set, connection_set, global_set};

constexpr Operand copy_operands[] = {
    {.name = "SOURCE", .arg = Arg::file, .help = "a local file, or with -r a directory"},
    {.name = "PATTERN:DEST", .arg = Arg::hosts, .help = "the hosts and the path there; into it when it is a directory"},
};
constexpr Operand fetch_operands[] = {
    {.name = "PATTERN:SOURCE", .arg = Arg::hosts, .help = "the hosts and the path there"},
    {.name = "DEST", .arg = Arg::directory, .help = "a local directory, which gets one folder for each host"},
};
constexpr Example copy_examples[] = {
    {"copy motd web:/etc/motd", "one file to all of web"},
    {"copy -r conf.d/ all:/srv/app/", "a directory into /srv/app"},
};
constexpr Example fetch_examples[] = {
    {"fetch web:/var/log/syslog logs", "makes logs/web1/syslog, logs/web2/syslog, ..."},
};

struct CopyArgs {
  std::string local;    // a path here
  std::string pattern;
  std::string remote;   // a path there
  engine::TransferOptions options;
  InventoryArgs inventory;
  ConnectionArgs connection;
  FleetArgs fleet;
  report::ReportSettings report;
};

/// "web:&prod:/etc/motd": the path begins after the last colon that is followed by a path. A path with a colon of its own must begin
/// with '/', './' or '~/' - then it begins at the first such place.
Result<> split_place(const std::string& place, CopyArgs& out) {
  std::size_t at = std::string::npos;
  for (const std::string_view mark : {":/", ":./", ":~/"}) at = std::min(at, place.find(mark));
  if (at == std::string::npos) at = place.rfind(':');
  if (at == std::string::npos || at == 0 || at + 1 == place.size())
    return std::unexpected(error(Errc::usage, "'{}' is not PATTERN:PATH", place).hint("for example web:/etc/motd"));
  out.pattern = place.substr(0, at);
  out.remote = place.substr(at + 1);
  if (out.remote.starts_with("~/")) out.remote.erase(0, 2);  // SFTP begins in the home directory
  return {};
}

Result<CopyArgs> read_common(const Parsed& parsed, const char* local, const char* place) {
  CopyArgs out;
  out.local = parsed.operand(local);
  HERDER_TRY_VOID(split_place(parsed.operand(place), out));
  out.options.recursive = parsed.flag("recursive");
  out.options.checksum = parsed.flag("checksum");
  if (const std::string mode = parsed.text("mode"); !mode.empty()) {
    std::size_t used = 0;
    for (const char c : mode) {
      if (c < '0' || c > '7' || used++ > 4) return std::unexpected(error(Errc::usage, "--mode: '{}' is no octal mode", mode).hint("for example 0644"));
      out.options.mode = out.options.mode * 8 + static_cast<std::uint32_t>(c - '0');
    }
  }
  out.inventory = read_inventory_args(parsed);
  HERDER_TRY(out.connection, read_connection_args(parsed));
  HERDER_TRY(out.fleet, read_fleet_args(parsed));
  out.report = read_report_args(parsed);
  return out;
}

engine::ExecPlan plan_of(const CopyArgs& args, const char* kind, std::string what) {
  engine::ExecPlan plan;
  plan.kind = kind;
  plan.command = std::move(what);
  plan.forks = args.fleet.forks;
  if (args.fleet.serial) plan.serial = {*args.fleet.serial};
  plan.timeout = args.fleet.timeout.value_or(Duration::zero());
  plan.retries = args.fleet.retries;
  plan.max_fail = args.fleet.max_fail;
  return plan;
}

int complain(const Error& failure, Io& io) {
  io.err.write(format_error(failure, {.color = io.color_err, .verbosity = io.verbosity}));
  return failure.code == Errc::usage || failure.code == Errc::parse ? exit_code::usage : exit_code::herder;
}

Async<Result<std::string>> upload_to(transport::Session* session, std::shared_ptr<const engine::LocalTree> tree, std::string destination,
                                     engine::TransferOptions options, Deadline deadline) {
  HERDER_CO_TRY(const engine::TransferTotals totals, co_await engine::upload(*session, *tree, std::move(destination), options, std::move(deadline)));
  co_return totals.text();
}

Async<Result<std::string>> download_to(transport::Session* session, std::string source, std::string folder, engine::TransferOptions options,
                                       Deadline deadline) {
  HERDER_CO_TRY(const engine::TransferTotals totals,
                co_await engine::download(*session, std::move(source), std::move(folder), options, std::move(deadline)));
  co_return totals.text();
}

int run_copy(const CopyArgs& args, Io& io) {
  auto scanned = engine::scan_local(args.local, args.options.recursive);
  if (!scanned) return complain(scanned.error(), io);
  auto tree = std::make_shared<const engine::LocalTree>(*std::move(scanned));
  auto fleet = choose_fleet(args.pattern, args.inventory, args.connection);
  if (!fleet) return complain(fleet.error(), io);
  engine::ExecPlan plan = plan_of(args, "copy", fmt::format("{} -> {}", args.local, args.remote));
  plan.work = engine::HostWork{[tree, args](transport::Session& session, const engine::ExecHost&, Deadline deadline) {
    return upload_to(&session, tree, args.remote, args.options, std::move(deadline));
  }};
  return run_and_report(std::move(plan), *std::move(fleet), args.connection, args.report, io);
}

int run_fetch(const CopyArgs& args, Io& io) {
  if (::mkdir(args.local.c_str(), 0755) != 0 && errno != EEXIST) return complain(os_error(errno, fmt::format("make the directory '{}'", args.local)), io);
  auto fleet = choose_fleet(args.pattern, args.inventory, args.connection);
  if (!fleet) return complain(fleet.error(), io);
  // Two names must not meet in one folder.
  std::map<std::string, std::string> folders;
  for (const engine::ExecHost& host : fleet->hosts) {
    const auto [it, fresh] = folders.emplace(report::file_name_for(host.name), host.name);
    if (!fresh) return complain(error(Errc::conflict, "hosts '{}' and '{}' would share the folder '{}'", it->second, host.name, it->first), io);
  }
  engine::ExecPlan plan = plan_of(args, "fetch", fmt::format("{} -> {}", args.remote, args.local));
  plan.work = engine::HostWork{[args](transport::Session& session, const engine::ExecHost& host, Deadline deadline) {
    return download_to(&session, args.remote, args.local + "/" + report::file_name_for(host.name), args.options, std::move(deadline));
  }};
  return run_and_report(std::move(plan), *std::move(fleet), args.connection, args.report, io);
}

Result<Action> prepare_copy(const Parsed& parsed) {
  HERDER_TRY(CopyArgs args, read_common(parsed, "SOURCE", "PATTERN:DEST"));
  return Action([args = std::move(args)](Io& io) { return run_copy(args, io); });
}

Result<Action> prepare_fetch(const Parsed& parsed) {
  HERDER_TRY(CopyArgs args, read_common(parsed, "DEST", "PATTERN:SOURCE"));
  return Action([args = std::move(args)](Io& io) { return run_fetch(args, io); });
}

}  // namespace

extern constinit const Command copy_command{
    .name = "copy",
    .summary = "copy a file or directory to many hosts",
    .about = "Over SFTP. Files that are there already, with the same size and time (or, with --checksum, the same content), are not sent again,\n"
             "so a copy that was cut goes on where it was. A file is written beside its place and renamed: nobody sees half of it.",
    .sets = copy_sets,
    .operands = copy_operands,
    .examples = copy_examples,
    .prepare = prepare_copy,
};

extern constinit const Command fetch_command{
    .name = "fetch",
    .summary = "copy a file or directory from many hosts",
    .about = "Over SFTP, into one folder for each host. Links and special files on the hosts are skipped and counted. File names that a host\n"
             "sends cannot lead outside its folder.",
    .sets = copy_sets,
    .operands = fetch_operands,
    .examples = fetch_examples,
    .prepare = prepare_fetch,
};

}  // namespace herder::cli
