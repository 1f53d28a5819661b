// Where a value was written: 56 bits inside every Value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace herder::value {

/// A file of the process-wide table of source file names; 0 is "none". The table only grows; thread-safe; at most 2^20 - 1 names,
/// later ones become 0 (the position is then lost, the value is not).
std::uint32_t source_file_id(std::string_view name);
std::string source_file_name(std::uint32_t id);

/// File, line and column packed in 56 bits: 20 bits file, 22 bits line, 14 bits column; lines and columns from 1, cut at the maximum.
class SourcePos {
 public:
  constexpr SourcePos() noexcept = default;
  explicit constexpr SourcePos(std::uint64_t packed) noexcept : packed_(packed) {}
  constexpr SourcePos(std::uint32_t file, std::uint32_t line, std::uint32_t column) noexcept
      : packed_((static_cast<std::uint64_t>(file & max_file) << 36U) |
                (static_cast<std::uint64_t>(line < max_line ? line : max_line) << 14U) | (column < max_column ? column : max_column)) {}

  [[nodiscard]] constexpr std::uint32_t file() const noexcept { return static_cast<std::uint32_t>(packed_ >> 36U) & max_file; }
  [[nodiscard]] constexpr std::uint32_t line() const noexcept { return static_cast<std::uint32_t>(packed_ >> 14U) & max_line; }
  [[nodiscard]] constexpr std::uint32_t column() const noexcept { return static_cast<std::uint32_t>(packed_) & max_column; }
  [[nodiscard]] constexpr std::uint64_t packed() const noexcept { return packed_; }
  [[nodiscard]] constexpr explicit operator bool() const noexcept { return packed_ != 0; }
  friend constexpr bool operator==(SourcePos, SourcePos) noexcept = default;

  /// For error messages.
  [[nodiscard]] Where where() const;

  static constexpr std::uint32_t max_file = (1U << 20U) - 1;
  static constexpr std::uint32_t max_line = (1U << 22U) - 1;
  static constexpr std::uint32_t max_column = (1U << 14U) - 1;

 private:
  std::uint64_t packed_ = 0;
};

}  // namespace herder::value
