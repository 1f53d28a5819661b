// Compact binary fields: what goes inside a frame (docs/formats/frames.md). Numbers are LEB128 varints, texts are length-prefixed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace herder::wire {

/// Appends fields to a buffer. Never fails.
class Packer {
 public:
  Packer& number(std::uint64_t value);
  Packer& signed_number(std::int64_t value);  // zigzag
  Packer& truth(bool value) { return number(value ? 1 : 0); }
  Packer& text(std::string_view bytes);
  [[nodiscard]] const std::string& bytes() const& noexcept { return bytes_; }
  [[nodiscard]] std::string bytes() && noexcept { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads fields back in the same order. The bytes are foreign: anything that does not fit (too short, a varint above 64 bits, a
/// length beyond the end) makes ok() false, and from then on every field is 0 or empty. Views live as long as the bytes.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) noexcept : left_(bytes) {}
  std::uint64_t number() noexcept;
  std::int64_t signed_number() noexcept;
  bool truth() noexcept;
  std::string_view text() noexcept;
  /// A count of items that follow, each at least `item_bytes` long: bounded by what is left, so that it is safe to reserve.
  std::uint64_t count(std::size_t item_bytes = 1) noexcept;
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// Everything was read and fitted.
  [[nodiscard]] bool finished() const noexcept { return ok_ && left_.empty(); }
  [[nodiscard]] std::string_view rest() noexcept;

 private:
  void spoil() noexcept;
  std::string_view left_;
  bool ok_ = true;
};

}  // namespace herder::wire
