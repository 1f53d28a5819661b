// What `herder lab` does, as plain functions that wait. They work on the lab of one directory.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lab/fault.hpp"
#include "lab/lab_files.hpp"

namespace herder::lab {

struct UpRequest {
  std::string state_dir;      // absolute
  int hosts = 1;
  std::optional<int> port;    // light hosts; nothing: as before, else 22022; 0: one that is free
  std::function<void(std::string)> progress;  // what takes long, for a person; may be empty
};

struct UpOutcome {
  LabRecord record;
  std::vector<HostPlan> hosts;
  int pid = 0;               // of the process that runs the lab
  bool was_running = false;
};

/// Starts the lab, or gives a running one another size. Afterwards every host answers.
Result<UpOutcome> up(const UpRequest& request);

struct HostStatus {
  std::string name;
  std::string group;
  std::string address;
  std::int64_t connections = 0;
  std::string state;  // "ok", or what is wrong
};
struct Listing {
  LabRecord record;
  int pid = 0;  // 0: the lab is not running
  std::vector<HostStatus> hosts;
};
/// Errors: not_found when there is no lab.
Result<Listing> list(const std::string& state_dir);

/// `hosts` as find_hosts() takes them. Errors: not_found (no such host, no running lab), unsupported (machines have no such faults).
Result<> break_hosts(const std::string& state_dir, const std::string& hosts, const Faults& faults);
Result<> mend_hosts(const std::string& state_dir, const std::string& hosts);
Result<> reset_hosts(const std::string& state_dir, const std::string& hosts);

/// Stops everything. True when there was something to stop. `purge` also removes the directory.
Result<bool> down(const std::string& state_dir, bool purge);

/// The one host that `name` means in a lab that is running. Errors: not_found.
Result<HostPlan> one_host(const std::string& state_dir, const std::string& name);

}  // namespace herder::lab
