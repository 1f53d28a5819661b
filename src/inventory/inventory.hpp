// Hosts, groups and their variables, as the sources and variable files say. Made by load() (loader.hpp), never changed after.
#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/model.hpp"
#include "inventory/vars_files.hpp"

namespace herder::inventory {

/// What an Inventory needs to find variables beyond the sources themselves.
struct VarsSettings {
  std::vector<std::string> inventory_dirs;  // real paths: group_vars/ and host_vars/ are looked for here, in this order
  std::string playbook_dir;                 // real path, or empty
  VaultDecryptor vault;
  std::string local_python;                 // interpreter of the implicit localhost
};

/// A group set: all hosts that get the same group variables share one.
enum class GroupSetId : std::uint32_t {};

/// Thread-safe; what is computed on demand (variables from files, group sets) is kept. A HostId is valid for the inventory that
/// gave it. Beside the hosts of the sources there are three implicit ones, "localhost", "127.0.0.1" and "::1", that are in no
/// group; resolve() gives them when no source names this machine.
class Inventory {
 public:
  Inventory(Model model, VarsSettings settings);
  Inventory(const Inventory&) = delete;
  Inventory& operator=(const Inventory&) = delete;

  // Hosts. Ids run from 0 to host_count() - 1 in the order of first mention.
  [[nodiscard]] std::size_t host_count() const noexcept { return model_.hosts.size(); }
  [[nodiscard]] std::string_view name(HostId host) const noexcept;
  [[nodiscard]] std::optional<HostId> find_host(std::string_view name) const noexcept;
  /// As find_host, but a name of this machine always gives a host: the one that sources call so, else the first one that they
  /// call by another of the three names, else an implicit one.
  [[nodiscard]] std::optional<HostId> resolve(std::string_view name) const noexcept;
  [[nodiscard]] bool is_implicit(HostId host) const noexcept { return index(host) >= host_count(); }
  /// Where a source names it first.
  [[nodiscard]] Where where(HostId host) const;

  // Groups. 0 is `all`, 1 is `ungrouped`.
  [[nodiscard]] std::size_t group_count() const noexcept { return model_.groups.size(); }
  [[nodiscard]] std::string_view name(GroupId group) const noexcept { return model_.group_names[index(group)]; }
  [[nodiscard]] std::optional<GroupId> find_group(std::string_view name) const noexcept;
  [[nodiscard]] std::span<const GroupId> children(GroupId group) const noexcept { return model_.groups[index(group)].children; }
  [[nodiscard]] std::span<const GroupId> parents(GroupId group) const noexcept { return model_.groups[index(group)].parents; }
  [[nodiscard]] std::span<const HostId> direct_hosts(GroupId group) const noexcept { return model_.groups[index(group)].hosts; }
  [[nodiscard]] std::uint32_t depth(GroupId group) const noexcept { return model_.groups[index(group)].depth; }
  [[nodiscard]] std::int64_t priority(GroupId group) const noexcept { return model_.groups[index(group)].priority; }
  /// The hosts of the group and of all groups below it, each once: its own first, then level by level.
  [[nodiscard]] std::vector<HostId> hosts_of(GroupId group) const;

  /// The groups of a host with all their ancestors, without `all`, in the order in which their variables are merged: depth,
  /// priority, name.
  [[nodiscard]] std::span<const GroupId> groups_of(HostId host) const;
  [[nodiscard]] GroupSetId group_set(HostId host) const;
  /// Names of groups_of(), sorted: `group_names`.
  [[nodiscard]] std::vector<std::string_view> group_names_of(HostId host) const;

  // Variables. Levels as in Ansible's documentation: 3 group variables of sources, 4 inventory group_vars/all, 5 playbook
  // group_vars/all, 6 inventory group_vars, 7 playbook group_vars, 8 host variables of sources, 9 inventory host_vars,
  // 10 playbook host_vars. Errors: a variable file that cannot be read.
  /// Levels 3 to 10 merged. O(variables of the host); the group part is shared by all hosts of a group set.
  Result<Value> host_vars(HostId host) const;
  /// One variable out of host_vars(), or nothing; looks only where it can come from.
  Result<std::optional<Value>> host_var(HostId host, std::string_view name) const;
  /// Levels 3 to 7.
  Result<Value> group_part(HostId host) const;
  /// Levels 8 to 10.
  Result<Value> host_part(HostId host, bool with_playbook_dir = true) const;
  /// What sources say about the group itself, its group_vars beside the inventory and, when asked, beside the playbook.
  Result<Value> group_vars(GroupId group, bool with_playbook_dir) const;
  [[nodiscard]] Value source_vars(HostId host) const;
  [[nodiscard]] Value source_vars(GroupId group) const { return model_.vars_of(model_.groups[index(group)].vars); }
  /// inventory_hostname, inventory_hostname_short, group_names, inventory_file, inventory_dir. Not part of host_vars().
  [[nodiscard]] Value magic_vars(HostId host) const;
  [[nodiscard]] bool merges_hashes() const noexcept { return model_.merge_hashes; }
  [[nodiscard]] bool has_playbook_dir() const noexcept { return !settings_.playbook_dir.empty(); }

  /// What was odd in variable files read since the last call.
  std::vector<Error> take_warnings() const { return files_.take_warnings(); }

 private:
  struct GroupSet {
    std::vector<GroupId> groups;
    std::optional<Result<Value>> vars;
  };

  Result<std::array<Value, 3>> host_layers(HostId host) const;  // levels 8, 9, 10
  void find_group_sets() const;
  [[nodiscard]] std::vector<GroupId> closure(std::span<const GroupId> direct) const;
  Result<Value> compute_group_part(std::span<const GroupId> groups) const;
  Result<Value> files_of_groups(const std::string& directory, std::span<const GroupId> groups) const;
  Result<Value> over_inventory_dirs(std::span<const GroupId> groups) const;

  Model model_;
  VarsSettings settings_;
  std::optional<HostId> own_localhost_;  // the first source host with one of the three names
  mutable VarsFiles files_;

  mutable std::once_flag sets_once_;
  mutable std::vector<GroupSetId> set_of_host_;  // written once under sets_once_
  mutable std::mutex sets_mutex_;                // guards GroupSet::vars
  mutable std::vector<GroupSet> sets_;           // 0: of implicit hosts, which are in no group
};

}  // namespace herder::inventory
