// Order of values, for sorting and for `<` in templates. Equality is operator== in value.hpp.
#pragma once

#include <compare>
#include <optional>

#include "value/value.hpp"

namespace herder::value {

/// Python's a < b, a == b, a > b; `unordered` with NaN. Nothing where Python raises TypeError (text against a number, two maps,
/// a time with an offset against one without). Lists compare item by item. Recurses as deep as the lists are nested.
std::optional<std::partial_ordering> python_order(const Value& a, const Value& b) noexcept;

}  // namespace herder::value
