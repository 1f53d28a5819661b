#include "cli/run_args.hpp"

#include "transport/ansible_cfg.hpp"

namespace herder::cli {

InventoryArgs read_inventory_args(const Parsed& parsed) { return {.sources = parsed.all("inventory"), .limit = parsed.text("limit")}; }

Result<ConnectionArgs> read_connection_args(const Parsed& parsed) {
  ConnectionArgs out{.connection = parsed.given("connection"),
                     .user = parsed.given("user"),
                     .private_keys = parsed.all("private-key"),
                     .ask_pass = parsed.flag("ask-pass"),
                     .password_file = parsed.text("connection-password-file"),
                     .ssh_config = parsed.text("ssh-config"),
                     .accept_new = parsed.flag("accept-new"),
                     .connect_timeout = parsed.duration("connect-timeout"),
                     .connect_timeout_given = parsed.origin("connect-timeout") != Origin::fallback,
                     .keep = !parsed.flag("no-keep")};
  if (parsed.has("port")) out.port = static_cast<int>(parsed.integer("port"));
  if (out.ask_pass && !out.password_file.empty()) return fail(Errc::usage, "--ask-pass and --connection-password-file exclude each other");
  if (out.connect_timeout <= Duration::zero()) return fail(Errc::usage, "--connect-timeout: must be more than nothing");
  return out;
}

Result<BecomeArgs> read_become_args(const Parsed& parsed) {
  BecomeArgs out{.become = parsed.flag("become"),
                 .user = parsed.text("become-user"),
                 .method = parsed.text("become-method"),
                 .ask_pass = parsed.flag("ask-become-pass"),
                 .password_file = parsed.text("become-password-file")};
  if (out.ask_pass && !out.password_file.empty()) return fail(Errc::usage, "--ask-become-pass and --become-password-file exclude each other");
  const bool details = parsed.origin("become-user") == Origin::given || parsed.origin("become-method") == Origin::given || !out.password_file.empty();
  if (details && !out.become)
    return std::unexpected(error(Errc::usage, "options about becoming another user are given, but --become is not").hint("add --become (-b)"));
  return out;
}

Result<FleetArgs> read_fleet_args(const Parsed& parsed) {
  FleetArgs out{.forks = static_cast<std::size_t>(parsed.integer("forks")), .retries = static_cast<unsigned>(parsed.integer("retries"))};
  if (parsed.origin("forks") == Origin::fallback) {
    HERDER_TRY(const transport::AnsibleConfig config, transport::AnsibleConfig::find());
    HERDER_TRY(const auto forks, config.forks());
    out.forks = forks.value_or(out.forks);
  }
  if (parsed.has("serial")) out.serial = parsed.amount("serial");
  if (parsed.has("max-fail")) out.max_fail = parsed.amount("max-fail");
  if (parsed.has("timeout")) out.timeout = parsed.duration("timeout");
  if (out.serial && out.serial->value <= 0) return fail(Errc::usage, "--serial: a batch needs at least one host");
  if (out.timeout && *out.timeout <= Duration::zero()) return fail(Errc::usage, "--timeout: must be more than nothing");
  return out;
}

report::ReportSettings read_report_args(const Parsed& parsed) {
  report::ReportSettings out;
  const std::string format = parsed.text("output");
  if (format == "json") out.format = report::Format::json;
  else if (format == "ndjson") out.format = report::Format::ndjson;
  else if (format == "yaml") out.format = report::Format::yaml;
  else if (format == "csv") out.format = report::Format::csv;
  const std::string progress = parsed.text("progress");
  if (progress == "live") out.progress = report::Progress::live;
  else if (progress == "lines") out.progress = report::Progress::lines;
  else if (progress == "none") out.progress = report::Progress::none;
  out.fold = parsed.toggle("fold");
  out.verbosity = parsed.flag("quiet") ? -1 : parsed.count("verbose");
  out.output_dir = parsed.text("output-dir");
  out.limits.output_bytes = static_cast<std::uint64_t>(parsed.size("output-limit"));
  return out;
}

}  // namespace herder::cli
