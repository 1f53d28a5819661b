// Decimal text to double, whatever the locale. Only for the .cpp files of this room.
#pragma once

#include <string_view>

namespace herder::value {

/// The nearest double; infinity and zero beyond the range, as Python's float(). `text` is digits with optional sign, point and
/// exponent, and nothing else.
double real_from_decimal(std::string_view text) noexcept;

}  // namespace herder::value
