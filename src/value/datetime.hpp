// Calendar arithmetic of DateTime. Pure.
#pragma once

#include <cstdint>

#include "value/value.hpp"

namespace herder::value {

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar.
std::int64_t days_from_epoch(std::int32_t year, std::int32_t month, std::int32_t day) noexcept;
/// Days in a month; 0 when there is no such month.
std::int32_t days_in_month(std::int32_t year, std::int32_t month) noexcept;
/// True when year is in 1..9999 and every field in its range, as Python's datetime demands (offset below 24 h).
bool is_valid(const DateTime& time) noexcept;
/// Microseconds from 1970-01-01T00:00:00 (UTC when there is an offset, else local).
std::int64_t microseconds_utc(const DateTime& time) noexcept;

}  // namespace herder::value
