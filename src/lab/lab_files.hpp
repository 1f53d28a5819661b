// The directory of a lab: what is in it and how clients' files are written. Layout: src/lab/README.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/fleet_plan.hpp"
#include "lab/light_settings.hpp"

namespace herder::lab {

enum class Kind : std::uint8_t { light, machine };

/// What `lab up` was last told, kept in DIR/lab.conf.
struct LabRecord {
  Kind kind = Kind::light;
  int hosts = 0;
  int port = 0;
  std::string prefix;  // machines: "10.213.0"
};

/// $XDG_STATE_HOME/herder/lab or ~/.local/state/herder/lab.
std::string default_state_dir();
/// Absolute, without link resolution; refuses names that ssh_config and inventories cannot hold (spaces, quotes).
Result<std::string> absolute_state_dir(const std::string& given);

/// Whether a lab was begun here, even if its start failed.
bool is_lab_directory(const std::string& state_dir);
/// Errors: not_found when there is no lab in this directory, parse.
Result<LabRecord> read_record(const std::string& state_dir);
Result<> write_record(const std::string& state_dir, const LabRecord& record);

/// Makes the directory (0700), keys and password where missing, and reads them. Errors: io, denied, conflict (a directory that
/// holds something else).
Result<LightSettings> open_state(const std::string& state_dir, int port);

/// Who is reached how: what hosts.ini, ssh_config and known_hosts say.
struct ClientFacts {
  std::string state_dir;
  std::string user;
  int port = 22;
  std::string python;  // "" to leave it to discovery
  std::vector<HostPlan> hosts;
  std::vector<std::string> host_keys;  // "ssh-ed25519 AAAA...", by index
};
/// Writes hosts.ini, ssh_config and known_hosts.
Result<> write_client_files(const ClientFacts& facts);
/// Host keys of light hosts.
std::vector<std::string> light_host_keys(const LightSettings& settings, const std::vector<HostPlan>& plan);

/// The login name of the calling user.
std::string current_user();

}  // namespace herder::lab
