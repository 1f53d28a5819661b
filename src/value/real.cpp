#include "value/real.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/error.hpp"

namespace herder::value {
namespace {

/// Out of range means far from 1: a positive decimal exponent is infinity, a negative one zero.
bool is_huge(std::string_view text) noexcept {
  const std::size_t e = text.find_first_of("eE");
  const std::string_view mantissa = text.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  const auto leading = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  if (e == std::string_view::npos) return leading > 0;
  std::string_view digits = text.substr(e + 1);
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  std::int64_t exponent = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc{}) return !negative;
  return leading + (negative ? -exponent : exponent) > 0;
}

}  // namespace

double real_from_decimal(std::string_view text) noexcept {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  HERDER_ASSERT(failed != std::errc::invalid_argument && (failed != std::errc{} || end == text.data() + text.size()));
  if (failed != std::errc{}) number = is_huge(text) ? std::numeric_limits<double>::infinity() : 0.0;
  return negative ? -number : number;
}

}  // namespace herder::value
