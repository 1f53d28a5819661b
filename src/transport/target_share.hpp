// What the targets of a run have in common, so that 10,000 of them stay small. Part of target_from.hpp.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "transport/ssh_args.hpp"
#include "transport/ssh_config.hpp"
#include "transport/target.hpp"

namespace herder::transport {

/// Options that were parsed from one text, for all hosts that have the same.
using SharedArgs = std::shared_ptr<const SshArgs>;

/// Thread-safe.
class TargetShare {
 public:
  TargetShare();

  /// The one object for credentials that are equal.
  std::shared_ptr<const Credentials> credentials(Credentials wanted);
  /// The one object for jump hosts that are equal.
  std::shared_ptr<const Target> jump(Target wanted);
  /// parse_ssh_args(), once for each text.
  Result<SharedArgs> args(const std::string& text, const std::string& source);
  /// -F: read once for each path, or the reason why it cannot be. `load` is called without a lock that others need.
  Result<std::shared_ptr<const SshConfig>> config(const std::string& path, const LocalFacts& local);
  /// identity_file_type() and existence, asked once for each path.
  bool exists(const std::string& path);

  void warn(Error warning);
  std::vector<Error> take_warnings();

 private:
  std::string key_of(const Credentials& of) const;

  std::mutex lock_;  // guards all below
  std::string salt_;  // random: keys hold hashes of secrets
  std::unordered_map<std::string, std::shared_ptr<const Credentials>> credentials_;
  std::unordered_map<std::string, std::shared_ptr<const Target>> jumps_;
  std::map<std::pair<std::string, std::string>, Result<SharedArgs>> args_;
  std::map<std::string, Result<std::shared_ptr<const SshConfig>>> configs_;
  std::unordered_map<std::string, bool> exists_;
  std::vector<Error> warnings_;
  std::set<std::string> warned_;
};

}  // namespace herder::transport
