#include "value/big.hpp"

#include <cmath>
#include <limits>

#include <boost/multiprecision/cpp_int.hpp>

#include "value/node.hpp"
#include "value/real.hpp"

namespace herder::value {
namespace {

using Integer = boost::multiprecision::cpp_int;

struct BigNode : Node {
  explicit BigNode(Integer value) : number(std::move(value)) {}
  Integer number;
};

const Integer& number_of(const Node* node) noexcept { return static_cast<const BigNode*>(node)->number; }

/// Exact; `whole` is finite and has no fraction.
Integer from_whole(double whole) {
  int exponent = 0;
  const double fraction = std::frexp(whole, &exponent);
  Integer number = static_cast<std::int64_t>(std::ldexp(fraction, 53));
  if (exponent >= 53) return Integer(number << static_cast<unsigned>(exponent - 53));
  return Integer(number >> static_cast<unsigned>(53 - exponent));
}

constexpr std::uint64_t hash_modulus = (std::uint64_t{1} << 61U) - 1;  // a Mersenne prime

Value normal(Integer number) {
  if (number >= std::numeric_limits<std::int64_t>::min() && number <= std::numeric_limits<std::int64_t>::max())
    return static_cast<std::int64_t>(number);
  return NodeAccess::make(Kind::big, new BigNode(std::move(number)));
}

int digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

}  // namespace

std::optional<Value> integer_from_digits(std::string_view digits, unsigned base, bool negative) {
  if (digits.empty() || digits.size() > (base == 10 ? max_decimal_digits : max_binary_digits)) return std::nullopt;
  Integer number;
  std::uint64_t chunk = 0;
  std::uint64_t scale = 1;
  for (const char c : digits) {
    const int digit = digit_value(c);
    if (digit >= static_cast<int>(base)) return std::nullopt;
    chunk = chunk * base + static_cast<unsigned>(digit);
    scale *= base;
    if (scale < (std::uint64_t{1} << 58U)) continue;
    number = number * scale + chunk;
    chunk = 0;
    scale = 1;
  }
  if (number.is_zero() && chunk <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    const auto small = static_cast<std::int64_t>(chunk);
    return Value(negative ? -small : small);
  }
  number = number * scale + chunk;
  return normal(negative ? Integer(-number) : std::move(number));
}

Value integer_from_unsigned(std::uint64_t number) { return normal(Integer(number)); }

void big_free(Node* node) noexcept { delete static_cast<BigNode*>(node); }

std::string big_text(const Node* node) { return number_of(node).str(); }

double big_real(const Node* node) noexcept {
  // Rounds to nearest even, which the library's own conversion does not promise.
  return real_from_decimal(number_of(node).str());
}

std::size_t big_hash(const Node* node) noexcept {
  const Integer& number = number_of(node);
  const auto rest = static_cast<std::uint64_t>(Integer(abs(number) % hash_modulus));
  return number.sign() < 0 ? ~rest : rest;
}

int big_compare(const Node* a, const Node* b) noexcept { return number_of(a).compare(number_of(b)); }

int big_compare_real(const Node* big, double real) noexcept {
  if (std::isinf(real)) return real > 0 ? -1 : 1;
  // A big's size is above 2^63, where doubles have no fractions; smaller doubles are decided by the whole part as well.
  return number_of(big).compare(from_whole(std::trunc(real)));
}

bool big_negative(const Node* node) noexcept { return number_of(node).sign() < 0; }

std::size_t hash_large_whole(double whole) noexcept {
  const auto rest = static_cast<std::uint64_t>(Integer(abs(from_whole(whole)) % hash_modulus));
  return whole < 0 ? ~rest : rest;
}

}  // namespace herder::value
