#include "transport/sftp_packet.hpp"

#include "base/text.hpp"

namespace herder::transport::sftp {
namespace {

constexpr std::uint32_t has_size = 1, has_owner = 2, has_permissions = 4, has_times = 8, has_extended = 0x80000000U;
constexpr std::size_t most_message_bytes = 300;

}  // namespace

Writer& Writer::number(std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes_ += static_cast<char>(value >> static_cast<unsigned>(shift));
  return *this;
}

Writer& Writer::big(std::uint64_t value) {
  return number(static_cast<std::uint32_t>(value >> 32U)).number(static_cast<std::uint32_t>(value));
}

Writer& Writer::text(std::string_view bytes) {
  number(static_cast<std::uint32_t>(bytes.size()));
  bytes_ += bytes;
  return *this;
}

Writer& Writer::attributes(const FileAttributes& of) {
  number((of.size ? has_size : 0) | (of.mode ? has_permissions : 0) | (of.mtime ? has_times : 0));
  if (of.size) big(*of.size);
  if (of.mode) number(*of.mode);
  if (of.mtime) number(*of.mtime).number(*of.mtime);
  return *this;
}

std::string_view Reader::take(std::size_t count) noexcept {
  if (count > left_.size()) {
    ok_ = false;
    left_ = {};
    return {};
  }
  const std::string_view out = left_.substr(0, count);
  left_.remove_prefix(count);
  return out;
}

std::uint8_t Reader::byte() noexcept {
  const std::string_view bytes = take(1);
  return bytes.empty() ? 0 : static_cast<std::uint8_t>(bytes[0]);
}

std::uint32_t Reader::number() noexcept {
  std::uint32_t value = 0;
  for (const char c : take(4)) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

std::uint64_t Reader::big() noexcept {
  const std::uint64_t high = number();
  return high << 32U | number();
}

std::string_view Reader::text() noexcept { return take(number()); }

FileAttributes Reader::attributes() noexcept {
  FileAttributes out;
  const std::uint32_t flags = number();
  if ((flags & has_size) != 0) out.size = big();
  if ((flags & has_owner) != 0) (void)big();
  if ((flags & has_permissions) != 0) out.mode = number();
  if ((flags & has_times) != 0) {
    (void)number();
    out.mtime = number();
  }
  if ((flags & has_extended) != 0)
    for (std::uint32_t left = number(); left > 0 && ok_; --left) {
      (void)text();
      (void)text();
    }
  return out;
}

Error status_error(Reader fields, std::string_view doing) {
  const std::uint32_t code = fields.number();
  std::string words = text::printable(text::cut(fields.text(), most_message_bytes));
  if (words.empty()) words = fmt::format("status {}", code);
  switch (static_cast<Code>(code)) {
    case Code::no_such_file: return error(Errc::not_found, "cannot {}: no such file or directory", doing);
    case Code::permission_denied: return error(Errc::denied, "cannot {}: permission denied", doing);
    case Code::unsupported: return error(Errc::unsupported, "cannot {}: the server does not support it", doing);
    default: return error(Errc::io, "cannot {}: {}", doing, words);
  }
}

}  // namespace herder::transport::sftp
