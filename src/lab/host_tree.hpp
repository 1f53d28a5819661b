// The files of light hosts: a small tree that looks like a server's, in each host's home.
#pragma once

#include <string>
#include <vector>

#include "lab/fleet_plan.hpp"
#include "lab/light_settings.hpp"

namespace herder::lab {

/// Makes the homes that are missing, with their files; homes that are there are left alone. Errors: io, denied.
Result<> make_trees(const LightSettings& settings, const std::vector<HostPlan>& plan);
/// Removes what a host has and makes it anew.
Result<> renew_tree(const LightSettings& settings, const HostPlan& host);
/// The programs in bin/ that make hosts look different: hostname, and uname -n.
Result<> make_programs(const LightSettings& settings);

}  // namespace herder::lab
