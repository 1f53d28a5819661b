// SFTP packets: numbers and texts in network order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "transport/sftp.hpp"

namespace herder::transport::sftp {

enum class Packet : std::uint8_t {
  init = 1, version = 2, open = 3, close = 4, read = 5, write = 6, lstat = 7, setstat = 9, opendir = 11, readdir = 12, remove = 13,
  mkdir = 14, stat = 17, rename = 18, symlink = 20, status = 101, handle = 102, data = 103, name = 104, attributes = 105,
  extended = 200,
};

enum class Code : std::uint32_t { ok = 0, end_of_file = 1, no_such_file = 2, permission_denied = 3, failure = 4, unsupported = 8 };

class Writer {
 public:
  Writer& byte(std::uint8_t value) { bytes_ += static_cast<char>(value); return *this; }
  Writer& number(std::uint32_t value);
  Writer& big(std::uint64_t value);
  Writer& text(std::string_view bytes);
  Writer& attributes(const FileAttributes& attributes);
  [[nodiscard]] const std::string& bytes() const noexcept { return bytes_; }

 private:
  std::string bytes_;
};

/// What servers send is foreign: reading past the end makes ok() false and gives zeros and empty texts.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : left_(bytes) {}
  std::uint8_t byte() noexcept;
  std::uint32_t number() noexcept;
  std::uint64_t big() noexcept;
  std::string_view text() noexcept;
  FileAttributes attributes() noexcept;
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool empty() const noexcept { return left_.empty(); }

 private:
  std::string_view take(std::size_t count) noexcept;
  std::string_view left_;
  bool ok_ = true;
};

/// A status packet's failure as an Error; `doing` is "open /srv/x".
Error status_error(Reader fields, std::string_view doing);

}  // namespace herder::transport::sftp
