// The one value type that everything speaks: YAML, JSON, templates, module arguments and results, events.
//
// A Value is 16 bytes, immutable and cheap to copy (at most one atomic increment), and safe to share between threads. It follows
// Python's data model where Ansible's users can see it: 1 == 1.0 == True as map keys and in comparisons, integers without limit,
// maps that keep insertion order. To change a list or map, use ListBuilder / MapBuilder: they copy only when somebody else holds
// the same node.
//
// Beside its data a value carries marks (which never change equality or hash):
//   untrusted  it came from a target, a lookup or a file that is not the user's: never compiled as a template;
//   secret     it, or something it was made from, must never be shown;
//   vaulted    a string that is ansible-vault cipher text (YAML !vault), not yet decrypted.
// and optionally where it was written: file, line, column (source.hpp).
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"
#include "value/source.hpp"

namespace herder::value {

enum class Kind : std::uint8_t {
  null,
  boolean,
  integer,   // fits 64 bits
  big,       // an integer that does not
  real,
  string,    // text, UTF-8 by convention; may hold anything when it came from a target
  bytes,     // YAML !!binary
  date,      // a calendar day
  datetime,  // day and time with microseconds, with or without UTC offset
  list,
  map,
};

/// Python's name of the type, for error texts: "NoneType", "bool", "int", "float", "str", "bytes", "date", "datetime", "list", "dict".
std::string_view python_name(Kind kind) noexcept;

enum class Mark : std::uint8_t { none = 0, untrusted = 1, secret = 2, vaulted = 4 };
constexpr Mark operator|(Mark a, Mark b) noexcept { return static_cast<Mark>(static_cast<unsigned>(a) | static_cast<unsigned>(b)); }
constexpr Mark operator&(Mark a, Mark b) noexcept { return static_cast<Mark>(static_cast<unsigned>(a) & static_cast<unsigned>(b)); }
constexpr bool has(Mark marks, Mark one) noexcept { return (marks & one) != Mark::none; }
/// The marks that spread to whatever is made from a value (untrusted and secret; vaulted does not).
constexpr Mark spreading(Mark marks) noexcept { return marks & (Mark::untrusted | Mark::secret); }

/// Calendar time as Python's datetime.date / datetime.datetime hold it (proleptic Gregorian calendar).
struct DateTime {
  std::int32_t year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0, microsecond = 0;
  bool date_only = false;
  bool has_offset = false;
  std::int32_t offset_seconds = 0;  // east of UTC, when has_offset
  friend bool operator==(const DateTime&, const DateTime&) = default;
  /// ISO 8601 as Python's isoformat(): "2026-01-31" or "2026-01-31T10:20:30.000001+02:00".
  [[nodiscard]] std::string iso() const;
};

/// Literals and std::string: in look-ups they are text, not a Value to be made first.
template <class T>
concept TextLike = std::convertible_to<const T&, std::string_view> && !std::same_as<T, std::string_view>;

class Value;
struct MapEntry;  // {Value key; Value value;}

/// The head of every heap node: how many Values point to it. What follows it is known to node.hpp only.
struct Node {
  std::atomic<std::uint64_t> references{1};
};

class Value {
 public:
  Value() noexcept {}  // null; NOLINT(modernize-use-equals-default): const Values need no braces
  Value(std::nullptr_t) noexcept {}
  Value(bool truth) noexcept : head_(static_cast<std::uint64_t>(Kind::boolean)) { boolean_ = truth; }
  Value(int number) noexcept : Value(static_cast<std::int64_t>(number)) {}
  Value(unsigned number) noexcept : Value(static_cast<std::int64_t>(number)) {}
  Value(std::int64_t number) noexcept : head_(static_cast<std::uint64_t>(Kind::integer)) { integer_ = number; }
  Value(std::uint64_t number);  // becomes big above INT64_MAX
  Value(double number) noexcept : head_(static_cast<std::uint64_t>(Kind::real)) { real_ = number; }
  Value(std::string_view text);
  Value(const std::string& text) : Value(std::string_view(text)) {}
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(const DateTime& time);

  /// `{Value(1), Value("two")}` and `{{"name", Value(..)}, ...}`, mostly for tests.
  static Value list(std::initializer_list<Value> items);
  static Value map(std::initializer_list<std::pair<std::string_view, Value>> items);
  static Value empty_list() noexcept { return {Kind::list, nullptr}; }
  static Value empty_map() noexcept { return {Kind::map, nullptr}; }
  static Value bytes(std::string_view bytes);
  /// Any decimal integer with optional sign (no blanks or underscores); small ones become Kind::integer. Nothing when it is not one.
  static std::optional<Value> integer_from_decimal(std::string_view digits);

  Value(const Value& other) noexcept : head_(other.head_), raw_(other.raw_) {
    if (on_heap()) node_->references.fetch_add(1, std::memory_order_relaxed);
  }
  /// Leaves `other` null.
  Value(Value&& other) noexcept : head_(std::exchange(other.head_, 0)), raw_(std::exchange(other.raw_, 0)) {}
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~Value() {
    if (on_heap()) release();
  }
  void swap(Value& other) noexcept {
    std::swap(head_, other.head_);
    std::swap(raw_, other.raw_);
  }

  [[nodiscard]] Kind kind() const noexcept { return static_cast<Kind>(head_ & 0xfU); }
  [[nodiscard]] bool is_null() const noexcept { return kind() == Kind::null; }
  [[nodiscard]] bool is_bool() const noexcept { return kind() == Kind::boolean; }
  [[nodiscard]] bool is_int() const noexcept { return kind() == Kind::integer || kind() == Kind::big; }
  [[nodiscard]] bool is_number() const noexcept { return is_int() || kind() == Kind::real; }
  [[nodiscard]] bool is_string() const noexcept { return kind() == Kind::string; }
  [[nodiscard]] bool is_list() const noexcept { return kind() == Kind::list; }
  [[nodiscard]] bool is_map() const noexcept { return kind() == Kind::map; }

  // The accessors below demand the right kind (HERDER_ASSERT).
  [[nodiscard]] bool as_bool() const;
  [[nodiscard]] std::int64_t as_int() const;     // Kind::integer only
  [[nodiscard]] double as_real() const;          // any number, converted
  [[nodiscard]] std::string_view as_string() const;  // string or bytes; lives as long as any copy of this value
  [[nodiscard]] const DateTime& as_datetime() const;
  [[nodiscard]] std::string big_decimal() const;  // any integer as decimal digits
  [[nodiscard]] std::span<const Value> items() const;       // list elements
  [[nodiscard]] std::span<const MapEntry> entries() const;  // map entries in insertion order

  /// Number of elements (list), entries (map) or bytes (string, bytes); 0 for others.
  [[nodiscard]] std::size_t size() const noexcept;

  /// The entry's value, or nullptr when this is not a map or has no such key. O(1) for maps above 8 entries.
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;
  [[nodiscard]] const Value* find(const Value& key) const noexcept;
  [[nodiscard]] const Value* find(const TextLike auto& key) const noexcept { return find(std::string_view(key)); }
  /// The same, but a null value when missing.
  [[nodiscard]] Value get(std::string_view key) const;

  /// Python's truth: false, 0, 0.0, "", [], {}, None are false.
  [[nodiscard]] bool truthy() const noexcept;

  /// Python's ==, deep, across number types. Marks and positions do not count.
  friend bool operator==(const Value& a, const Value& b) noexcept;
  /// Equal values have equal hashes; lists and maps hash too (herder needs that, Python forbids it).
  [[nodiscard]] std::size_t hash() const noexcept;

  [[nodiscard]] Mark marks() const noexcept { return static_cast<Mark>((head_ >> 4U) & 0xfU); }
  /// This value with more marks. Shallow and O(1): `marked_deep` also marks what is inside.
  [[nodiscard]] Value marked(Mark more) const&;
  [[nodiscard]] Value marked(Mark more) &&;
  [[nodiscard]] Value marked_deep(Mark more) const;
  /// This value without `gone` (shallow).
  [[nodiscard]] Value unmarked(Mark gone) const;

  [[nodiscard]] SourcePos source() const noexcept { return SourcePos(head_ >> 8U); }
  [[nodiscard]] Value at(SourcePos position) const&;
  [[nodiscard]] Value at(SourcePos position) &&;

  /// How many Values share this heap node; 1 for values without one. For tests and builders.
  [[nodiscard]] std::size_t use_count() const noexcept;

 private:
  friend struct NodeAccess;  // node.hpp: the room's own way to the nodes
  Value(Kind kind, Node* node) noexcept : head_(static_cast<std::uint64_t>(kind)) { node_ = node; }

  /// Empty strings, lists and maps have no node.
  [[nodiscard]] bool on_heap() const noexcept {
    constexpr std::uint64_t heap_kinds = 0b111'1110'1000;  // big, string, bytes, date, datetime, list, map
    return ((heap_kinds >> (head_ & 0xfU)) & 1U) != 0 && node_ != nullptr;
  }
  void release() noexcept {
    if (node_->references.load(std::memory_order_acquire) == 1 || node_->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
      destroy(kind(), node_);
  }
  /// Frees a node that nobody holds any more, and what only it held; no recursion, however deep the data.
  static void destroy(Kind kind, Node* node) noexcept;

  // bits 0-3 kind, 4-7 marks, 8-63 SourcePos
  std::uint64_t head_ = 0;
  union {
    bool boolean_;
    std::int64_t integer_;
    double real_;
    Node* node_;
    std::uint64_t raw_ = 0;  // all bits, to copy whichever is there
  };
};
static_assert(sizeof(Value) == 16);

struct MapEntry {
  Value key;
  Value value;
};

/// Makes or changes a list. Starting from an existing list costs nothing until the first change, and no copy at all when nobody
/// else holds it. One thread.
class ListBuilder {
 public:
  ListBuilder() = default;
  explicit ListBuilder(Value start);  // a list
  void reserve(std::size_t count);
  void push_back(Value item);
  void set(std::size_t index, Value item);  // index < size()
  void erase(std::size_t index);
  void insert(std::size_t index, Value item);
  void append_all(const Value& list);
  [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
  [[nodiscard]] const Value& operator[](std::size_t index) const { return list_.items()[index]; }
  /// The finished list, with the marks and position of the start value.
  [[nodiscard]] Value build() &&;

 private:
  Value list_ = Value::empty_list();
};

/// Makes or changes a map; a key that is there keeps its place. One thread.
class MapBuilder {
 public:
  MapBuilder() = default;
  explicit MapBuilder(Value start);  // a map
  void reserve(std::size_t count);
  /// Sets or replaces. True when the key was new.
  bool set(std::string_view key, Value value);
  bool set(Value key, Value value);
  bool set(const TextLike auto& key, Value value) { return set(std::string_view(key), std::move(value)); }
  /// True when it was there. Linear: what follows moves up.
  bool erase(std::string_view key);
  bool erase(const Value& key);
  bool erase(const TextLike auto& key) { return erase(std::string_view(key)); }
  [[nodiscard]] const Value* find(std::string_view key) const noexcept { return map_.find(key); }
  [[nodiscard]] const Value* find(const Value& key) const noexcept { return map_.find(key); }
  [[nodiscard]] const Value* find(const TextLike auto& key) const noexcept { return find(std::string_view(key)); }
  [[nodiscard]] std::size_t size() const noexcept { return map_.size(); }
  [[nodiscard]] std::span<const MapEntry> entries() const { return map_.entries(); }
  [[nodiscard]] Value build() &&;

 private:
  Value map_ = Value::empty_map();
};

/// Ansible's merges. `combine`: entries of `over` win; with `recursive`, maps inside maps are merged too. Lists are replaced.
Value combine(const Value& base, const Value& over, bool recursive = false);

/// Sorted as Python's sorted(map) by key when all keys are strings (by code point); other keys after, in insertion order.
Value sorted_by_key(const Value& map);

}  // namespace herder::value

namespace herder {
using value::Value;
}
