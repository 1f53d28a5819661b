// Which reader reads which source. A reader that fails half-way may have added things: then all is read again without it, so that
// a broken source leaves nothing behind. That is rare, and costs one more pass; scripts are run once only.
#include "inventory/loader.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_map>

#include "base/text.hpp"
#include "inventory/address.hpp"
#include "inventory/ini_inventory.hpp"
#include "inventory/path.hpp"
#include "inventory/yaml_inventory.hpp"

namespace herder::inventory {
namespace {

enum class Reader : std::uint8_t { script, yaml, ini };

std::string_view name_of(Reader reader) {
  switch (reader) {
    case Reader::script: return "a script";
    case Reader::yaml: return "YAML";
    case Reader::ini: return "INI";
  }
  return "?";
}

bool is_plugin_name(const Value& value) { return value.is_string() && value.size() > 0; }

Error plugin_error(const std::string& path, const Value& plugin) {
  const std::string_view name = plugin.as_string();
  Where where = plugin.source().where();
  if (where.file.empty()) where.file = path;
  if (name == "constructed" || name == "ansible.builtin.constructed")
    return error(Errc::unsupported,
                 "this file configures the inventory plugin 'constructed', whose groups and variables are templates; herder has "
                 "no templates yet")
        .at(std::move(where))
        .hint("take the file out, or use the result: ansible-inventory -i ... --list --export --yaml > hosts.yml");
  return error(Errc::unsupported,
               "this file configures the inventory plugin '{}', a Python program of Ansible's that herder does not run", name)
      .at(std::move(where))
      .hint("use a script that prints its result: ansible-inventory -i FILE --list; or save that as a file");
}

/// The first line that says something cannot begin a YAML map: saves reading a long INI file as YAML.
bool cannot_be_yaml_map(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line[0] == '#') continue;
    return line[0] == '[' || line[0] == ';';
  }
  return false;
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options) : options_(options) {}

  Result<Loaded> run(std::span<const std::string> sources) {
    std::vector<std::string> paths;
    for (const std::string& source : sources) {
      if (!source.empty()) paths.push_back(source.contains(',') ? source : full_path(source));
    }
    while (!try_all(paths)) {}
    if (fatal_) return std::unexpected(*std::move(fatal_));
    HERDER_TRY_VOID(judge(paths));
    HERDER_TRY(Model model, builder_->finish());
    std::vector<Error> warnings = builder_->warnings();
    warnings.insert(warnings.end(), std::make_move_iterator(unread_.begin()), std::make_move_iterator(unread_.end()));
    return Loaded{std::make_unique<const Inventory>(std::move(model), settings(paths)), std::move(warnings)};
  }

 private:
  struct Failure {
    Reader reader{};
    Error reason;
  };

  /// One pass over all sources; false when it must be done again.
  bool try_all(const std::vector<std::string>& paths) {
    builder_.emplace(options_.merge_hashes);
    unread_.clear();
    any_parsed_ = false;
    for (const std::string& path : paths) {
      if (!read_source(path)) return false;
      if (fatal_) return true;
    }
    return true;
  }

  /// False: start afresh. What could not be read goes to unread_.
  bool read_source(const std::string& source) {
    if (path_kind(source) == PathKind::directory) return read_directory(source);
    const bool exists = path_kind(source) != PathKind::none;
    if (!exists && source.contains(',')) {
      read_host_list(source);
      return true;
    }
    if (!exists || ::access(source.c_str(), R_OK) != 0) {
      Error failure = exists ? os_error(EACCES, fmt::format("read inventory {}", source))
                             : error(Errc::not_found, "there is no inventory {}", source);
      if (!exists) failure.help = "give a file, a directory, a script, or a list of hosts with a comma: 'web1,'";
      unread_.push_back(std::move(failure));
      return true;
    }
    return read_file_source(source);
  }

  bool read_directory(const std::string& directory) {
    std::vector<std::string> names;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(directory, failure))
      names.push_back(entry.path().filename().string());
    if (failure) unread_.push_back(os_error(failure.value(), fmt::format("list inventory directory {}", directory)));
    std::ranges::sort(names);
    const bool before = std::exchange(any_parsed_, false);
    for (const std::string& name : names) {
      if (is_ignored(name)) continue;
      if (!read_source(fmt::format("{}/{}", directory, name))) return false;
      if (fatal_) return true;
    }
    if (!any_parsed_ && !failure)
      unread_.push_back(error(Errc::not_found, "inventory directory {} holds nothing that could be read", directory));
    any_parsed_ = any_parsed_ || before;
    return true;
  }

  [[nodiscard]] bool is_ignored(const std::string& name) const {
    if (name.starts_with('.') || name == "host_vars" || name == "group_vars" || name == "vars_plugins") return true;
    return std::ranges::any_of(options_.ignored_endings, [&](const std::string& ending) { return name.ends_with(ending); });
  }

  void read_host_list(const std::string& list) {
    builder_->begin_source(list, "");
    any_parsed_ = true;
    for (const std::string_view piece : text::split(list, ',')) {
      const std::string_view word = text::trim(piece);
      if (word.empty()) continue;
      const auto address = parse_address(word, true);
      HostPattern pattern;
      if (!address) {
        pattern.names.emplace_back(word);
      } else if (auto expanded = expand_host_pattern(word)) {
        pattern = *std::move(expanded);
      } else {
        fatal_ = with_via(std::move(expanded).error(), "reading the host list '{}'", list);
        return;
      }
      for (const std::string& name : pattern.names) {
        if (builder_->find_host(name)) continue;
        HERDER_ASSERT(builder_->add_host(name, group_ungrouped, pattern.port).has_value());  // the name is not empty
      }
    }
  }

  bool read_file_source(const std::string& path) {
    builder_->begin_source(path, std::string(path, 0, std::max<std::size_t>(path.rfind('/'), 1)));
    const std::string_view extension = extension_of(path);
    std::vector<Reader> readers;
    if (::access(path.c_str(), X_OK) == 0) readers.push_back(Reader::script);
    if (extension.empty() || extension == ".yml" || extension == ".yaml" || extension == ".json") readers.push_back(Reader::yaml);
    if (extension != ".toml") readers.push_back(Reader::ini);
    for (const Reader reader : readers) {
      const auto known = std::ranges::find(failures_[path], reader, &Failure::reader);
      if (known != failures_[path].end()) continue;
      const std::uint64_t before = builder_->changes();
      auto done = read_as(reader, path);
      if (done) {
        any_parsed_ = true;
        return true;
      }
      if (fatal_) return true;
      failures_[path].push_back({reader, std::move(done).error()});
      if (builder_->changes() != before) return false;
    }
    unread_.push_back(explain(path));
    return true;
  }

  Result<> read_as(Reader reader, const std::string& path) {
    if (reader == Reader::script) return read_as_script(path);
    HERDER_TRY(const std::string text, read_maybe_encrypted(path, options_.vault));
    if (reader == Reader::ini) return read_ini(text, path, *builder_);
    return read_as_yaml(text, path);
  }

  Result<> read_as_yaml(std::string_view text, const std::string& path) {
    Where where;
    where.file = path;
    if (cannot_be_yaml_map(text)) return std::unexpected(error(Errc::parse, "this is not a YAML map").at(std::move(where)));
    std::vector<Error> warnings;
    HERDER_TRY(const Value root, parse_data(text, path, warnings));
    if (!root.truthy()) return std::unexpected(error(Errc::parse, "the file is empty").at(std::move(where)));
    if (!root.is_map())
      return std::unexpected(
          error(Errc::parse, "a YAML inventory is a map of groups, this is a {}", value::python_name(root.kind()))
              .at(std::move(where))
              .hint("start with 'all:' and put 'hosts:' below it"));
    const Value plugin = root.get("plugin");
    if (is_plugin_name(plugin)) {
      fatal_ = plugin_error(path, plugin);
      return {};
    }
    for (Error& warning : warnings) builder_->warn(std::move(warning));
    return read_yaml(root, *builder_);
  }

  Result<> read_as_script(const std::string& path) {
    std::vector<Error> warnings;
    const auto run = [&](const std::string& host) -> Result<Value> {
      const std::string key = fmt::format("{}\n{}", path, host);
      const auto known = script_results_.find(key);
      if (known != script_results_.end()) return known->second;
      HERDER_TRY(const Value result, run_script(path, host, options_.script, warnings));
      script_results_.emplace(key, result);
      return result;
    };
    HERDER_TRY(const Value list, run(""));
    auto done = read_script_output(list, path, run, *builder_);
    for (Error& warning : warnings) builder_->warn(std::move(warning));
    return done;
  }

  /// The reason that most likely helps, with those of the other readers below it.
  Error explain(const std::string& path) {
    const auto& failures = failures_[path];
    if (failures.empty()) {
      Where where;
      where.file = path;
      return error(Errc::unsupported, "TOML inventories are not supported").at(std::move(where)).hint("write it as YAML or INI");
    }
    const std::string_view extension = extension_of(path);
    const bool yaml_first = extension == ".yml" || extension == ".yaml" || extension == ".json";
    std::size_t main = failures.size() - 1;
    for (std::size_t i = 0; i < failures.size(); ++i) {
      if (failures[i].reader == Reader::script) main = i;
      if (failures[i].reader == Reader::yaml && yaml_first && failures[main].reader != Reader::script) main = i;
    }
    Error failure = failures[main].reason;
    failure.via.push_back(fmt::format("reading inventory {} as {}", path, name_of(failures[main].reader)));
    for (std::size_t i = 0; i < failures.size(); ++i) {
      if (i == main) continue;
      const Error& other = failures[i].reason;
      const std::string line = other.where.line > 0 ? fmt::format(", line {}", other.where.line) : "";
      failure.via.push_back(fmt::format("(as {} it fails, too{}: {})", name_of(failures[i].reader), line, other.what));
    }
    return failure;
  }

  /// All unread: an error. Some unread: as the options say.
  Result<> judge(const std::vector<std::string>& paths) {
    const bool wrong = !unread_.empty() && (options_.every_source_must_parse || !any_parsed_);
    if (paths.empty() || !wrong) return {};
    Error failure = std::move(unread_.front());
    for (std::size_t i = 1; i < unread_.size(); ++i)
      failure.via.push_back(fmt::format("and another source: {}", unread_[i].what));
    return std::unexpected(std::move(failure));
  }

  [[nodiscard]] VarsSettings settings(const std::vector<std::string>& paths) const {
    VarsSettings made;
    for (const std::string& path : paths) {
      if (path_kind(path) == PathKind::none && path.contains(',')) continue;
      std::string directory = real_directory(path_kind(path) == PathKind::none ? std::string(path, 0, path.rfind('/')) : path);
      if (!directory.empty()) made.inventory_dirs.push_back(std::move(directory));
    }
    if (!options_.playbook_dir.empty()) made.playbook_dir = real_directory(options_.playbook_dir);
    made.vault = options_.vault;
    made.local_python = options_.local_python.empty() ? find_program("python3") : options_.local_python;
    if (made.local_python.empty()) made.local_python = "/usr/bin/python3";
    return made;
  }

  const LoadOptions& options_;
  std::optional<InventoryBuilder> builder_;
  bool any_parsed_ = false;
  std::vector<Error> unread_;  // one for each source that nobody could read
  std::optional<Error> fatal_;  // stops everything
  std::map<std::string, std::vector<Failure>> failures_;  // by path; kept over passes
  std::unordered_map<std::string, Value> script_results_;
};

}  // namespace

Result<Loaded> load(std::span<const std::string> sources, const LoadOptions& options) { return Loader(options).run(sources); }

}  // namespace herder::inventory
