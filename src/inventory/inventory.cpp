#include "inventory/inventory.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "inventory/address.hpp"
#include "inventory/builder.hpp"

namespace herder::inventory {
namespace {

constexpr std::array<std::string_view, 3> implicit_names{"localhost", "127.0.0.1", "::1"};

struct GroupListHash {
  std::size_t operator()(const std::vector<GroupId>& groups) const noexcept {
    std::size_t hash = groups.size();
    for (const GroupId group : groups) hash = hash * 0x9E3779B97F4A7C15U + index(group) + 1;
    return hash ^ (hash >> 29U);
  }
};

}  // namespace

Inventory::Inventory(Model model, VarsSettings settings)
    : model_(std::move(model)), settings_(std::move(settings)), files_(model_.merge_hashes, settings_.vault) {
  for (const std::string_view local : implicit_names) {
    const auto host = find_host(local);
    if (host && (!own_localhost_ || index(*host) < index(*own_localhost_))) own_localhost_ = host;
  }
}

std::string_view Inventory::name(HostId host) const noexcept {
  return is_implicit(host) ? implicit_names[index(host) - host_count()] : model_.host_names[index(host)];
}

std::optional<HostId> Inventory::find_host(std::string_view name) const noexcept {
  if (const auto number = model_.host_names.find(name)) return HostId{*number};
  return std::nullopt;
}

std::optional<HostId> Inventory::resolve(std::string_view name) const noexcept {
  if (const auto host = find_host(name)) return host;
  const auto local = std::ranges::find(implicit_names, name);
  if (local == implicit_names.end()) return std::nullopt;
  if (own_localhost_) return own_localhost_;
  return HostId{static_cast<std::uint32_t>(host_count() + static_cast<std::size_t>(local - implicit_names.begin()))};
}

Where Inventory::where(HostId host) const {
  if (is_implicit(host)) return {};
  return model_.where(model_.hosts[index(host)].source, model_.hosts[index(host)].line);
}

std::optional<GroupId> Inventory::find_group(std::string_view name) const noexcept {
  if (const auto number = model_.group_names.find(name)) return GroupId{*number};
  return std::nullopt;
}

std::vector<HostId> Inventory::hosts_of(GroupId group) const {
  std::vector<bool> group_seen(group_count(), false);
  std::vector<bool> host_seen(host_count(), false);
  std::vector<GroupId> open{group};
  group_seen[index(group)] = true;
  std::vector<HostId> hosts;
  for (std::size_t i = 0; i < open.size(); ++i) {
    for (const HostId host : direct_hosts(open[i])) {
      if (host_seen[index(host)]) continue;
      host_seen[index(host)] = true;
      hosts.push_back(host);
    }
    for (const GroupId child : children(open[i])) {
      if (group_seen[index(child)]) continue;
      group_seen[index(child)] = true;
      open.push_back(child);
    }
  }
  return hosts;
}

std::vector<GroupId> Inventory::closure(std::span<const GroupId> direct) const {
  std::vector<GroupId> groups;
  std::vector<bool> seen(group_count(), false);
  seen[index(group_all)] = true;
  const auto add = [&](GroupId group) {
    if (seen[index(group)]) return;
    seen[index(group)] = true;
    groups.push_back(group);
  };
  for (const GroupId group : direct) add(group);
  for (std::size_t i = 0; i < groups.size(); ++i)
    for (const GroupId parent : parents(groups[i])) add(parent);
  std::ranges::sort(groups, [this](GroupId a, GroupId b) {
    if (depth(a) != depth(b)) return depth(a) < depth(b);
    if (priority(a) != priority(b)) return priority(a) < priority(b);
    return name(a) < name(b);
  });
  return groups;
}

void Inventory::find_group_sets() const {
  std::unordered_map<std::vector<GroupId>, GroupSetId, GroupListHash> known;
  sets_.emplace_back();
  set_of_host_.reserve(host_count());
  std::vector<GroupId> direct;
  for (const HostRow& host : model_.hosts) {
    direct.clear();
    for (std::uint32_t at = host.memberships; at != no_index; at = model_.memberships[at].next)
      direct.push_back(model_.memberships[at].group);
    std::ranges::sort(direct);
    auto found = known.find(direct);
    if (found == known.end()) {
      found = known.emplace(direct, GroupSetId{static_cast<std::uint32_t>(sets_.size())}).first;
      sets_.push_back({closure(direct), std::nullopt});
    }
    set_of_host_.push_back(found->second);
  }
}

GroupSetId Inventory::group_set(HostId host) const {
  std::call_once(sets_once_, [this] { find_group_sets(); });
  return is_implicit(host) ? GroupSetId{0} : set_of_host_[index(host)];
}

std::span<const GroupId> Inventory::groups_of(HostId host) const { return sets_[std::to_underlying(group_set(host))].groups; }

std::vector<std::string_view> Inventory::group_names_of(HostId host) const {
  std::vector<std::string_view> names;
  for (const GroupId group : groups_of(host)) names.push_back(name(group));
  std::ranges::sort(names);
  return names;
}

}  // namespace herder::inventory
