// `--list --yaml`, and single hosts as text.
#include "inventory/json_text.hpp"
#include "inventory/list_parts.hpp"
#include "inventory/pattern.hpp"
#include "value/yaml.hpp"

namespace herder::inventory {
namespace {

class YamlShape {
 public:
  YamlShape(const Inventory& inventory, const ListOptions& options)
      : inventory_(inventory),
        options_(options),
        available_(inventory, options),
        hosts_seen_(inventory.host_count(), false),
        groups_seen_(inventory.group_count(), false) {}

  /// The group's own map, or nothing when it would be empty. Depth of recursion: nesting of groups, checked by the caller.
  Result<Value> group(GroupId group) {
    value::MapBuilder children;
    for (const GroupId child : inventory_.children(group)) {
      Value below = Value::empty_map();
      if (!groups_seen_[index(child)]) {
        HERDER_TRY(below, this->group(child));
        groups_seen_[index(child)] = true;
        if (below.size() == 0) continue;
      }
      children.set(inventory_.name(child), below);
    }
    HERDER_TRY(const GroupEntry entry, entry_of(inventory_, group, available_, options_));
    value::MapBuilder hosts;
    for (const HostId host : entry.hosts) {
      Value vars = Value::empty_map();
      if (!hosts_seen_[index(host)]) {
        hosts_seen_[index(host)] = true;
        HERDER_TRY(vars, shown_host_vars(inventory_, host, options_));
      }
      hosts.set(inventory_.name(host), vars);
    }
    value::MapBuilder shown;
    if (children.size() > 0) shown.set("children", std::move(children).build());
    if (hosts.size() > 0) shown.set("hosts", std::move(hosts).build());
    if (entry.vars.size() > 0) shown.set("vars", entry.vars);
    return std::move(shown).build();
  }

 private:
  const Inventory& inventory_;
  const ListOptions& options_;
  Available available_;
  std::vector<bool> hosts_seen_;
  std::vector<bool> groups_seen_;
};

}  // namespace

Result<Value> list_yaml(const Inventory& inventory, const ListOptions& options) {
  constexpr std::uint32_t deepest = 1000;
  for (std::uint32_t i = 0; i < inventory.group_count(); ++i)
    if (inventory.depth(GroupId{i}) > deepest) return fail(Errc::limit, "groups nest deeper than {}", deepest);
  HERDER_TRY(const Value top, YamlShape(inventory, options).group(group_all));
  value::MapBuilder list;
  if (top.size() > 0) list.set(inventory.name(group_all), top);
  return std::move(list).build();
}

namespace {

// As Ansible's dumper, which uses libyaml.
constexpr value::YamlStyle ansible_style{.sort_keys = true, .emitter = value::YamlEmitter::libyaml};

Error no_such(const Inventory& inventory, std::string_view kind, std::string_view name) {
  Error failure = error(Errc::not_found, "there is no {} '{}'", kind, name);
  const std::string near = nearest_name(inventory, name);
  if (!near.empty()) failure.help = fmt::format("did you mean '{}'?", near);
  return failure;
}

}  // namespace

Result<> write_list_yaml(const Inventory& inventory, const ListOptions& options, const Sink& sink) {
  HERDER_TRY(const Value list, list_yaml(inventory, options));
  return sink(value::print_yaml(list, ansible_style));
}

Result<std::string> host_text(const Inventory& inventory, HostId host, ListFormat format, const ListOptions& options) {
  HERDER_TRY(const Value vars, shown_host_vars(inventory, host, options));
  if (format == ListFormat::yaml) return value::print_yaml(vars, ansible_style);
  std::string text;
  append_json(text, vars, 0, UnsafeText::plain);
  return text + '\n';
}

Result<HostId> require_host(const Inventory& inventory, std::string_view name) {
  if (const auto host = inventory.resolve(name)) return *host;
  return std::unexpected(no_such(inventory, "host", name));
}

Result<GroupId> require_group(const Inventory& inventory, std::string_view name) {
  if (const auto group = inventory.find_group(name)) return *group;
  return std::unexpected(no_such(inventory, "group", name));
}

}  // namespace herder::inventory
