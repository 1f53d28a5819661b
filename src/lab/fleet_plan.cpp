#include "lab/fleet_plan.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace herder::lab {
namespace {

constexpr std::array<std::string_view, 10> wheel{"web", "db", "web", "cache", "web", "cache", "web", "db", "web", "cache"};

std::vector<HostPlan> plan_names(int count) {
  std::vector<HostPlan> plan;
  std::array<int, 3> counters{};
  for (int i = 0; i < count; ++i) {
    const std::string_view group = wheel[static_cast<std::size_t>(i) % wheel.size()];
    const int number = ++counters[group == "web" ? 0 : group == "db" ? 1 : 2];
    plan.push_back({.index = static_cast<std::size_t>(i), .name = fmt::format("{}{:02}", group, number), .group = std::string(group)});
  }
  return plan;
}

bool means(const HostPlan& host, std::string_view name) {
  return name == "all" || name == host.group || name == host.address || text::glob_match(name, host.name);
}

Error unknown_host(const std::vector<HostPlan>& plan, std::string_view name) {
  std::vector<std::string> names;
  for (const HostPlan& host : plan) names.push_back(host.name);
  const auto near = text::nearest(name, names);
  return error(Errc::not_found, "the lab has no host '{}'", text::printable(name))
      .hint(near ? fmt::format("did you mean '{}'?", *near) : "'herder lab list' shows its hosts");
}

}  // namespace

std::vector<HostPlan> light_plan(int count) {
  std::vector<HostPlan> plan = plan_names(count);
  for (HostPlan& host : plan) host.address = fmt::format("127.2.{}.{}", host.index / 250, host.index % 250 + 1);
  return plan;
}

std::vector<HostPlan> machine_plan(int count, std::string_view prefix) {
  std::vector<HostPlan> plan = plan_names(count);
  for (HostPlan& host : plan) host.address = fmt::format("{}.{}", prefix, host.index + 10);
  return plan;
}

Result<std::vector<const HostPlan*>> find_hosts(const std::vector<HostPlan>& plan, std::string_view names) {
  std::vector<bool> chosen(plan.size());
  for (const std::string_view piece : text::split(names, ',')) {
    const std::string_view name = text::trim(piece);
    bool any = false;
    for (const HostPlan& host : plan) {
      if (name.empty() || !means(host, name)) continue;
      chosen[host.index] = true;
      any = true;
    }
    if (!any) return std::unexpected(unknown_host(plan, name));
  }
  std::vector<const HostPlan*> found;
  for (const HostPlan& host : plan)
    if (chosen[host.index]) found.push_back(&host);
  return found;
}

}  // namespace herder::lab
