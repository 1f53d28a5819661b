// The heap nodes behind Values. Only for the .cpp files of this room.
//
// A node is never changed once a second Value holds it; builders change a node that they alone hold. The one exception is the
// hash kept in a string node, which is atomic and the same whoever writes it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "value/value.hpp"

namespace herder::value {

/// A string or bytes: one allocation, the characters follow this head.
struct StringNode : Node {
  std::size_t size = 0;
  std::atomic<std::size_t> hash{0};  // 0: not yet known

  [[nodiscard]] char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
  [[nodiscard]] const char* data() const noexcept { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] std::string_view view() const noexcept { return {data(), size}; }
  /// Room for `size` characters, not yet written. size > 0.
  static StringNode* allocate(std::size_t size);
};

struct DateNode : Node {
  DateTime time;
};

/// Lists and maps. Nodes about to be freed wait in a chain, so that freeing does not recurse.
struct ContainerNode : Node {
  explicit ContainerNode(Kind what) : kind(what) {}
  ContainerNode* next_doomed = nullptr;
  Kind kind;
};

struct ListNode : ContainerNode {
  ListNode() : ContainerNode(Kind::list) {}
  std::vector<Value> items;
};

/// Entries in insertion order; above `linear_limit` of them also an open-addressing table of their places.
struct MapNode : ContainerNode {
  static constexpr std::size_t linear_limit = 8;
  static constexpr std::size_t nowhere = SIZE_MAX;
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t place = 0;  // 1 + position in `entries`; 0: free
  };

  MapNode() : ContainerNode(Kind::map) {}
  std::vector<MapEntry> entries;
  std::vector<Slot> index;  // empty, or a power of two larger than 4/3 of the entries

  /// Position of the key in `entries`, or `nowhere`.
  [[nodiscard]] std::size_t find(std::string_view key) const noexcept;
  [[nodiscard]] std::size_t find(const Value& key) const noexcept;
  /// `key` must not be there.
  void append(Value key, Value value);
  void erase_at(std::size_t position);
  void reserve(std::size_t count);

 private:
  [[nodiscard]] std::size_t find_linear(std::string_view key) const noexcept;
  [[nodiscard]] std::size_t find_text(std::string_view key, std::size_t full_hash) const noexcept;
  void rebuild_index(std::size_t count);
  void insert_slot(std::uint32_t hash, std::uint32_t place) noexcept;
  void remove_slot(std::uint32_t place) noexcept;
};

/// The room's way into a Value.
struct NodeAccess {
  static Node* node(const Value& value) noexcept { return value.on_heap() ? value.node_ : nullptr; }
  static Value make(Kind kind, Node* node) noexcept { return {kind, node}; }
  /// Takes the node (and the count that it stands for) out of `value`.
  static Node* detach(Value& value) noexcept {
    Node* node = value.on_heap() ? value.node_ : nullptr;
    value.head_ = 0;
    value.raw_ = 0;
    return node;
  }
  static void set_node(Value& value, Node* node) noexcept { value.node_ = node; }
  static bool same_node(const Value& a, const Value& b) noexcept { return a.on_heap() && b.on_heap() && a.node_ == b.node_; }
};

inline const StringNode* string_node(const Value& value) noexcept { return static_cast<const StringNode*>(NodeAccess::node(value)); }
inline const ListNode* list_node(const Value& value) noexcept { return static_cast<const ListNode*>(NodeAccess::node(value)); }
inline const MapNode* map_node(const Value& value) noexcept { return static_cast<const MapNode*>(NodeAccess::node(value)); }
inline const Node* big_node(const Value& value) noexcept { return NodeAccess::node(value); }

/// Hash of text, keyed per process: what a target sends cannot be made to collide. Never 0.
std::size_t hash_text(std::string_view text) noexcept;

}  // namespace herder::value
