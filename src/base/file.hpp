// Files of the user's: whole reads with a limit, atomic writes. Blocking; not for loop threads unless the file is local and small.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace herder {

/// The whole file. Errors: not_found, denied, limit (larger than `max_bytes`), io.
Result<std::string> read_file(const std::string& path, std::size_t max_bytes = std::size_t{256} << 20U);

/// Writes a temporary file beside `path` with `mode`, syncs and renames it: readers see the old or the new content, never a part.
Result<> write_file_atomically(const std::string& path, std::string_view content, unsigned mode = 0644);

/// "~" and "~user" at the start become home directories; anything else is unchanged.
std::string expand_user(std::string_view path);
/// The caller's home directory, from the password database when HOME is unset.
std::string home_directory();

/// A directory of ours that others can neither read nor write: made with 0700, refused when owned by somebody else, when it is a
/// link or when it is writable by others.
Result<> make_private_directory(const std::string& path);

/// `path` and all that is missing above it, with `mode` (less the umask). Fine when it is there already.
Result<> make_directories(const std::string& path, unsigned mode = 0755);

/// Closes a descriptor when it goes.
class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }
  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept {
    const int fd = fd_;
    fd_ = -1;
    return fd;
  }
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

}  // namespace herder
