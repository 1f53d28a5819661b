#include "inventory/listing.hpp"

#include <algorithm>
#include <array>

#include "inventory/builder.hpp"

namespace herder::inventory {
namespace {

// Sorted, for binary search.
constexpr auto internal_variables = std::to_array<std::string_view>({
    "ansible_async_path",
    "ansible_collection_name",
    "ansible_config_file",
    "ansible_dependent_role_names",
    "ansible_diff_mode",
    "ansible_facts",
    "ansible_forks",
    "ansible_inventory_sources",
    "ansible_limit",
    "ansible_play_batch",
    "ansible_play_hosts",
    "ansible_play_hosts_all",
    "ansible_play_role_names",
    "ansible_playbook_python",
    "ansible_role_name",
    "ansible_role_names",
    "ansible_run_tags",
    "ansible_skip_tags",
    "ansible_verbosity",
    "ansible_version",
    "group_names",
    "groups",
    "hostvars",
    "inventory_dir",
    "inventory_file",
    "inventory_hostname",
    "inventory_hostname_short",
    "play_hosts",
    "playbook_dir",
    "role_name",
    "role_names",
    "role_path",
    "role_uuid",
});
static_assert(std::ranges::is_sorted(internal_variables));

Value without_internal(const Value& vars) {
  const auto internal = [](const value::MapEntry& entry) {
    return entry.key.is_string() && is_internal_variable(entry.key.as_string());
  };
  if (std::ranges::none_of(vars.entries(), internal)) return vars;
  value::MapBuilder kept;
  for (const value::MapEntry& entry : vars.entries())
    if (!internal(entry)) kept.set(entry.key, entry.value);
  return std::move(kept).build();
}

}  // namespace

bool is_internal_variable(std::string_view name) noexcept { return std::ranges::binary_search(internal_variables, name); }

Result<Value> shown_host_vars(const Inventory& inventory, HostId host, const ListOptions& options) {
  if (options.exported) {
    HERDER_TRY(const Value own, inventory.host_part(host, options.explicit_playbook_dir), "listing host '{}'",
               inventory.name(host));
    return without_internal(own);
  }
  HERDER_TRY(const Value vars, inventory.host_vars(host), "listing host '{}'", inventory.name(host));
  return without_internal(combine_vars(vars, options.extra_vars, inventory.merges_hashes()));
}

Result<Value> shown_group_vars(const Inventory& inventory, GroupId group, const ListOptions& options) {
  HERDER_TRY(const Value vars, inventory.group_vars(group, options.explicit_playbook_dir), "listing group '{}'",
             inventory.name(group));
  value::MapBuilder shown(without_internal(vars));
  if (inventory.priority(group) != 1) shown.set("ansible_group_priority", Value(inventory.priority(group)));
  return std::move(shown).build();
}

std::vector<GroupId> groups_in_list_order(const Inventory& inventory) {
  std::vector<GroupId> order;
  std::vector<bool> seen(inventory.group_count(), false);
  // Depth first, with an own stack: inventories may nest deeper than a thread's stack.
  std::vector<std::pair<GroupId, std::size_t>> stack{{group_all, 0}};
  seen[index(group_all)] = true;
  order.push_back(group_all);
  while (!stack.empty()) {
    auto& [group, next] = stack.back();
    const auto children = inventory.children(group);
    if (next == children.size()) {
      stack.pop_back();
      continue;
    }
    const GroupId child = children[next++];
    if (seen[index(child)]) continue;
    seen[index(child)] = true;
    order.push_back(child);
    stack.emplace_back(child, 0);
  }
  return order;
}

}  // namespace herder::inventory
