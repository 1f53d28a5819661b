// Integers beyond 64 bits: the only door to the multiprecision library (big.cpp). Only for the .cpp files of this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "value/value.hpp"

namespace herder::value {

/// Longest decimal integer that is read, as in Python 3.11 (sys.int_info.default_max_str_digits): conversion is quadratic.
constexpr std::size_t max_decimal_digits = 4300;
/// Longest integer in base 2, 8 or 16; those convert in linear time, but printing them does not.
constexpr std::size_t max_binary_digits = 65'536;

/// Digits only, at least one. base is 2, 8, 10 or 16. Small results are Kind::integer. Nothing for a wrong digit or too many.
std::optional<Value> integer_from_digits(std::string_view digits, unsigned base, bool negative);
Value integer_from_unsigned(std::uint64_t number);

void big_free(Node* node) noexcept;
std::string big_text(const Node* node);
double big_real(const Node* node) noexcept;  // infinite when too large
std::size_t big_hash(const Node* node) noexcept;
int big_compare(const Node* a, const Node* b) noexcept;
/// Exact; `real` must not be NaN.
int big_compare_real(const Node* big, double real) noexcept;
bool big_negative(const Node* node) noexcept;

/// What big_hash gives for an integer equal to `whole`, which is a finite double without fraction.
std::size_t hash_large_whole(double whole) noexcept;

}  // namespace herder::value
