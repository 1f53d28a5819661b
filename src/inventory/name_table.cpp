#include "inventory/name_table.hpp"

#include <cstring>
#include <functional>

namespace herder::inventory {
namespace {

std::uint32_t hash_of(std::string_view name) noexcept {
  const std::size_t wide = std::hash<std::string_view>{}(name);
  return static_cast<std::uint32_t>(wide ^ (wide >> 32U));
}

}  // namespace

std::uint32_t NameTable::intern(std::string_view name) {
  if ((names_.size() + 1) * 4 > slots_.size() * 3) grow();
  const std::uint32_t hash = hash_of(name);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.number == free_slot) {
      slot = {hash, static_cast<std::uint32_t>(names_.size())};
      names_.push_back(keep(name));
      return slot.number;
    }
    if (slot.hash == hash && names_[slot.number] == name) return slot.number;
  }
}

std::optional<std::uint32_t> NameTable::find(std::string_view name) const noexcept {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t hash = hash_of(name);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].number != free_slot; at = (at + 1) & mask)
    if (slots_[at].hash == hash && names_[slots_[at].number] == name) return slots_[at].number;
  return std::nullopt;
}

std::string_view NameTable::keep(std::string_view name) {
  if (name.empty()) return {};
  if (name.size() > chunk_left_) {
    chunk_left_ = name.size() > chunk_bytes ? name.size() : chunk_bytes;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_left_));
    chunk_next_ = chunks_.back().get();
  }
  char* const kept = chunk_next_;
  std::memcpy(kept, name.data(), name.size());
  chunk_next_ += name.size();
  chunk_left_ -= name.size();
  return {kept, name.size()};
}

void NameTable::grow() {
  const std::size_t wanted = slots_.empty() ? 16 : slots_.size() * 2;
  std::vector<Slot> old(wanted);
  old.swap(slots_);
  const std::size_t mask = wanted - 1;
  for (const Slot& slot : old) {
    if (slot.number == free_slot) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].number != free_slot) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

}  // namespace herder::inventory
