// What the shared option sets (common_options.hpp) say, as plain data for the commands that run on a fleet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/units.hpp"
#include "cli/parsed.hpp"
#include "report/make_reporter.hpp"
#include "value/value.hpp"

namespace herder::cli {

struct InventoryArgs {
  std::vector<std::string> sources;  // empty: /etc/ansible/hosts
  std::string limit;
};
InventoryArgs read_inventory_args(const Parsed& parsed);

struct ConnectionArgs {
  std::optional<std::string> connection;  // "ssh" or "local"
  std::optional<std::string> user;
  std::optional<int> port;
  std::vector<std::string> private_keys;
  bool ask_pass = false;
  std::string password_file;
  std::string ssh_config;  // empty: the user's and the system's
  bool accept_new = false;
  Duration connect_timeout{};
  bool connect_timeout_given = false;  // otherwise inventory and ssh_config may say something else
  bool keep = true;
  Value over_vars = Value::empty_map();   // win over the inventory's variables (-e of ansible)
  Value under_vars = Value::empty_map();  // hold where the inventory says nothing (--ssh-common-args of ansible)
};
/// Errors: usage, when a password is asked for and read from a file at once.
Result<ConnectionArgs> read_connection_args(const Parsed& parsed);

struct BecomeArgs {
  bool become = false;
  std::string user;
  std::string method;  // "sudo" or "su"
  bool ask_pass = false;
  std::string password_file;
};
/// Errors: usage, when it says how to become somebody without saying to.
Result<BecomeArgs> read_become_args(const Parsed& parsed);

struct FleetArgs {
  std::size_t forks = 256;
  std::optional<Amount> serial;
  std::optional<Duration> timeout;
  unsigned retries = 0;
  std::optional<Amount> max_fail;
};
/// Errors: usage, for a batch size of 0.
Result<FleetArgs> read_fleet_args(const Parsed& parsed);

/// `verbosity` is set from -v and -q; `fold_hosts` is left to the caller.
report::ReportSettings read_report_args(const Parsed& parsed);

}  // namespace herder::cli
