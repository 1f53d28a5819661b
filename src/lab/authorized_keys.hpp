// The public keys that may log in to light hosts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct ssh_key_struct;

namespace herder::lab {

/// Reads a file in authorized_keys format (options are not understood: such lines are skipped) and keeps it until it changes.
/// One loop each.
class AuthorizedKeys {
 public:
  explicit AuthorizedKeys(std::string path) : path_(std::move(path)) {}
  /// Whether `key` is in the file. A file that cannot be read has no keys.
  bool allows(ssh_key_struct* key);

 private:
  struct Free {
    void operator()(ssh_key_struct* key) const;
  };
  void reload_if_changed();

  std::string path_;
  std::int64_t changed_ns_ = -1;
  std::vector<std::unique_ptr<ssh_key_struct, Free>> keys_;
};

}  // namespace herder::lab
