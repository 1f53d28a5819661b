// Names as small numbers: each different text is kept once and gets the next number.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace herder::inventory {

/// Owns its texts; views stay valid as long as the table lives, also while it grows. About 24 bytes a name beside the text.
/// One thread while it grows, any number afterwards.
class NameTable {
 public:
  /// The number of `name`, new or old.
  std::uint32_t intern(std::string_view name);
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const noexcept;
  [[nodiscard]] std::string_view operator[](std::uint32_t number) const noexcept { return names_[number]; }
  [[nodiscard]] std::size_t size() const noexcept { return names_.size(); }

 private:
  static constexpr std::uint32_t free_slot = UINT32_MAX;
  static constexpr std::size_t chunk_bytes = std::size_t{64} << 10U;

  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = free_slot;
  };

  std::string_view keep(std::string_view name);
  void grow();

  std::vector<std::string_view> names_;
  std::vector<Slot> slots_;  // a power of two, at most 3/4 full, linear probing
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* chunk_next_ = nullptr;
  std::size_t chunk_left_ = 0;
};

}  // namespace herder::inventory
