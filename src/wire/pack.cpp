#include "wire/pack.hpp"

#include <utility>

namespace herder::wire {

Packer& Packer::number(std::uint64_t value) {
  while (value >= 0x80) {
    bytes_ += static_cast<char>(value | 0x80U);
    value >>= 7U;
  }
  bytes_ += static_cast<char>(value);
  return *this;
}

Packer& Packer::signed_number(std::int64_t value) {
  const auto bits = static_cast<std::uint64_t>(value);
  return number((bits << 1U) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

Packer& Packer::text(std::string_view bytes) {
  number(bytes.size());
  bytes_ += bytes;
  return *this;
}

void Unpacker::spoil() noexcept {
  ok_ = false;
  left_ = {};
}

std::uint64_t Unpacker::number() noexcept {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (left_.empty()) break;
    const auto byte = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    if (shift == 63 && byte > 1) break;
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
    if (byte < 0x80) return value;
  }
  spoil();
  return 0;
}

std::int64_t Unpacker::signed_number() noexcept {
  const std::uint64_t bits = number();
  return static_cast<std::int64_t>((bits >> 1U) ^ (~(bits & 1U) + 1U));
}

bool Unpacker::truth() noexcept {
  const std::uint64_t value = number();
  if (value > 1) spoil();
  return value == 1;
}

std::string_view Unpacker::text() noexcept {
  const std::uint64_t size = number();
  if (size > left_.size()) {
    spoil();
    return {};
  }
  const std::string_view out = left_.substr(0, size);
  left_.remove_prefix(size);
  return out;
}

std::uint64_t Unpacker::count(std::size_t item_bytes) noexcept {
  const std::uint64_t items = number();
  if (items > left_.size() / item_bytes) {
    spoil();
    return 0;
  }
  return items;
}

std::string_view Unpacker::rest() noexcept { return std::exchange(left_, {}); }

}  // namespace herder::wire
