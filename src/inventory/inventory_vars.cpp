// Variables of hosts: levels 3 to 10, merged in Ansible's order.
#include <array>

#include "inventory/address.hpp"
#include "inventory/inventory.hpp"

namespace herder::inventory {

Value Inventory::source_vars(HostId host) const {
  if (!is_implicit(host)) return model_.vars_of(model_.hosts[index(host)].vars);
  return Value::map({{"ansible_python_interpreter", Value(settings_.local_python)}, {"ansible_connection", "local"}});
}

Result<Value> Inventory::files_of_groups(const std::string& directory, std::span<const GroupId> groups) const {
  Value vars = Value::empty_map();
  for (const GroupId group : groups) {
    HERDER_TRY(const Value more, files_.get(directory, VarsFor::group, name(group)));
    vars = combine_vars(vars, more, model_.merge_hashes);
  }
  return vars;
}

Result<Value> Inventory::over_inventory_dirs(std::span<const GroupId> groups) const {
  Value vars = Value::empty_map();
  for (const std::string& directory : settings_.inventory_dirs) {
    HERDER_TRY(const Value more, files_of_groups(directory, groups));
    vars = combine_vars(vars, more, model_.merge_hashes);
  }
  return vars;
}

Result<Value> Inventory::compute_group_part(std::span<const GroupId> groups) const {
  constexpr std::array only_all{group_all};
  const bool merge = model_.merge_hashes;
  const auto from_playbook = [this](std::span<const GroupId> which) {
    return has_playbook_dir() ? files_of_groups(settings_.playbook_dir, which) : Result<Value>(Value::empty_map());
  };
  Value from_sources = Value::empty_map();
  for (const GroupId group : groups) from_sources = combine_vars(from_sources, source_vars(group), merge);

  Value vars = combine_vars(source_vars(group_all), from_sources, merge);
  HERDER_TRY(const Value all_inventory, over_inventory_dirs(only_all));
  vars = combine_vars(vars, all_inventory, merge);
  HERDER_TRY(const Value all_playbook, from_playbook(only_all));
  vars = combine_vars(vars, all_playbook, merge);
  HERDER_TRY(const Value groups_inventory, over_inventory_dirs(groups));
  vars = combine_vars(vars, groups_inventory, merge);
  HERDER_TRY(const Value groups_playbook, from_playbook(groups));
  return combine_vars(vars, groups_playbook, merge);
}

Result<Value> Inventory::group_part(HostId host) const {
  const auto set = std::to_underlying(group_set(host));
  const std::scoped_lock lock(sets_mutex_);
  GroupSet& groups = sets_[set];
  if (!groups.vars) groups.vars = compute_group_part(groups.groups);
  return *groups.vars;
}

Result<std::array<Value, 3>> Inventory::host_layers(HostId host) const {
  std::array<Value, 3> layers{source_vars(host), Value::empty_map(), Value::empty_map()};
  for (const std::string& directory : settings_.inventory_dirs) {
    HERDER_TRY(const Value more, files_.get(directory, VarsFor::host, name(host)));
    layers[1] = combine_vars(layers[1], more, model_.merge_hashes);
  }
  if (has_playbook_dir()) { HERDER_TRY(layers[2], files_.get(settings_.playbook_dir, VarsFor::host, name(host))); }
  return layers;
}

Result<Value> Inventory::host_part(HostId host, bool with_playbook_dir) const {
  HERDER_TRY(const auto layers, host_layers(host));
  const Value vars = combine_vars(layers[0], layers[1], model_.merge_hashes);
  return with_playbook_dir ? combine_vars(vars, layers[2], model_.merge_hashes) : vars;
}

Result<Value> Inventory::host_vars(HostId host) const {
  HERDER_TRY(Value vars, group_part(host));
  HERDER_TRY(const auto layers, host_layers(host));
  // One after the other: merging maps is not associative when a value is a map in one layer and none in the next.
  for (const Value& layer : layers) vars = combine_vars(vars, layer, model_.merge_hashes);
  return vars;
}

Result<std::optional<Value>> Inventory::host_var(HostId host, std::string_view name) const {
  const auto look_in = [name](const Value& vars) -> std::optional<Value> {
    const Value* found = vars.find(name);
    return found == nullptr ? std::nullopt : std::optional(*found);
  };
  if (model_.merge_hashes) {
    HERDER_TRY(const Value vars, host_vars(host));
    return look_in(vars);
  }
  HERDER_TRY(const auto layers, host_layers(host));
  for (std::size_t i = layers.size(); i-- > 0;)
    if (auto found = look_in(layers[i])) return found;
  HERDER_TRY(const Value base, group_part(host));
  return look_in(base);
}

Result<Value> Inventory::group_vars(GroupId group, bool with_playbook_dir) const {
  const std::array only{group};
  Value vars = source_vars(group);
  HERDER_TRY(const Value beside, over_inventory_dirs(only));
  vars = combine_vars(vars, beside, model_.merge_hashes);
  if (!with_playbook_dir || !has_playbook_dir()) return vars;
  HERDER_TRY(const Value playbook, files_of_groups(settings_.playbook_dir, only));
  return combine_vars(vars, playbook, model_.merge_hashes);
}

Value Inventory::magic_vars(HostId host) const {
  const std::string_view full = name(host);
  value::MapBuilder vars;
  vars.set("inventory_hostname", full);
  vars.set("inventory_hostname_short", is_ip_address(full) ? full : full.substr(0, full.find('.')));
  value::ListBuilder groups;
  for (const std::string_view group : group_names_of(host)) groups.push_back(group);
  vars.set("group_names", std::move(groups).build());
  const std::uint32_t source = is_implicit(host) ? no_index : model_.hosts[index(host)].source;
  if (source != no_index) {
    vars.set("inventory_file", model_.sources[source].path);
    vars.set("inventory_dir", model_.sources[source].directory.empty() ? Value() : Value(model_.sources[source].directory));
  }
  return std::move(vars).build();
}

}  // namespace herder::inventory
