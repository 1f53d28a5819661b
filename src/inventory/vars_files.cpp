#include "inventory/vars_files.hpp"

#include <dirent.h>

#include <algorithm>
#include <array>
#include <optional>

#include "inventory/model.hpp"
#include "inventory/path.hpp"

namespace herder::inventory {
namespace {

constexpr std::array<std::string_view, 4> extensions{"", ".yml", ".yaml", ".json"};

std::optional<std::vector<std::string>> names_in(const std::string& directory) {
  struct Close {
    void operator()(DIR* handle) const { ::closedir(handle); }
  };
  const std::unique_ptr<DIR, Close> handle(::opendir(directory.c_str()));
  if (!handle) return std::nullopt;
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(handle.get())) names.emplace_back(entry->d_name);
  std::erase_if(names, [](const std::string& name) { return name == "." || name == ".."; });
  std::ranges::sort(names);
  return names;
}

void add_directory(const std::string& directory, std::vector<std::string>& files) {
  for (const std::string& name : names_in(directory).value_or(std::vector<std::string>{})) {
    if (name.starts_with('.') || name.ends_with('~')) continue;
    const std::string path = fmt::format("{}/{}", directory, name);
    const std::string_view extension = extension_of(name);
    const PathKind kind = path_kind(path);
    if (kind == PathKind::directory && extension.empty())
      add_directory(path, files);
    else if (kind == PathKind::file && std::ranges::find(extensions, extension) != extensions.end())
      files.push_back(path);
  }
}

bool leads_upwards(std::string_view name) { return name == "." || name == ".." || name.contains("../") || name.ends_with("/.."); }

}  // namespace

const VarsFiles::Listing& VarsFiles::listing(const std::string& directory, VarsFor kind) {
  std::string path = fmt::format("{}/{}", directory, kind == VarsFor::group ? "group_vars" : "host_vars");
  const auto [at, is_new] = listings_.try_emplace(path);
  Listing& made = at->second;
  if (!is_new) return made;
  const auto names = names_in(path);
  if (!names && path_kind(path) == PathKind::file)
    warnings_.push_back(error(Errc::conflict, "{} is not a directory: no variables are read from it", path));
  made.exists = names.has_value();
  for (const std::string& name : names.value_or(std::vector<std::string>{})) {
    for (std::size_t i = 0; i < extensions.size(); ++i) {
      if (!name.ends_with(extensions[i])) continue;
      made.extensions[name.substr(0, name.size() - extensions[i].size())] |= static_cast<std::uint8_t>(1U << i);
    }
  }
  made.path = std::move(path);
  return made;
}

std::vector<std::string> VarsFiles::files_for(const Listing& in, std::string_view name) const {
  std::vector<std::string> files;
  unsigned known = 0;
  if (name.contains('/')) {
    known = 0xf;
  } else if (const auto found = in.extensions.find(std::string(name)); found != in.extensions.end()) {
    known = found->second;
  }
  for (std::size_t i = 0; i < extensions.size(); ++i) {
    if ((known & (1U << i)) == 0) continue;
    const std::string path = fmt::format("{}/{}{}", in.path, name, extensions[i]);
    const PathKind kind = path_kind(path);
    if (kind == PathKind::none) continue;
    if (kind == PathKind::directory)
      add_directory(path, files);
    else
      files.push_back(path);
    break;
  }
  return files;
}

Result<Value> VarsFiles::file(const std::string& path) {
  const auto known = files_.find(path);
  if (known != files_.end()) return known->second;
  Result<Value> vars = load_data_file(path, vault_, warnings_);
  if (vars && !vars->truthy()) vars = Value::empty_map();
  if (vars && !vars->is_map()) {
    Where where;
    where.file = path;
    where.line = static_cast<int>(vars->source().line());
    vars = std::unexpected(
        error(Errc::parse, "a file of variables must be a map of names to values, this is a {}", value::python_name(vars->kind()))
            .at(std::move(where))
            .hint("write 'name: value' lines"));
  }
  files_.emplace(path, vars);
  return vars;
}

Result<Value> VarsFiles::get(const std::string& directory, VarsFor kind, std::string_view name) {
  if (name.empty() || name[0] == '/' || leads_upwards(name)) return Value::empty_map();
  const std::scoped_lock lock(mutex_);
  const Listing& in = listing(directory, kind);
  Value vars = Value::empty_map();
  if (!in.exists) return vars;
  for (const std::string& path : files_for(in, name)) {
    HERDER_TRY(const Value more, file(path), "reading the variables of {} '{}'", kind == VarsFor::group ? "group" : "host", name);
    vars = combine_vars(vars, more, merge_hashes_);
  }
  return vars;
}

std::vector<Error> VarsFiles::take_warnings() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(warnings_, {});
}

}  // namespace herder::inventory
