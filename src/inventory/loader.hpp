// From -i arguments to an Inventory.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "inventory/inventory.hpp"
#include "inventory/script_inventory.hpp"

namespace herder::inventory {

struct LoadOptions {
  /// Where group_vars/ and host_vars/ of the playbook are; empty: nowhere. `ansible-inventory` takes the working directory.
  std::string playbook_dir;
  bool merge_hashes = false;  // hash_behaviour=merge
  VaultDecryptor vault;
  ScriptLimits script;
  /// Python of the implicit localhost; empty: python3 of PATH.
  std::string local_python;
  /// Names in an inventory directory that end so are no sources.
  std::vector<std::string> ignored_endings{".pyc", ".pyo", ".swp", ".bak",  "~",    ".rpm",
                                           ".md",  ".txt", ".rst", ".orig", ".cfg", ".retry"};
  /// A source that nobody can read: false, a warning as in Ansible; true, an error. When none of several can be read it is an
  /// error in any case.
  bool every_source_must_parse = false;
};

struct Loaded {
  std::unique_ptr<const Inventory> inventory;
  std::vector<Error> warnings;
};

/// Reads the sources in order into one inventory. A source is a file, a script (executable), a directory of these (in the order of
/// their names; not hidden ones, not group_vars, host_vars and vars_plugins), or a list of hosts with at least one comma. A file
/// is tried as Ansible does by default: as script, YAML (no extension, .yml, .yaml, .json), INI (not .toml). What nothing can
/// read leaves nothing behind. No sources: only the implicit localhost. Blocks; runs scripts.
/// Errors: see LoadOptions; unsupported: a plugin configuration (`plugin: NAME`) or TOML; conflict: a cycle through `all`.
Result<Loaded> load(std::span<const std::string> sources, const LoadOptions& options = {});

}  // namespace herder::inventory
