#include "inventory/yaml_inventory.hpp"

#include <optional>
#include <span>

#include "inventory/address.hpp"
#include "value/python_literal.hpp"

namespace herder::inventory {
namespace {

using value::MapEntry;

std::span<const MapEntry> entries_of(const Value& value) {
  return value.is_map() ? value.entries() : std::span<const MapEntry>();
}

/// `hosts: web1` means `hosts: {web1: }`.
Value section_map(const Value& section) {
  if (!section.is_string()) return section;
  value::MapBuilder map;
  map.set(section, Value());
  return std::move(map).build();
}

template <class... Args>
Error error_at(const Value& place, fmt::format_string<Args...> text, Args&&... args) {
  return error(Errc::parse, text, std::forward<Args>(args)...).at(place.source().where());
}

class Reader {
 public:
  explicit Reader(InventoryBuilder& builder) : builder_(builder) {}

  /// The group, or nothing when it is skipped and unknown.
  Result<std::optional<GroupId>> read_group(const MapEntry& group) {
    if (!group.key.is_string())
      return std::unexpected(error_at(group.key, "a group's name must be a text, this is {}", value::python_str(group.key))
                                 .hint("put it in quotes"));
    const std::string_view name = group.key.as_string();
    builder_.set_line(group.key.source().line());
    if (!group.value.is_map() && !group.value.is_null()) {
      builder_.warn(error_at(group.key, "'{}' is skipped: a group is a map of hosts, vars and children, this is a {}", name,
                             value::python_name(group.value.kind())));
      return builder_.find_group(name);
    }
    auto id = builder_.add_group(name);
    if (!id) return std::unexpected(std::move(id).error().at(group.key.source().where()));
    for (const MapEntry& part : entries_of(group.value)) { HERDER_TRY_VOID(check_part(name, part)); }
    for (const MapEntry& part : entries_of(group.value)) { HERDER_TRY_VOID(read_part(*id, part)); }
    return *id;
  }

 private:
  static bool is_section(const Value& key) {
    return key.is_string() && (key.as_string() == "vars" || key.as_string() == "children" || key.as_string() == "hosts");
  }

  static Result<> check_part(std::string_view group, const MapEntry& part) {
    if (!is_section(part.key) || part.value.is_map() || part.value.is_null() || part.value.is_string()) return {};
    return std::unexpected(error_at(part.value, "'{}' of group '{}' must be a map, this is a {}", part.key.as_string(), group,
                                    value::python_name(part.value.kind()))
                               .hint("write 'name:' lines, each ending in ':', without '- '"));
  }

  Result<> read_part(GroupId group, const MapEntry& part) {
    const bool section = is_section(part.key);
    if (!section) {
      if (part.value.is_null()) return {};
      builder_.warn(error_at(part.key, "'{}' in group '{}' is skipped", value::python_str(part.key), builder_.name(group))
                        .hint("a group has hosts, vars and children; a group below it goes below children"));
      return {};
    }
    const Value map = section_map(part.value);
    const std::string_view kind = part.key.as_string();
    for (const MapEntry& entry : entries_of(map)) {
      if (kind == "vars") {
        HERDER_TRY_VOID(read_variable(group, entry));
      } else if (kind == "hosts") {
        HERDER_TRY_VOID(read_host(group, entry));
      } else {
        HERDER_TRY_VOID(read_child(group, entry));
      }
    }
    return {};
  }

  Result<> read_child(GroupId group, const MapEntry& entry) {
    HERDER_TRY(const auto child, read_group(entry));
    if (!child)
      return std::unexpected(error_at(entry.key, "group '{}' has nothing that could be read", entry.key.as_string())
                                 .hint("a group without members is written 'name:' or 'name: {}'"));
    auto added = builder_.add_child(group, *child);
    if (!added) return std::unexpected(std::move(added).error().at(entry.key.source().where()));
    return {};
  }

  Result<> read_variable(GroupId group, const MapEntry& entry) {
    auto set = builder_.set_group_var(group, builder_.var_names().intern_key(entry.key), entry.value);
    if (!set) return std::unexpected(std::move(set).error().at(entry.value.source().where()));
    return {};
  }

  Result<> read_host(GroupId group, const MapEntry& entry) {
    if (!entry.key.is_string())
      return std::unexpected(
          error_at(entry.key, "a host's name must be a text, this is {}", value::python_str(entry.key)).hint("put it in quotes"));
    auto pattern = expand_host_pattern(entry.key.as_string());
    if (!pattern) return std::unexpected(std::move(pattern).error().at(entry.key.source().where()));
    if (entry.value.truthy() && !entry.value.is_map())
      return std::unexpected(error_at(entry.value, "variables of host '{}' must be a map, this is a {}", entry.key.as_string(),
                                      value::python_name(entry.value.kind()))
                                 .hint("write 'name: value' lines below the host"));
    builder_.set_line(entry.key.source().line());
    for (const std::string& name : pattern->names) {
      auto host = builder_.add_host(name, group, pattern->port);
      if (!host) return std::unexpected(std::move(host).error().at(entry.key.source().where()));
      const VarTarget target = builder_.var_target(*host);
      for (const MapEntry& variable : entries_of(entry.value)) {
        auto set = builder_.set_target_var(target, builder_.var_names().intern_key(variable.key), variable.value);
        if (!set) return std::unexpected(std::move(set).error().at(variable.value.source().where()));
      }
    }
    return {};
  }

  InventoryBuilder& builder_;
};

}  // namespace

Result<> read_yaml(const Value& root, InventoryBuilder& builder) {
  Reader reader(builder);
  for (const MapEntry& group : entries_of(root)) { HERDER_TRY_VOID(reader.read_group(group)); }
  return {};
}

}  // namespace herder::inventory
