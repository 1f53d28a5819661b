// Hashes. Text is hashed with a key made at start, by multiply-and-fold over 16 bytes a step; numbers that are equal in Python
// (1, 1.0, True, and large ones across int and float) hash alike.
#include <sys/random.h>

#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>

#include "value/big.hpp"
#include "value/datetime.hpp"
#include "value/node.hpp"

namespace herder::value {
namespace {

constexpr int hashed_depth = 4;  // what lies deeper counts by kind and size only

struct Key {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

Key make_key() noexcept {
  Key key;
  if (getrandom(&key, sizeof key, 0) != static_cast<ssize_t>(sizeof key))
    key.a = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  return {key.a | 1U, key.b | 1U};
}

const Key& process_key() noexcept {
  static const Key key = make_key();
  return key;
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

std::uint64_t load(const char* from, std::size_t bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, from, bytes);
  return word;
}

std::uint64_t mix(std::uint64_t word) noexcept {
  const Key& key = process_key();
  return fold(fold(word ^ key.a, 0x9e3779b97f4a7c15U) ^ key.b, 0xd6e8feb86659fd93U);
}

std::size_t hash_real(double number) noexcept {
  if (std::isnan(number)) return mix(0x7ff8);
  if (std::trunc(number) != number || std::isinf(number)) return mix(std::bit_cast<std::uint64_t>(number));
  if (number >= -0x1p63 && number < 0x1p63) return mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(number)));
  return mix(hash_large_whole(number));
}

std::size_t hash_of(const Value& value, int depth) noexcept;

std::size_t hash_list(const Value& list, int depth) noexcept {
  std::uint64_t hash = mix(list.size() + 0x11);
  if (depth > 0)
    for (const Value& item : list.items()) hash = mix(hash * 31 + hash_of(item, depth - 1));
  return hash;
}

std::size_t hash_map(const Value& map, int depth) noexcept {
  std::uint64_t sum = map.size() + 0x22;  // a sum, because order does not count
  if (depth > 0)
    for (const MapEntry& entry : map.entries()) sum += mix(hash_of(entry.key, depth - 1) * 31 + hash_of(entry.value, depth - 1));
  return mix(sum);
}

std::size_t hash_string(const Value& value) noexcept {
  const StringNode* node = string_node(value);
  if (node == nullptr) return hash_text({});
  std::size_t hash = node->hash.load(std::memory_order_relaxed);
  if (hash != 0) return hash;
  hash = hash_text(node->view());
  // Not a change that anybody can see: every thread would store the same number.
  const_cast<StringNode*>(node)->hash.store(hash, std::memory_order_relaxed);
  return hash;
}

std::size_t hash_of(const Value& value, int depth) noexcept {
  switch (value.kind()) {
    case Kind::null: return mix(0xdead);
    case Kind::boolean: return mix(value.as_bool() ? 1 : 0);
    case Kind::integer: return mix(static_cast<std::uint64_t>(value.as_int()));
    case Kind::big: return mix(big_hash(big_node(value)));
    case Kind::real: return hash_real(value.as_real());
    case Kind::string: return hash_string(value);
    case Kind::bytes: return ~hash_string(value);
    case Kind::date:
    case Kind::datetime: return mix(static_cast<std::uint64_t>(microseconds_utc(value.as_datetime())));
    case Kind::list: return hash_list(value, depth);
    case Kind::map: return hash_map(value, depth);
  }
  return 0;
}

}  // namespace

std::size_t hash_text(std::string_view text) noexcept {
  const Key& key = process_key();
  std::uint64_t hash = key.a ^ (text.size() * 0x9e3779b97f4a7c15U);
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left > 16; left -= 16, at += 16) hash = fold(load(at, 8) ^ key.b, load(at + 8, 8) ^ hash);
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  if (left >= 8) {
    first = load(at, 8);
    second = load(at + left - 8, 8);
  } else if (left >= 4) {
    first = load(at, 4);
    second = load(at + left - 4, 4);
  } else if (left > 0) {
    first = static_cast<unsigned char>(at[0]) | (static_cast<std::uint64_t>(static_cast<unsigned char>(at[left / 2])) << 8U) |
            (static_cast<std::uint64_t>(static_cast<unsigned char>(at[left - 1])) << 16U);
  }
  hash = fold(first ^ key.b, second ^ hash);
  hash = fold(hash ^ key.a, 0xd6e8feb86659fd93U);
  return hash == 0 ? 1 : hash;
}

std::size_t Value::hash() const noexcept { return hash_of(*this, hashed_depth); }

}  // namespace herder::value
