#include "inventory/script_inventory.hpp"

#include <algorithm>
#include <iterator>

#include "inventory/data_file.hpp"
#include "inventory/program.hpp"
#include "value/python_literal.hpp"

namespace herder::inventory {
namespace {

using value::MapEntry;

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

std::string stderr_help(std::string_view text) {
  return is_blank(text) ? "it wrote nothing to stderr" : fmt::format("it wrote to stderr: {}", text);
}

class Reader {
 public:
  Reader(const std::string& path, InventoryBuilder& builder) : path_(path), builder_(builder) {}

  Result<> read_group(std::string_view name, const Value& data) {
    HERDER_TRY(const GroupId group, add_group(name));
    const bool known_keys =
        data.is_map() && (data.find("hosts") != nullptr || data.find("vars") != nullptr || data.find("children") != nullptr);
    if (!data.is_map()) return read_hosts(group, data);
    if (!known_keys) {
      // A host that stands where a group should: old scripts do that.
      builder_.warn(fault("group '{}' has neither hosts, vars nor children: it is taken as a host of that name", name));
      HERDER_TRY_VOID(read_hosts(group, Value::list({Value(name)})));
      return read_vars(group, data.marked_deep(value::Mark::untrusted));
    }
    if (const Value* hosts = data.find("hosts")) HERDER_TRY_VOID(read_hosts(group, *hosts));
    if (const Value* vars = data.find("vars")) HERDER_TRY_VOID(read_vars(group, *vars));
    if (const Value* children = data.find("children")) HERDER_TRY_VOID(read_children(group, *children));
    return {};
  }

  Result<> read_host_vars(const std::string& host, const Value& vars) {
    if (!vars.is_map())
      return std::unexpected(
          fault("the variables of host '{}' must be an object, not {}", host, value::python_name(vars.kind())));
    const auto id = builder_.find_host(host);
    HERDER_ASSERT(id.has_value());
    const VarTarget target = builder_.var_target(*id);
    for (const MapEntry& entry : vars.entries()) {
      HERDER_TRY_VOID(builder_.set_target_var(target, builder_.var_names().intern_key(entry.key), entry.value));
    }
    return {};
  }

  [[nodiscard]] const std::vector<std::string>& hosts() const noexcept { return hosts_; }

  template <class... Args>
  Error fault(fmt::format_string<Args...> text, Args&&... args) const {
    Where where;
    where.file = path_;
    return error(Errc::parse, text, std::forward<Args>(args)...).at(std::move(where));
  }

 private:
  Result<GroupId> add_group(std::string_view name) {
    auto group = builder_.add_group(name);
    if (!group) return std::unexpected(fault("{}", group.error().what));
    return *group;
  }

  Result<> read_hosts(GroupId group, const Value& hosts) {
    if (!hosts.is_list())
      return std::unexpected(
          fault("hosts of group '{}' must be a list, not {}", builder_.name(group), value::python_name(hosts.kind())));
    for (const Value& host : hosts.items()) {
      if (!host.is_string() || host.size() == 0)
        return std::unexpected(
            fault("a host of group '{}' must be a name, not {}", builder_.name(group), value::python_repr(host)));
      const std::size_t before = builder_.host_count();
      HERDER_TRY(const HostId id, builder_.add_host(host.as_string(), group));
      if (seen_.size() <= index(id)) seen_.resize(std::max<std::size_t>(index(id) + 1, builder_.host_count()), false);
      if (seen_[index(id)] && before == builder_.host_count()) continue;
      seen_[index(id)] = true;
      hosts_.emplace_back(host.as_string());
    }
    return {};
  }

  Result<> read_vars(GroupId group, const Value& vars) {
    if (!vars.is_map())
      return std::unexpected(
          fault("vars of group '{}' must be an object, not {}", builder_.name(group), value::python_name(vars.kind())));
    for (const MapEntry& entry : vars.entries()) {
      HERDER_TRY_VOID(builder_.set_group_var(group, builder_.var_names().intern_key(entry.key), entry.value));
    }
    return {};
  }

  Result<> read_children(GroupId group, const Value& children) {
    std::vector<Value> names;
    if (children.is_list())
      names.assign(children.items().begin(), children.items().end());
    else if (children.is_map())
      std::ranges::transform(children.entries(), std::back_inserter(names), &MapEntry::key);
    else
      return std::unexpected(
          fault("children of group '{}' must be a list, not {}", builder_.name(group), value::python_name(children.kind())));
    for (const Value& name : names) {
      if (!name.is_string())
        return std::unexpected(
            fault("a child of group '{}' must be a name, not {}", builder_.name(group), value::python_repr(name)));
      HERDER_TRY(const GroupId child, add_group(name.as_string()));
      if (auto added = builder_.add_child(group, child); !added) {
        Error failure = std::move(added).error();
        failure.where.file = path_;
        return std::unexpected(std::move(failure));
      }
    }
    return {};
  }

  const std::string& path_;
  InventoryBuilder& builder_;
  std::vector<std::string> hosts_;  // named by this script, each once
  std::vector<bool> seen_;
};

/// `_meta.hostvars`, or null when there is no `_meta`.
Result<Value> meta_hostvars(const Value& list, const Reader& reader) {
  const Value* meta = list.find("_meta");
  if (meta == nullptr) return Value();
  if (!meta->is_map()) return std::unexpected(reader.fault("_meta must be an object, not {}", value::python_name(meta->kind())));
  if (const Value* profile = meta->find("profile"); profile != nullptr && !(*profile == Value("inventory_legacy")))
    return std::unexpected(reader.fault("_meta.profile is {}: only \"inventory_legacy\" is known", value::python_repr(*profile)));
  const Value* hostvars = meta->find("hostvars");
  if (hostvars == nullptr || !hostvars->is_map())
    return std::unexpected(
        reader.fault("_meta has no object 'hostvars'").hint("print {\"_meta\": {\"hostvars\": {}}} when there are no variables"));
  return *hostvars;
}

}  // namespace

Result<> read_script_output(const Value& list, const std::string& path, const HostVarsRunner& host_vars,
                            InventoryBuilder& builder) {
  Reader reader(path, builder);
  if (!list.is_map())
    return std::unexpected(
        reader.fault("an inventory script must print an object of groups, not {}", value::python_name(list.kind())));
  HERDER_TRY(const Value meta, meta_hostvars(list, reader));
  for (const MapEntry& entry : list.entries()) {
    if (entry.key == Value("_meta")) continue;
    HERDER_TRY_VOID(reader.read_group(entry.key.as_string(), entry.value));
  }
  if (meta.is_null())
    builder.warn(reader.fault("the script gives no _meta.hostvars: it is run once for each of {} hosts", reader.hosts().size())
                     .hint("print {\"_meta\": {\"hostvars\": {...}}} with --list to save that"));
  for (const std::string& host : reader.hosts()) {
    if (meta.is_null()) {
      HERDER_TRY(const Value vars, host_vars(host));
      HERDER_TRY_VOID(reader.read_host_vars(host, vars));
    } else if (const Value* vars = meta.find(host)) {
      HERDER_TRY_VOID(reader.read_host_vars(host, *vars));
    }
  }
  return {};
}

Result<Value> run_script(const std::string& path, const std::string& host, const ScriptLimits& limits,
                         std::vector<Error>& warnings) {
  const bool one_host = !host.empty();
  const std::string shown = one_host ? fmt::format("--host {}", host) : "--list";
  const std::vector<std::string> arguments =
      one_host ? std::vector<std::string>{path, "--host", host} : std::vector<std::string>{path, "--list"};
  HERDER_TRY(const ProgramOutput output, run_program(arguments, limits.time, limits.output_bytes), "running {} {}", path, shown);
  Where where;
  where.file = path;
  if (output.exit_code != 0)
    return std::unexpected(error(Errc::io, "inventory script {}: exit code {}", shown, output.exit_code)
                               .at(std::move(where))
                               .hint(stderr_help(output.err)));
  if (!is_blank(output.err))
    warnings.push_back(error(Errc::io, "inventory script {} wrote to stderr: {}", shown, output.err).at(std::move(where)));
  if (one_host && is_blank(output.out)) return Value::empty_map();
  auto value = parse_ansible_json(output.out, fmt::format("output of {} {}", path, shown));
  if (!value) {
    Error failure = std::move(value).error();
    failure.help = stderr_help(output.err);
    return std::unexpected(with_via(std::move(failure), "reading what {} {} printed", path, shown));
  }
  return value;
}

}  // namespace herder::inventory
