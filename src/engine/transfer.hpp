// Copying files and trees to and from one host over SFTP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "transport/session.hpp"
#include "transport/sftp.hpp"

namespace herder::engine {

enum class EntryType : std::uint8_t { file, directory, link };

/// One thing to be copied; `path` is relative to the root of the copy ("" for the root itself).
struct TreeEntry {
  std::string path;
  EntryType type = EntryType::file;
  std::uint32_t mode = 0;   // permission bits
  std::uint32_t mtime = 0;
  std::uint64_t size = 0;
  std::string link;         // where a link points
};

/// What lies at a local path, parents before children, in the order of names. Read once and shared by all hosts.
struct LocalTree {
  std::string root;  // as the user wrote it
  std::string name;  // last component, for copies into a directory
  std::vector<TreeEntry> entries;
  std::uint64_t bytes = 0;
};
/// Errors: not_found, denied, usage (a directory without `recursive`; sockets, devices), limit (more than ten million entries).
Result<LocalTree> scan_local(const std::string& path, bool recursive);

struct TransferOptions {
  bool recursive = false;
  bool checksum = false;        // compare and verify by SHA-256 (sha256sum on the host), not by size and time
  std::uint32_t mode = 0;       // 0: as the source has it
};

struct TransferTotals {
  std::uint64_t files = 0;      // copied
  std::uint64_t unchanged = 0;  // were there already
  std::uint64_t skipped = 0;    // links and special files of a host, which are not followed
  std::uint64_t bytes = 0;      // of the copied ones
  /// "3 files (12.3 MiB) copied, 5 unchanged".
  [[nodiscard]] std::string text() const;
};

/// Copies the tree to `destination` (with a final "/", or when it is a directory there: into it). Each file is written beside its
/// place with mode 0600, given mode and time, and renamed: what is there is old or new, never half. Files that are there already
/// (same size and time, or same checksum) are not sent again, so that a copy which was cut goes on where it was.
Async<Result<TransferTotals>> upload(transport::Session& session, const LocalTree& tree, std::string destination, TransferOptions options,
                                     Deadline deadline);

/// Copies `source` of a host into the local directory `folder`, which is made. Names from the host are used as single components
/// below it, opened without following links, so nothing outside can be touched. Links and special files are skipped and counted.
Async<Result<TransferTotals>> download(transport::Session& session, std::string source, std::string folder, TransferOptions options,
                                       Deadline deadline);

/// SHA-256 of a local file as hexadecimal. Blocks.
Result<std::string> sha256_of_file(int fd);

}  // namespace herder::engine
