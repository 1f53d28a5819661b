// Files over SSH: the SFTP protocol, version 3 as OpenSSH speaks it (draft-ietf-secsh-filexfer-02 and OpenSSH's PROTOCOL file),
// with many requests in flight on one channel.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/session.hpp"

namespace herder::transport {

/// What a server says about a file, or what it is to become. Absent fields are not sent, or were not told.
struct FileAttributes {
  std::optional<std::uint64_t> size;
  std::optional<std::uint32_t> mode;   // type and permission bits as in st_mode
  std::optional<std::uint32_t> mtime;  // seconds since 1970; sent together with atime, which gets the same value
  [[nodiscard]] bool is_directory() const noexcept { return mode && (*mode & 0170000U) == 0040000U; }
  [[nodiscard]] bool is_regular() const noexcept { return mode && (*mode & 0170000U) == 0100000U; }
  [[nodiscard]] bool is_link() const noexcept { return mode && (*mode & 0170000U) == 0120000U; }
};

struct DirectoryEntry {
  std::string name;  // as the server sent it: checked to be one path component, but otherwise foreign
  FileAttributes attributes;
};

enum class SftpOpen : std::uint8_t { read, write_new, write_truncate };

/// One SFTP conversation on one loop. Any number of requests may wait at the same time. Errors of all requests: not_found, denied,
/// io (the server's words, printable), conflict (exists already), unreachable (connection lost, or the server broke the protocol),
/// timeout, cancelled.
class Sftp {
 public:
  virtual ~Sftp() = default;
  /// Starts the subsystem. Errors also: unsupported (no SFTP server there).
  static Async<Result<std::unique_ptr<Sftp>>> open(Session& session, Deadline deadline);
  /// To be awaited before destruction.
  virtual Async<void> close() = 0;

  virtual Async<Result<FileAttributes>> stat(std::string path, Deadline deadline) = 0;
  virtual Async<Result<FileAttributes>> lstat(std::string path, Deadline deadline) = 0;
  virtual Async<Result<>> set_attributes(std::string path, FileAttributes to, Deadline deadline) = 0;
  virtual Async<Result<std::string>> open_file(std::string path, SftpOpen how, std::uint32_t mode, Deadline deadline) = 0;
  /// Up to `most` bytes (at most 32 KiB are asked for); empty at the end of the file.
  virtual Async<Result<std::string>> read(std::string handle, std::uint64_t offset, std::uint32_t most, Deadline deadline) = 0;
  /// At most 32 KiB.
  virtual Async<Result<>> write(std::string handle, std::uint64_t offset, std::string_view bytes, Deadline deadline) = 0;
  virtual Async<Result<>> close_handle(std::string handle, Deadline deadline) = 0;
  /// The whole directory without "." and "..". Errors also: limit (more than a million entries).
  virtual Async<Result<std::vector<DirectoryEntry>>> list(std::string path, Deadline deadline) = 0;
  virtual Async<Result<>> make_directory(std::string path, std::uint32_t mode, Deadline deadline) = 0;
  virtual Async<Result<>> remove(std::string path, Deadline deadline) = 0;
  /// Replaces an existing `to` in one step where the server can (posix-rename@openssh.com).
  virtual Async<Result<>> rename(std::string from, std::string to, Deadline deadline) = 0;
  virtual Async<Result<>> make_link(std::string path, std::string target, Deadline deadline) = 0;

  static constexpr std::uint32_t piece_bytes = 32 << 10;
};

}  // namespace herder::transport
