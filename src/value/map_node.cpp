// The map's table: linear probing, slots hold 32 bits of the hash and the entry's place, removal shifts the run back.
#include <algorithm>
#include <bit>
#include <cstring>

#include "value/node.hpp"

namespace herder::value {
namespace {

std::uint32_t short_hash(std::size_t hash) noexcept { return static_cast<std::uint32_t>(hash ^ (hash >> 32U)); }

/// `value` is the string `text`; without calls, because this is where look-ups spend their time.
bool is_text(const Value& value, std::string_view text) noexcept {
  if (!value.is_string()) return false;
  const StringNode* node = string_node(value);
  if (node == nullptr) return text.empty();
  return node->size == text.size() && std::memcmp(node->data(), text.data(), text.size()) == 0;
}

}  // namespace

std::size_t MapNode::find(std::string_view key) const noexcept {
  return index.empty() ? find_linear(key) : find_text(key, hash_text(key));
}

std::size_t MapNode::find(const Value& key) const noexcept {
  if (key.is_string()) return index.empty() ? find_linear(key.as_string()) : find_text(key.as_string(), key.hash());
  if (index.empty()) {
    for (std::size_t i = 0; i < entries.size(); ++i)
      if (entries[i].key == key) return i;
    return nowhere;
  }
  const std::size_t mask = index.size() - 1;
  const std::uint32_t hash = short_hash(key.hash());
  for (std::size_t at = hash & mask; index[at].place != 0; at = (at + 1) & mask)
    if (index[at].hash == hash && entries[index[at].place - 1].key == key) return index[at].place - 1;
  return nowhere;
}

std::size_t MapNode::find_linear(std::string_view key) const noexcept {
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (is_text(entries[i].key, key)) return i;
  return nowhere;
}

std::size_t MapNode::find_text(std::string_view key, std::size_t full_hash) const noexcept {
  const std::size_t mask = index.size() - 1;
  const std::uint32_t hash = short_hash(full_hash);
  for (std::size_t at = hash & mask; index[at].place != 0; at = (at + 1) & mask)
    if (index[at].hash == hash && is_text(entries[index[at].place - 1].key, key)) return index[at].place - 1;
  return nowhere;
}

void MapNode::append(Value key, Value value) {
  HERDER_ASSERT(entries.size() < UINT32_MAX / 2);
  entries.push_back({std::move(key), std::move(value)});
  if (entries.size() <= linear_limit) return;
  if (entries.size() * 4 > index.size() * 3) return rebuild_index(entries.size());
  insert_slot(short_hash(entries.back().key.hash()), static_cast<std::uint32_t>(entries.size()));
}

void MapNode::erase_at(std::size_t position) {
  if (!index.empty()) remove_slot(static_cast<std::uint32_t>(position + 1));
  entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(position));
  if (index.empty()) return;
  if (entries.size() <= linear_limit) return index.clear();
  if (position == entries.size()) return;  // the last one: no place changed
  for (Slot& slot : index)
    if (slot.place > position + 1) --slot.place;
}

void MapNode::reserve(std::size_t count) {
  entries.reserve(count);
  if (count > linear_limit && count * 4 > index.size() * 3 && entries.size() > linear_limit) rebuild_index(count);
}

void MapNode::rebuild_index(std::size_t count) {
  const std::size_t slots = std::bit_ceil(std::max(count, entries.capacity()) * 4 / 3 + 1);
  index.assign(slots, Slot{});
  for (std::size_t i = 0; i < entries.size(); ++i)
    insert_slot(short_hash(entries[i].key.hash()), static_cast<std::uint32_t>(i + 1));
}

void MapNode::insert_slot(std::uint32_t hash, std::uint32_t place) noexcept {
  const std::size_t mask = index.size() - 1;
  std::size_t at = hash & mask;
  while (index[at].place != 0) at = (at + 1) & mask;
  index[at] = {hash, place};
}

void MapNode::remove_slot(std::uint32_t place) noexcept {
  const std::size_t mask = index.size() - 1;
  std::size_t hole = short_hash(entries[place - 1].key.hash()) & mask;
  while (index[hole].place != place) hole = (hole + 1) & mask;
  for (std::size_t at = (hole + 1) & mask; index[at].place != 0; at = (at + 1) & mask) {
    const std::size_t home = index[at].hash & mask;
    if (((at - home) & mask) < ((at - hole) & mask)) continue;  // it would stand before its home
    index[hole] = index[at];
    hole = at;
  }
  index[hole] = {};
}

}  // namespace herder::value
