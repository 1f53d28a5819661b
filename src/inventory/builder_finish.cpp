// The last step of an InventoryBuilder: the rules that hold once all sources are read.
#include <algorithm>

#include "inventory/builder.hpp"
#include "inventory/var_name.hpp"
#include "value/python_literal.hpp"

namespace herder::inventory {
namespace {

constexpr std::size_t names_shown = 5;

/// Collects names that deserve one warning together.
class Offenders {
 public:
  void add(std::string_view name, const Where& where) {
    if (++count_ <= names_shown) names_ += fmt::format("{}'{}'", names_.empty() ? "" : ", ", name);
    if (count_ == 1) first_ = where;
  }
  [[nodiscard]] bool any() const noexcept { return count_ > 0; }
  [[nodiscard]] std::string text() const {
    return count_ > names_shown ? fmt::format("{} and {} more", names_, count_ - names_shown) : names_;
  }
  [[nodiscard]] const Where& first() const noexcept { return first_; }

 private:
  std::string names_;
  Where first_;
  std::size_t count_ = 0;
};

}  // namespace

/// Every group without parents belongs to `all`.
Result<> InventoryBuilder::place_groups() {
  for (std::uint32_t i = 0; i < model_.groups.size(); ++i) {
    const GroupId group{i};
    if (group == group_all || !model_.groups[i].parents.empty()) continue;
    HERDER_TRY_VOID(add_child(group_all, group), "placing group '{}' below 'all'", name(group));
  }
  return {};
}

/// Hosts in no group but `all` go to `ungrouped`; hosts in another group leave it.
Result<> InventoryBuilder::place_hosts() {
  const bool ungrouped_is_nested = model_.groups[index(group_ungrouped)].parents.size() > 1;
  std::vector<HostId> keep;
  bool changed = false;
  for (const HostId host : model_.groups[index(group_ungrouped)].hosts) {
    bool elsewhere = ungrouped_is_nested;
    for (std::uint32_t at = model_.hosts[index(host)].memberships; at != no_index && !elsewhere; at = model_.memberships[at].next)
      elsewhere = model_.memberships[at].group != group_all && model_.memberships[at].group != group_ungrouped;
    if (!elsewhere) {
      keep.push_back(host);
      continue;
    }
    changed = true;
    for (std::uint32_t* at = &model_.hosts[index(host)].memberships; *at != no_index; at = &model_.memberships[*at].next) {
      if (model_.memberships[*at].group != group_ungrouped) continue;
      *at = model_.memberships[*at].next;
      break;
    }
  }
  if (changed) model_.groups[index(group_ungrouped)].hosts = std::move(keep);

  for (std::uint32_t i = 0; i < model_.hosts.size(); ++i) {
    const std::uint32_t first = model_.hosts[i].memberships;
    const bool only_all =
        first != no_index && model_.memberships[first].group == group_all && model_.memberships[first].next == no_index;
    if (first != no_index && !only_all) continue;
    const HostId host{i};
    // A group of that name takes the place of the host, as in Ansible; check_names() warns.
    if (const auto group = find_group(name(host))) {
      HERDER_TRY_VOID(add_child(group_ungrouped, *group), "placing host '{}', which has the name of a group", name(host));
      continue;
    }
    add_membership(host, group_ungrouped);
    model_.groups[index(group_ungrouped)].hosts.push_back(host);
  }
  return {};
}

/// The longest way from a group without parents, by removing groups whose parents are all done.
void InventoryBuilder::compute_depths() {
  std::vector<std::uint32_t> waiting(model_.groups.size());
  std::vector<GroupId> ready;
  for (std::uint32_t i = 0; i < model_.groups.size(); ++i) {
    waiting[i] = static_cast<std::uint32_t>(model_.groups[i].parents.size());
    if (waiting[i] == 0) ready.push_back(GroupId{i});
  }
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const GroupRow& row = model_.groups[index(ready[i])];
    for (const GroupId child : row.children) {
      GroupRow& below = model_.groups[index(child)];
      below.depth = std::max(below.depth, row.depth + 1);
      if (--waiting[index(child)] == 0) ready.push_back(child);
    }
  }
  HERDER_ASSERT(ready.size() == model_.groups.size());  // add_child lets no cycle in
}

void InventoryBuilder::check_names() {
  Offenders odd_groups;
  Offenders both;
  for (std::uint32_t i = 0; i < model_.groups.size(); ++i) {
    const GroupRow& row = model_.groups[i];
    const std::string_view group_name = model_.group_names[i];
    if (!is_group_name(group_name)) odd_groups.add(group_name, model_.where(row.source, row.line));
    if (const auto host = find_host(group_name))
      both.add(group_name, model_.where(model_.hosts[index(*host)].source, model_.hosts[index(*host)].line));
  }
  if (odd_groups.any())
    warn(error(Errc::parse, "group names that are no valid variable names: {}", odd_groups.text())
             .at(odd_groups.first())
             .hint("use letters, digits and _ only, and start with a letter: groups.web-1 in a template is a subtraction"));
  if (both.any())
    warn(error(Errc::conflict, "both a group and a host are called: {}", both.text())
             .at(both.first())
             .hint("rename one: variables of the host line go to the group, so that all its hosts get them"));

  Offenders odd_vars;
  for (const std::uint32_t name : model_.var_names.invalid()) {
    const auto used = std::ranges::find(model_.vars, name, &VarLink::name);
    if (used != model_.vars.end()) odd_vars.add(value::python_str(model_.var_names.key(name)), used->value.source().where());
  }
  if (odd_vars.any())
    warn(error(Errc::parse, "variables whose names templates cannot use: {}", odd_vars.text())
             .at(odd_vars.first())
             .hint("names start with a letter or _ and hold only letters, digits and _"));
}

Result<Model> InventoryBuilder::finish() {
  HERDER_TRY_VOID(place_groups());
  HERDER_TRY_VOID(place_hosts());
  compute_depths();
  check_names();
  return std::move(model_);
}

}  // namespace herder::inventory
