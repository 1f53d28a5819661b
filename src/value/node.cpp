#include "value/node.hpp"

#include <new>

#include "value/big.hpp"

namespace herder::value {
namespace {

void free_leaf(Kind kind, Node* node) noexcept {
  switch (kind) {
    case Kind::string:
    case Kind::bytes: {
      auto* text = static_cast<StringNode*>(node);
      text->~StringNode();
      ::operator delete(text);
      break;
    }
    case Kind::date:
    case Kind::datetime: delete static_cast<DateNode*>(node); break;
    case Kind::big: big_free(node); break;
    default: HERDER_ASSERT(false);
  }
}

/// Lets go of `value`; a container that nobody holds any more joins the chain of the doomed.
void let_go(Value& value, ContainerNode*& doomed) noexcept {
  const Kind kind = value.kind();
  Node* node = NodeAccess::detach(value);
  if (node == nullptr || node->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (kind != Kind::list && kind != Kind::map) return free_leaf(kind, node);
  auto* container = static_cast<ContainerNode*>(node);
  container->next_doomed = doomed;
  doomed = container;
}

}  // namespace

StringNode* StringNode::allocate(std::size_t size) {
  auto* node = new (::operator new(sizeof(StringNode) + size)) StringNode;
  node->size = size;
  return node;
}

void Value::destroy(Kind kind, Node* node) noexcept {
  if (kind != Kind::list && kind != Kind::map) return free_leaf(kind, node);
  auto* doomed = static_cast<ContainerNode*>(node);
  while (doomed != nullptr) {
    ContainerNode* const container = doomed;
    doomed = container->next_doomed;
    if (container->kind == Kind::list) {
      auto* list = static_cast<ListNode*>(container);
      for (Value& item : list->items) let_go(item, doomed);
      delete list;
    } else {
      auto* map = static_cast<MapNode*>(container);
      for (MapEntry& entry : map->entries) {
        let_go(entry.key, doomed);
        let_go(entry.value, doomed);
      }
      delete map;
    }
  }
}

}  // namespace herder::value
