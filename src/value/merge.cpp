// Whole-tree operations: merges, deep marks, sorted maps.
#include <algorithm>
#include <unordered_map>
#include <vector>

#include "value/node.hpp"

namespace herder::value {
namespace {

/// Marks a tree from the leaves up. Shared nodes are marked once and stay shared, so that data with many aliases does not grow.
class DeepMarker {
 public:
  explicit DeepMarker(Mark more) : more_(more) {}

  Value mark(const Value& value) {
    if (!value.is_list() && !value.is_map()) return value.marked(more_);
    const bool shared = value.use_count() > 1;
    const Node* node = NodeAccess::node(value);
    if (shared)
      if (const auto known = done_.find(node); known != done_.end())
        return Value(known->second).marked(value.marks() | more_).at(value.source());
    Value out = (value.is_list() ? mark_list(value) : mark_map(value)).marked(value.marks() | more_).at(value.source());
    if (shared && node != nullptr) done_.emplace(node, out);
    return out;
  }

 private:
  Value mark_list(const Value& list) {
    ListBuilder out;
    out.reserve(list.size());
    for (const Value& item : list.items()) out.push_back(mark(item));
    return std::move(out).build();
  }

  Value mark_map(const Value& map) {
    MapBuilder out;
    out.reserve(map.size());
    for (const MapEntry& entry : map.entries()) out.set(mark(entry.key), mark(entry.value));
    return std::move(out).build();
  }

  Mark more_;
  std::unordered_map<const Node*, Value> done_;
};

}  // namespace

Value Value::marked_deep(Mark more) const { return DeepMarker(more).mark(*this); }

Value combine(const Value& base, const Value& over, bool recursive) {
  if (!base.is_map() || !over.is_map()) return over;
  const Mark marks = spreading(base.marks() | over.marks());
  if (base.size() == 0) return over.marked(marks);
  MapBuilder out(base);
  for (const MapEntry& entry : over.entries()) {
    const Value* old = recursive && entry.value.is_map() ? out.find(entry.key) : nullptr;
    out.set(entry.key, old != nullptr && old->is_map() ? combine(*old, entry.value, true) : entry.value);
  }
  return std::move(out).build().marked(marks);
}

Value sorted_by_key(const Value& map) {
  std::vector<const MapEntry*> order;
  order.reserve(map.size());
  for (const MapEntry& entry : map.entries()) order.push_back(&entry);
  // UTF-8 sorts by bytes as it does by code points.
  std::ranges::stable_sort(order, [](const MapEntry* a, const MapEntry* b) {
    if (a->key.is_string() != b->key.is_string()) return a->key.is_string();
    return a->key.is_string() && a->key.as_string() < b->key.as_string();
  });
  MapBuilder out;
  out.reserve(order.size());
  for (const MapEntry* entry : order) out.set(entry->key, entry->value);
  return std::move(out).build().marked(map.marks()).at(map.source());
}

}  // namespace herder::value
