// Python's ==, with a list of pairs still to compare instead of recursion.
#include <cmath>
#include <vector>

#include "value/big.hpp"
#include "value/compare.hpp"
#include "value/datetime.hpp"
#include "value/node.hpp"

namespace herder::value {
namespace {

using Pair = std::pair<const Value*, const Value*>;

bool is_numeric(const Value& value) noexcept { return value.is_bool() || value.is_number(); }

std::int64_t small_integer(const Value& value) noexcept { return value.is_bool() ? (value.as_bool() ? 1 : 0) : value.as_int(); }

std::partial_ordering of_sign(int sign) noexcept { return sign <=> 0; }

/// Exact, where converting the integer to double would round.
std::partial_ordering compare_integer_real(std::int64_t whole, double real) noexcept {
  if (std::isnan(real)) return std::partial_ordering::unordered;
  if (real >= 0x1p63) return std::partial_ordering::less;
  if (real < -0x1p63) return std::partial_ordering::greater;
  const double truncated = std::trunc(real);
  if (const auto order = whole <=> static_cast<std::int64_t>(truncated); order != 0) return order;
  return truncated <=> real;
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) noexcept {
  const bool a_real = a.kind() == Kind::real;
  const bool b_real = b.kind() == Kind::real;
  if (a_real && b_real) return a.as_real() <=> b.as_real();
  if (a_real) return 0 <=> compare_numbers(b, a);
  if (b_real) {
    if (a.kind() != Kind::big) return compare_integer_real(small_integer(a), b.as_real());
    return std::isnan(b.as_real()) ? std::partial_ordering::unordered : of_sign(big_compare_real(big_node(a), b.as_real()));
  }
  if (a.kind() == Kind::big && b.kind() == Kind::big) return of_sign(big_compare(big_node(a), big_node(b)));
  if (a.kind() == Kind::big) return of_sign(big_negative(big_node(a)) ? -1 : 1);
  if (b.kind() == Kind::big) return of_sign(big_negative(big_node(b)) ? 1 : -1);
  return small_integer(a) <=> small_integer(b);
}

bool same_time(const Value& a, const Value& b) noexcept {
  const DateTime& left = a.as_datetime();
  const DateTime& right = b.as_datetime();
  return left.has_offset == right.has_offset && microseconds_utc(left) == microseconds_utc(right);
}

bool same_scalar(const Value& a, const Value& b) noexcept {
  switch (a.kind()) {
    case Kind::null: return true;
    case Kind::string:
    case Kind::bytes: return a.as_string() == b.as_string();
    case Kind::date:
    case Kind::datetime: return same_time(a, b);
    default: return false;
  }
}

bool same_or_later(const Value& a, const Value& b, std::vector<Pair>& later);

bool same_list(const Value& a, const Value& b, std::vector<Pair>& later) {
  const auto left = a.items();
  const auto right = b.items();
  for (std::size_t i = 0; i < left.size(); ++i)
    if (!same_or_later(left[i], right[i], later)) return false;
  return true;
}

bool same_map(const Value& a, const Value& b, std::vector<Pair>& later) {
  for (const MapEntry& entry : a.entries()) {
    const Value* other = b.find(entry.key);
    if (other == nullptr || !same_or_later(entry.value, *other, later)) return false;
  }
  return true;
}

/// False when they differ for sure; containers of one size are put off.
bool same_or_later(const Value& a, const Value& b, std::vector<Pair>& later) {
  if (is_numeric(a) && is_numeric(b)) return compare_numbers(a, b) == 0;
  if (a.kind() != b.kind()) return false;
  if (NodeAccess::same_node(a, b)) return true;
  if (!a.is_list() && !a.is_map()) return same_scalar(a, b);
  if (a.size() != b.size()) return false;
  if (a.size() != 0) later.emplace_back(&a, &b);
  return true;
}

}  // namespace

bool operator==(const Value& a, const Value& b) noexcept {
  if (a.is_string() && b.is_string()) return NodeAccess::same_node(a, b) || a.as_string() == b.as_string();
  std::vector<Pair> later;
  if (!same_or_later(a, b, later)) return false;
  while (!later.empty()) {
    const auto [left, right] = later.back();
    later.pop_back();
    if (!(left->is_list() ? same_list(*left, *right, later) : same_map(*left, *right, later))) return false;
  }
  return true;
}

std::optional<std::partial_ordering> python_order(const Value& a, const Value& b) noexcept {
  if (is_numeric(a) && is_numeric(b)) return compare_numbers(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  switch (a.kind()) {
    case Kind::string:
    case Kind::bytes: return a.as_string() <=> b.as_string();
    case Kind::date:
    case Kind::datetime: {
      if (a.as_datetime().has_offset != b.as_datetime().has_offset) return std::nullopt;
      return microseconds_utc(a.as_datetime()) <=> microseconds_utc(b.as_datetime());
    }
    case Kind::list: break;
    default: return std::nullopt;
  }
  const auto left = a.items();
  const auto right = b.items();
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i)
    if (!(left[i] == right[i])) return python_order(left[i], right[i]);
  return left.size() <=> right.size();
}

}  // namespace herder::value
