#include "value/node.hpp"

namespace herder::value {
namespace {

ListNode* copy_of(const ListNode& node) {
  auto* copy = new ListNode;
  copy->items = node.items;
  return copy;
}

MapNode* copy_of(const MapNode& node) {
  auto* copy = new MapNode;
  copy->entries = node.entries;
  copy->index = node.index;
  return copy;
}

/// The node of `value` for changing: made when there is none, copied when somebody else holds it.
template <class NodeType>
NodeType& own(Value& value) {
  auto* node = static_cast<NodeType*>(NodeAccess::node(value));
  if (node == nullptr) {
    node = new NodeType;
    NodeAccess::set_node(value, node);
  } else if (value.use_count() != 1) {
    Value mine = NodeAccess::make(value.kind(), copy_of(*node)).marked(value.marks()).at(value.source());
    node = static_cast<NodeType*>(NodeAccess::node(mine));
    value = std::move(mine);
  }
  return *node;
}

}  // namespace

ListBuilder::ListBuilder(Value start) : list_(std::move(start)) { HERDER_ASSERT(list_.is_list()); }

void ListBuilder::reserve(std::size_t count) {
  if (count > list_.size()) own<ListNode>(list_).items.reserve(count);
}

void ListBuilder::push_back(Value item) { own<ListNode>(list_).items.push_back(std::move(item)); }

void ListBuilder::set(std::size_t index, Value item) {
  HERDER_ASSERT(index < size());
  own<ListNode>(list_).items[index] = std::move(item);
}

void ListBuilder::erase(std::size_t index) {
  HERDER_ASSERT(index < size());
  auto& items = own<ListNode>(list_).items;
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
}

void ListBuilder::insert(std::size_t index, Value item) {
  HERDER_ASSERT(index <= size());
  auto& items = own<ListNode>(list_).items;
  items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), std::move(item));
}

void ListBuilder::append_all(const Value& list) {
  const Value held = list;  // NOLINT(performance-unnecessary-copy-initialization): it may be an element of ours, or this list itself
  const auto more = held.items();
  if (more.empty()) return;
  auto& items = own<ListNode>(list_).items;
  items.insert(items.end(), more.begin(), more.end());
}

Value ListBuilder::build() && { return std::exchange(list_, Value::empty_list()); }

MapBuilder::MapBuilder(Value start) : map_(std::move(start)) { HERDER_ASSERT(map_.is_map()); }

void MapBuilder::reserve(std::size_t count) {
  if (count > map_.size()) own<MapNode>(map_).reserve(count);
}

bool MapBuilder::set(std::string_view key, Value value) {
  auto& node = own<MapNode>(map_);
  if (const std::size_t position = node.find(key); position != MapNode::nowhere) {
    node.entries[position].value = std::move(value);
    return false;
  }
  node.append(Value(key), std::move(value));
  return true;
}

bool MapBuilder::set(Value key, Value value) {
  auto& node = own<MapNode>(map_);
  if (const std::size_t position = node.find(key); position != MapNode::nowhere) {
    node.entries[position].value = std::move(value);
    return false;
  }
  node.append(std::move(key), std::move(value));
  return true;
}

bool MapBuilder::erase(std::string_view key) {
  if (map_.find(key) == nullptr) return false;
  auto& node = own<MapNode>(map_);
  node.erase_at(node.find(key));
  return true;
}

bool MapBuilder::erase(const Value& key) {
  if (map_.find(key) == nullptr) return false;
  auto& node = own<MapNode>(map_);
  node.erase_at(node.find(key));
  return true;
}

Value MapBuilder::build() && { return std::exchange(map_, Value::empty_map()); }

}  // namespace herder::value
