// What an inventory is made of: plain rows that point to each other by number. Written by InventoryBuilder, read by Inventory.
// A host of a few variables takes about 150 bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "inventory/name_table.hpp"
#include "value/value.hpp"

namespace herder::inventory {

/// Hosts and groups by number, in the order in which sources name them first.
enum class HostId : std::uint32_t {};
enum class GroupId : std::uint32_t {};
inline constexpr GroupId group_all{0};
inline constexpr GroupId group_ungrouped{1};

inline constexpr std::uint32_t no_index = UINT32_MAX;

template <class Id>
constexpr std::uint32_t index(Id id) noexcept {
  return std::to_underlying(id);
}

/// One assignment; those of a host or group form a chain, oldest first. Values share their heap nodes where they are equal.
struct VarLink {
  std::uint32_t name = 0;  // in VarNames
  std::uint32_t next = no_index;
  Value value;
};

struct VarChain {
  std::uint32_t first = no_index;
  std::uint32_t last = no_index;
};

/// A host in a group that names it directly; those of a host form a chain.
struct Membership {
  GroupId group{};
  std::uint32_t next = no_index;
};

struct HostRow {
  VarChain vars;
  std::uint32_t memberships = no_index;
  std::uint32_t source = no_index;  // the first that names it
  std::uint32_t line = 0;
};

struct GroupRow {
  VarChain vars;
  std::uint32_t source = no_index;
  std::uint32_t line = 0;
  std::int64_t priority = 1;
  std::uint32_t depth = 0;  // longest way down from a group without parents
  std::vector<GroupId> children;
  std::vector<GroupId> parents;
  std::vector<HostId> hosts;  // direct members
};

/// A file, script or host list that was read.
struct SourceRow {
  std::string path;
  std::string directory;  // of a file; empty for host lists
};

/// Names of variables. Nearly all are text; YAML allows any scalar.
class VarNames {
 public:
  std::uint32_t intern(std::string_view name);
  std::uint32_t intern_key(const Value& name);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const noexcept { return texts_.find(name); }
  [[nodiscard]] Value key(std::uint32_t number) const;
  /// Those that templates cannot use.
  [[nodiscard]] std::vector<std::uint32_t> invalid() const;

 private:
  static constexpr std::uint32_t odd_bit = 0x8000'0000U;
  NameTable texts_;
  std::vector<Value> keys_;      // of texts_: one shared node for each name
  std::vector<Value> odd_keys_;  // names that are no text
};

struct Model {
  NameTable host_names;
  NameTable group_names;
  VarNames var_names;
  std::vector<HostRow> hosts;
  std::vector<GroupRow> groups;
  std::vector<VarLink> vars;
  std::vector<Membership> memberships;
  std::vector<SourceRow> sources;
  bool merge_hashes = false;  // hash_behaviour=merge

  /// The map that a chain stands for: later assignments win (and merge maps when merge_hashes).
  [[nodiscard]] Value vars_of(VarChain chain) const;
  [[nodiscard]] Where where(std::uint32_t source, std::uint32_t line) const;
};

/// Two sets of variables as Ansible merges them: `over` wins; with `merge_hashes` maps inside are merged, too.
Value combine_vars(const Value& base, const Value& over, bool merge_hashes);

}  // namespace herder::inventory
