#include "value/value.hpp"

#include <cstring>
#include <limits>

#include "value/big.hpp"
#include "value/node.hpp"

namespace herder::value {
namespace {

Value make_text(Kind kind, std::string_view text) {
  if (text.empty()) return NodeAccess::make(kind, nullptr);
  StringNode* node = StringNode::allocate(text.size());
  std::memcpy(node->data(), text.data(), text.size());
  return NodeAccess::make(kind, node);
}

}  // namespace

std::string_view python_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::null: return "NoneType";
    case Kind::boolean: return "bool";
    case Kind::integer:
    case Kind::big: return "int";
    case Kind::real: return "float";
    case Kind::string: return "str";
    case Kind::bytes: return "bytes";
    case Kind::date: return "date";
    case Kind::datetime: return "datetime";
    case Kind::list: return "list";
    case Kind::map: return "dict";
  }
  return "object";
}

Value::Value(std::uint64_t number) {
  if (number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    *this = Value(static_cast<std::int64_t>(number));
  else
    *this = integer_from_unsigned(number);
}

Value::Value(std::string_view text) : Value(make_text(Kind::string, text)) {}

Value::Value(const DateTime& time) {
  auto* node = new DateNode;
  node->time = time;
  *this = Value(time.date_only ? Kind::date : Kind::datetime, node);
}

Value Value::list(std::initializer_list<Value> items) {
  ListBuilder builder;
  builder.reserve(items.size());
  for (const Value& item : items) builder.push_back(item);
  return std::move(builder).build();
}

Value Value::map(std::initializer_list<std::pair<std::string_view, Value>> items) {
  MapBuilder builder;
  builder.reserve(items.size());
  for (const auto& [key, value] : items) builder.set(key, value);
  return std::move(builder).build();
}

Value Value::bytes(std::string_view bytes) { return make_text(Kind::bytes, bytes); }

std::optional<Value> Value::integer_from_decimal(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  return integer_from_digits(digits, 10, negative);
}

bool Value::as_bool() const {
  HERDER_ASSERT(is_bool());
  return boolean_;
}

std::int64_t Value::as_int() const {
  HERDER_ASSERT(kind() == Kind::integer);
  return integer_;
}

double Value::as_real() const {
  HERDER_ASSERT(is_number());
  if (kind() == Kind::integer) return static_cast<double>(integer_);
  return kind() == Kind::big ? big_real(node_) : real_;
}

std::string_view Value::as_string() const {
  HERDER_ASSERT(kind() == Kind::string || kind() == Kind::bytes);
  const StringNode* node = string_node(*this);
  return node == nullptr ? std::string_view() : node->view();
}

const DateTime& Value::as_datetime() const {
  HERDER_ASSERT(kind() == Kind::date || kind() == Kind::datetime);
  return static_cast<const DateNode*>(node_)->time;
}

std::string Value::big_decimal() const {
  HERDER_ASSERT(is_int());
  return kind() == Kind::integer ? std::to_string(integer_) : big_text(node_);
}

std::span<const Value> Value::items() const {
  HERDER_ASSERT(is_list());
  const ListNode* node = list_node(*this);
  return node == nullptr ? std::span<const Value>() : std::span<const Value>(node->items);
}

std::span<const MapEntry> Value::entries() const {
  HERDER_ASSERT(is_map());
  const MapNode* node = map_node(*this);
  return node == nullptr ? std::span<const MapEntry>() : std::span<const MapEntry>(node->entries);
}

std::size_t Value::size() const noexcept {
  if (!on_heap()) return 0;
  switch (kind()) {
    case Kind::string:
    case Kind::bytes: return string_node(*this)->size;
    case Kind::list: return list_node(*this)->items.size();
    case Kind::map: return map_node(*this)->entries.size();
    default: return 0;
  }
}

const Value* Value::find(std::string_view key) const noexcept {
  if (!is_map() || node_ == nullptr) return nullptr;
  const MapNode* node = map_node(*this);
  const std::size_t position = node->find(key);
  return position == MapNode::nowhere ? nullptr : &node->entries[position].value;
}

const Value* Value::find(const Value& key) const noexcept {
  if (!is_map() || node_ == nullptr) return nullptr;
  const MapNode* node = map_node(*this);
  const std::size_t position = node->find(key);
  return position == MapNode::nowhere ? nullptr : &node->entries[position].value;
}

Value Value::get(std::string_view key) const {
  const Value* found = find(key);
  return found == nullptr ? Value() : *found;
}

bool Value::truthy() const noexcept {
  switch (kind()) {
    case Kind::null: return false;
    case Kind::boolean: return boolean_;
    case Kind::integer: return integer_ != 0;
    case Kind::real: return real_ != 0;
    case Kind::big:
    case Kind::date:
    case Kind::datetime: return true;
    default: return size() != 0;
  }
}

Value Value::marked(Mark more) const& { return Value(*this).marked(more); }

Value Value::marked(Mark more) && {
  head_ |= static_cast<std::uint64_t>(more) << 4U;
  return std::move(*this);
}

Value Value::unmarked(Mark gone) const {
  Value out(*this);
  out.head_ &= ~(static_cast<std::uint64_t>(gone) << 4U);
  return out;
}

Value Value::at(SourcePos position) const& { return Value(*this).at(position); }

Value Value::at(SourcePos position) && {
  head_ = (head_ & 0xffU) | (position.packed() << 8U);
  return std::move(*this);
}

std::size_t Value::use_count() const noexcept { return on_heap() ? node_->references.load(std::memory_order_acquire) : 1; }

}  // namespace herder::value
