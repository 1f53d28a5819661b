// One known_hosts file in memory. Part of known_hosts.hpp; nobody else needs it.
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"
#include "transport/known_hosts_line.hpp"

namespace herder::transport {

class KnownHostsFile {
 public:
  /// A line that speaks of a host. Valid as long as the file object.
  struct Entry {
    KeyMarker marker = KeyMarker::none;
    int line = 0;  // 0: remembered, but not in the file
    std::string_view hosts;
    std::string_view type;
    std::string_view key;  // base64
  };

  /// Reads the file; a missing one is empty, an unreadable one is empty with a warning.
  explicit KnownHostsFile(std::string path);
  /// For tests and fuzzing: content that is not on disk.
  KnownHostsFile(std::string path, std::string content);

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The lines that speak of `name` (lower case, with port if any), in file order. Any thread.
  [[nodiscard]] std::vector<Entry> find(const std::string& name) const;
  /// Whether a @cert-authority line speaks of `name`. Costs no more than there are such lines.
  [[nodiscard]] bool authority_for(const std::string& name) const;
  [[nodiscard]] bool has_authorities() const;
  [[nodiscard]] std::vector<Error> warnings() const;
  [[nodiscard]] std::size_t hashed_lines() const;

  /// See KnownHosts::accept. Blocking, any thread.
  Result<> add(const std::string& name, std::string_view key_blob, bool hashed);

 private:
  struct Hashed {
    HashedName name;
    std::uint32_t entry;
  };
  struct Tested {
    std::size_t lines = 0;               // the first so many of hashed_ have been tested
    std::vector<std::uint32_t> entries;  // those that matched
  };

  void take_in(std::string content);                        // under both locks, or in the constructor
  void index_line(std::string_view line, int number);       // the same
  void remember(const std::string& line, bool written);      // takes index_lock_
  [[nodiscard]] bool lists(const std::string& name, std::string_view key) const;
  Result<> write_line(const std::string& name, const std::string& line, std::string_view key);
  Result<> read_news(int fd);                                // what other processes wrote meanwhile

  std::string path_;
  std::mutex append_lock_;            // one writer of the file at a time; taken before index_lock_
  std::size_t size_read_ = 0;         // guarded by append_lock_

  mutable std::shared_mutex index_lock_;  // guards what follows
  std::deque<std::string> texts_;         // what the views look into
  int lines_ = 0;
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, std::uint32_t> plain_;  // name -> place of its newest link
  std::vector<std::pair<std::uint32_t, std::uint32_t>> links_; // (entry, place of the next older link of the same name)
  std::vector<std::uint32_t> patterns_;
  std::vector<std::uint32_t> authorities_;  // also in the others
  std::vector<Hashed> hashed_;
  std::vector<Error> warnings_;

  mutable std::mutex tested_lock_;
  mutable std::unordered_map<std::string, Tested> tested_;  // by name
};

}  // namespace herder::transport
