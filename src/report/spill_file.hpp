// A file without a name, made when it is first needed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/file.hpp"

namespace herder::report {

/// One thread. Private to this process: mode 0600, unlinked from the start, so that it is gone when the process is.
class SpillFile {
 public:
  explicit SpillFile(std::string directory) : directory_(std::move(directory)) {}
  /// Errors: limit (disk full), denied, io.
  Result<> write(std::uint64_t offset, std::string_view bytes);
  /// Exactly `size` bytes into `to`.
  Result<> read(std::uint64_t offset, char* to, std::size_t size) const;
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  Result<> open();
  std::string directory_;
  UniqueFd fd_;
  std::uint64_t size_ = 0;
};

}  // namespace herder::report
