#include "inventory/builder.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "inventory/var_name.hpp"

namespace herder::inventory {

bool is_localhost(std::string_view name) noexcept { return name == "localhost" || name == "127.0.0.1" || name == "::1"; }

InventoryBuilder::InventoryBuilder(bool merge_hashes)
    : priority_name_(model_.var_names.intern("ansible_group_priority")), port_name_(model_.var_names.intern("ansible_port")) {
  model_.merge_hashes = merge_hashes;
  for (const std::string_view name : {"all", "ungrouped"}) {
    model_.group_names.intern(name);
    model_.groups.emplace_back();
  }
  model_.groups[index(group_all)].children.push_back(group_ungrouped);
  model_.groups[index(group_ungrouped)].parents.push_back(group_all);
}

void InventoryBuilder::begin_source(std::string path, std::string directory) {
  source_ = static_cast<std::uint32_t>(model_.sources.size());
  line_ = 0;
  model_.sources.push_back({std::move(path), std::move(directory)});
}

std::optional<GroupId> InventoryBuilder::find_group(std::string_view name) const noexcept {
  if (const auto number = model_.group_names.find(name)) return GroupId{*number};
  return std::nullopt;
}

std::optional<HostId> InventoryBuilder::find_host(std::string_view name) const noexcept {
  if (const auto number = model_.host_names.find(name)) return HostId{*number};
  return std::nullopt;
}

std::vector<std::string> InventoryBuilder::group_names() const {
  std::vector<std::string> names;
  names.reserve(model_.groups.size());
  for (std::uint32_t i = 0; i < model_.groups.size(); ++i) names.emplace_back(model_.group_names[i]);
  return names;
}

Result<GroupId> InventoryBuilder::add_group(std::string_view name) {
  if (name.empty()) return fail(Errc::parse, "a group has an empty name");
  const std::uint32_t number = model_.group_names.intern(name);
  if (number == model_.groups.size()) {
    GroupRow& row = model_.groups.emplace_back();
    row.source = source_;
    row.line = line_;
    ++changes_;
  }
  return GroupId{number};
}

Result<HostId> InventoryBuilder::add_host(std::string_view name, GroupId group, std::optional<std::uint16_t> port) {
  if (name.empty()) return fail(Errc::parse, "a host has an empty name");
  const HostId host{model_.host_names.intern(name)};
  if (index(host) == model_.hosts.size()) {
    HostRow& row = model_.hosts.emplace_back();
    row.source = source_;
    row.line = line_;
    ++changes_;
    if (port) set_var(host, port_name_, Value(static_cast<std::int64_t>(*port)));
    if (is_localhost(name)) {
      if (!first_localhost_) {
        first_localhost_ = host;
      } else {
        warn(error(Errc::conflict, "'{}' names this machine a second time: '{}' is there already", name,
                   this->name(*first_localhost_))
                 .at(model_.where(source_, line_)));
      }
    }
  }
  if (!is_member(host, group)) {
    add_membership(host, group);
    model_.groups[index(group)].hosts.push_back(host);
    ++changes_;
  }
  return host;
}

bool InventoryBuilder::is_member(HostId host, GroupId group) const noexcept {
  for (std::uint32_t at = model_.hosts[index(host)].memberships; at != no_index; at = model_.memberships[at].next)
    if (model_.memberships[at].group == group) return true;
  return false;
}

void InventoryBuilder::add_membership(HostId host, GroupId group) {
  HostRow& row = model_.hosts[index(host)];
  model_.memberships.push_back({group, row.memberships});
  row.memberships = static_cast<std::uint32_t>(model_.memberships.size()) - 1;
}

std::optional<std::vector<GroupId>> InventoryBuilder::way_down(GroupId from, GroupId to) const {
  if (from == to) return std::vector{from};
  std::vector<GroupId> came_from(model_.groups.size(), from);
  std::vector<bool> seen(model_.groups.size(), false);
  std::vector<GroupId> open{from};
  seen[index(from)] = true;
  for (std::size_t i = 0; i < open.size(); ++i) {
    for (const GroupId child : model_.groups[index(open[i])].children) {
      if (seen[index(child)]) continue;
      seen[index(child)] = true;
      came_from[index(child)] = open[i];
      if (child != to) {
        open.push_back(child);
        continue;
      }
      std::vector<GroupId> way{to};
      while (way.back() != from) way.push_back(came_from[index(way.back())]);
      std::ranges::reverse(way);
      return way;
    }
  }
  return std::nullopt;
}

std::string InventoryBuilder::cycle_text(const std::vector<GroupId>& way) const {
  std::string text;
  for (const GroupId group : way) text += fmt::format("{} -> ", name(group));
  return text + std::string(name(way.front()));
}

Result<> InventoryBuilder::add_child(GroupId group, GroupId child) {
  GroupRow& parent = model_.groups[index(group)];
  GroupRow& row = model_.groups[index(child)];
  if (std::ranges::find(row.parents, group) != row.parents.end()) return {};
  // A group without children and other than `group` cannot close a cycle.
  if (group == child || !row.children.empty()) {
    if (const auto way = way_down(child, group)) {
      std::vector<GroupId> cycle{group};
      if (group != child) cycle.insert(cycle.end(), way->begin(), way->end() - 1);
      return std::unexpected(error(Errc::conflict, "groups contain each other: {}", cycle_text(cycle))
                                 .hint(fmt::format("take '{}' out of the children of '{}', or out of a group further down",
                                                   name(child), name(group))));
    }
  }
  parent.children.push_back(child);
  row.parents.push_back(group);
  ++changes_;
  return {};
}

VarTarget InventoryBuilder::var_target(HostId host) const noexcept {
  if (const auto group = model_.group_names.find(name(host))) return {true, *group};
  return {false, index(host)};
}

VarChain& InventoryBuilder::chain_of(VarTarget target) noexcept {
  return target.is_group ? model_.groups[target.number].vars : model_.hosts[target.number].vars;
}

void InventoryBuilder::set_var(VarTarget target, std::uint32_t name, Value value) {
  VarChain& chain = chain_of(target);
  const auto number = static_cast<std::uint32_t>(model_.vars.size());
  if (chain.first == no_index)
    chain.first = number;
  else
    model_.vars[chain.last].next = number;
  chain.last = number;
  model_.vars.push_back({name, no_index, std::move(value)});
  ++changes_;
}

Result<> InventoryBuilder::set_group_var(GroupId group, std::uint32_t name, Value value) {
  if (name != priority_name_) {
    set_var({true, index(group)}, name, std::move(value));
    return {};
  }
  const auto priority = python_int(value);
  if (!priority) return fail(Errc::parse, "ansible_group_priority of group '{}' is not an integer", this->name(group));
  model_.groups[index(group)].priority = *priority;
  ++changes_;
  return {};
}

Result<> InventoryBuilder::set_target_var(VarTarget target, std::uint32_t name, Value value) {
  if (target.is_group) return set_group_var(GroupId{target.number}, name, std::move(value));
  set_var(target, name, std::move(value));
  return {};
}

}  // namespace herder::inventory
