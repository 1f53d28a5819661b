// What all list formats share: which hosts and groups are shown.
#pragma once

#include <vector>

#include "inventory/listing.hpp"

namespace herder::inventory {

/// What a list shows of a group.
struct GroupEntry {
  GroupId group{};
  std::vector<HostId> hosts;
  Value vars = Value::empty_map();  // exported lists only
};

/// Which hosts a list may show: those of `all` that the options let through.
class Available {
 public:
  Available(const Inventory& inventory, const ListOptions& options);
  [[nodiscard]] bool contains(HostId host) const { return shown_[index(host)]; }
  /// In inventory order.
  [[nodiscard]] const std::vector<HostId>& hosts() const noexcept { return hosts_; }

 private:
  std::vector<HostId> hosts_;
  std::vector<bool> shown_;
};

/// Direct hosts (none for `all`) and, in exported lists, variables. Errors: variable files.
Result<GroupEntry> entry_of(const Inventory& inventory, GroupId group, const Available& available, const ListOptions& options);

}  // namespace herder::inventory
