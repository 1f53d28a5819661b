// The group_vars/ and host_vars/ beside inventories and playbooks.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inventory/data_file.hpp"

namespace herder::inventory {

enum class VarsFor : std::uint8_t { group, host };

/// Reads variable files when they are first asked for, each once. Directories are listed once, so that a host without a file
/// costs no system call. Thread-safe.
///
/// For a name, the first of NAME, NAME.yml, NAME.yaml, NAME.json that exists counts; when it is a directory, its files (no
/// extension, .yml, .yaml, .json; not hidden, not ending in ~) in the order of their names, directories without a dot in their
/// name likewise. Names that start with '/' or lead upwards have no files.
class VarsFiles {
 public:
  VarsFiles(bool merge_hashes, VaultDecryptor vault) : merge_hashes_(merge_hashes), vault_(std::move(vault)) {}

  /// The variables for `name` below `directory`, later files over earlier ones; an empty map when there are none.
  /// Errors: a file that cannot be read or parsed or that is no map.
  Result<Value> get(const std::string& directory, VarsFor kind, std::string_view name);

  /// What was odd in the files read so far; each is told once.
  std::vector<Error> take_warnings();

 private:
  struct Listing {
    bool exists = false;
    std::string path;
    std::unordered_map<std::string, std::uint8_t> extensions;  // of each stem: one bit for each known extension
  };

  const Listing& listing(const std::string& directory, VarsFor kind);
  std::vector<std::string> files_for(const Listing& in, std::string_view name) const;
  Result<Value> file(const std::string& path);

  const bool merge_hashes_;
  const VaultDecryptor vault_;
  std::mutex mutex_;  // guards all below
  std::unordered_map<std::string, Listing> listings_;
  std::unordered_map<std::string, Result<Value>> files_;
  std::vector<Error> warnings_;
};

}  // namespace herder::inventory
