// What `ansible-inventory --list | --host | --graph` prints.
#pragma once

#include <optional>
#include <vector>

#include "inventory/inventory.hpp"
#include "inventory/sink.hpp"

namespace herder::inventory {

struct ListOptions {
  /// --export: variables stay with the group or host that defines them, instead of merged into each host.
  bool exported = false;
  /// The playbook directory was asked for (--playbook-dir), it is not just the working directory: then groups' own variables and
  /// exported hosts take its group_vars/ and host_vars/, too.
  bool explicit_playbook_dir = false;
  /// -e: win over everything, in merged output only.
  Value extra_vars = Value::empty_map();
  /// Only these hosts (--limit); nothing: all.
  std::optional<std::vector<HostId>> hosts;
};

/// Variables of a host as lists show them: without those that Ansible keeps to itself (inventory_hostname, groups ...).
Result<Value> shown_host_vars(const Inventory& inventory, HostId host, const ListOptions& options = {});
/// The same for a group, with ansible_group_priority when it is not 1.
Result<Value> shown_group_vars(const Inventory& inventory, GroupId group, const ListOptions& options = {});

/// The whole list as JSON text, byte for byte as ansible-inventory prints it where that is determined (the order of hosts of
/// nested groups is not). Memory does not grow with the output. Errors: variable files, those of `sink`.
Result<> write_list_json(const Inventory& inventory, const ListOptions& options, const Sink& sink);
/// The same as a value: {group: {hosts, children, vars}, _meta: {hostvars, profile}}. Holds everything in memory.
Result<Value> list_json(const Inventory& inventory, const ListOptions& options = {});
/// The shape of `--list --yaml`: groups nested, each host with its variables where it comes first.
Result<Value> list_yaml(const Inventory& inventory, const ListOptions& options = {});

/// The text of `--list --yaml`. Holds everything in memory.
Result<> write_list_yaml(const Inventory& inventory, const ListOptions& options, const Sink& sink);

enum class ListFormat : std::uint8_t { json, yaml };
/// What `--host NAME` prints, ending in a newline: shown_host_vars() as text.
Result<std::string> host_text(const Inventory& inventory, HostId host, ListFormat format, const ListOptions& options = {});

/// The host that a person means by `name`, implicit ones included. Errors: not_found, with the nearest name.
Result<HostId> require_host(const Inventory& inventory, std::string_view name);
/// The group of that name. Errors: not_found, with the nearest name.
Result<GroupId> require_group(const Inventory& inventory, std::string_view name);

struct GraphOptions {
  bool vars = false;  // --vars
  ListOptions list{};
};
/// The tree of groups from `start`, as `--graph` prints it, ending in a newline.
Result<> write_graph(const Inventory& inventory, GroupId start, const GraphOptions& options, const Sink& sink);

/// Groups that a list shows, in the order of ansible-inventory's walk (each once, depth first).
std::vector<GroupId> groups_in_list_order(const Inventory& inventory);

/// Names that lists leave out.
bool is_internal_variable(std::string_view name) noexcept;

}  // namespace herder::inventory
