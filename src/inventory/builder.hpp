// Collects what the sources say and checks that it makes sense; then becomes an Inventory.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/model.hpp"

namespace herder::inventory {

/// Where variables of a name go: a host that has the name of a group gives its variables to the group, as in Ansible.
struct VarTarget {
  bool is_group = false;
  std::uint32_t number = 0;
};

/// The rules of Ansible's inventory data: groups `all` and `ungrouped` exist from the start; adding twice is no error; a host in
/// no other group ends in `ungrouped`; every group without parents becomes a child of `all`. One thread.
class InventoryBuilder {
 public:
  explicit InventoryBuilder(bool merge_hashes = false);

  /// What is added from here on comes from `path`; `directory` is what `inventory_dir` becomes.
  void begin_source(std::string path, std::string directory);
  /// The line of the current source, for hosts and groups that are new.
  void set_line(std::size_t line) noexcept { line_ = static_cast<std::uint32_t>(line); }

  [[nodiscard]] std::optional<GroupId> find_group(std::string_view name) const noexcept;
  [[nodiscard]] std::optional<HostId> find_host(std::string_view name) const noexcept;
  [[nodiscard]] std::string_view name(GroupId group) const noexcept { return model_.group_names[index(group)]; }
  [[nodiscard]] std::string_view name(HostId host) const noexcept { return model_.host_names[index(host)]; }
  [[nodiscard]] std::size_t host_count() const noexcept { return model_.hosts.size(); }
  /// Every group name, for suggestions.
  [[nodiscard]] std::vector<std::string> group_names() const;

  /// Errors: an empty name.
  Result<GroupId> add_group(std::string_view name);
  /// New or old; `port` becomes ansible_port of a new host only. Errors: an empty name.
  Result<HostId> add_host(std::string_view name, GroupId group, std::optional<std::uint16_t> port = {});
  /// Errors: conflict, when `child` already contains `group`; the text shows the cycle.
  Result<> add_child(GroupId group, GroupId child);

  [[nodiscard]] VarTarget var_target(HostId host) const noexcept;
  void set_var(VarTarget target, std::uint32_t name, Value value);
  void set_var(HostId host, std::uint32_t name, Value value) { set_var({false, index(host)}, name, std::move(value)); }
  /// `ansible_group_priority` sets the group's priority instead. Errors: parse, when that is no integer.
  Result<> set_group_var(GroupId group, std::uint32_t name, Value value);
  Result<> set_target_var(VarTarget target, std::uint32_t name, Value value);
  VarNames& var_names() noexcept { return model_.var_names; }

  /// Counts all changes; unchanged means that a reader that failed has left nothing behind.
  [[nodiscard]] std::uint64_t changes() const noexcept { return changes_; }
  void warn(Error warning) { warnings_.push_back(std::move(warning)); }
  [[nodiscard]] const std::vector<Error>& warnings() const noexcept { return warnings_; }

  /// Applies the rules for `all` and `ungrouped`, computes depths, takes the model out. Errors: conflict (a cycle through `all`).
  Result<Model> finish();

 private:
  VarChain& chain_of(VarTarget target) noexcept;
  void add_membership(HostId host, GroupId group);
  [[nodiscard]] bool is_member(HostId host, GroupId group) const noexcept;
  [[nodiscard]] std::optional<std::vector<GroupId>> way_down(GroupId from, GroupId to) const;
  [[nodiscard]] std::string cycle_text(const std::vector<GroupId>& way) const;
  Result<> place_groups();
  Result<> place_hosts();
  void compute_depths();
  void check_names();

  Model model_;
  std::vector<Error> warnings_;
  std::uint32_t source_ = no_index;
  std::uint32_t line_ = 0;
  std::uint64_t changes_ = 0;
  std::uint32_t priority_name_;
  std::uint32_t port_name_;
  std::optional<HostId> first_localhost_;
};

/// The three names that always mean the machine herder runs on.
bool is_localhost(std::string_view name) noexcept;

}  // namespace herder::inventory
