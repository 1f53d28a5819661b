#include "inventory/list_parts.hpp"

namespace herder::inventory {

Available::Available(const Inventory& inventory, const ListOptions& options)
    : hosts_(inventory.hosts_of(group_all)), shown_(inventory.host_count(), false) {
  for (const HostId host : hosts_) shown_[index(host)] = true;
  if (!options.hosts) return;
  std::vector<bool> limit(inventory.host_count() + 3, false);
  for (const HostId host : *options.hosts) limit[index(host)] = true;
  std::erase_if(hosts_, [&](HostId host) { return !limit[index(host)]; });
  for (std::size_t i = 0; i < shown_.size(); ++i) shown_[i] = shown_[i] && limit[i];
}

Result<GroupEntry> entry_of(const Inventory& inventory, GroupId group, const Available& available, const ListOptions& options) {
  GroupEntry entry{.group = group};
  if (group != group_all) {
    for (const HostId host : inventory.direct_hosts(group))
      if (available.contains(host)) entry.hosts.push_back(host);
  }
  if (options.exported) { HERDER_TRY(entry.vars, shown_group_vars(inventory, group, options)); }
  return entry;
}

}  // namespace herder::inventory
