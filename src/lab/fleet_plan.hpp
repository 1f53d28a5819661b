// Which hosts a practice lab has: names, groups, addresses. The same number always gives the same hosts, and more hosts never
// rename the ones that were there, so that `lab up` can be repeated with another number.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace herder::lab {

inline constexpr int max_light_hosts = 2000;
inline constexpr int max_machines = 50;

struct HostPlan {
  std::size_t index = 0;  // from 0
  std::string name;       // "web01"
  std::string group;      // "web", "db" or "cache"
  std::string address;    // "127.2.0.1"
};

/// Hosts 0..count-1: half web, a fifth db, three tenths cache, interleaved so that every few hosts have all three.
/// Light hosts are 127.2.(index/250).(index%250+1).
std::vector<HostPlan> light_plan(int count);

/// The same names with the addresses PREFIX.(index+10), "10.213.0" for example.
std::vector<HostPlan> machine_plan(int count, std::string_view prefix);

/// The hosts that a person names: names, addresses, groups, globs ("web*"), "all"; several separated by commas.
/// Errors: not_found, with the nearest name.
Result<std::vector<const HostPlan*>> find_hosts(const std::vector<HostPlan>& plan, std::string_view names);

}  // namespace herder::lab
