#include "value/datetime.hpp"

#include <chrono>
#include <cstdlib>

#include <fmt/core.h>

namespace herder::value {

std::int64_t days_from_epoch(std::int32_t year, std::int32_t month, std::int32_t day) noexcept {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  return std::chrono::sys_days(date).time_since_epoch().count();
}

std::int32_t days_in_month(std::int32_t year, std::int32_t month) noexcept {
  if (month < 1 || month > 12) return 0;
  if (month == 2) return std::chrono::year(year).is_leap() ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool is_valid(const DateTime& time) noexcept {
  const auto within = [](std::int32_t number, std::int32_t low, std::int32_t high) { return number >= low && number <= high; };
  return within(time.year, 1, 9999) && within(time.month, 1, 12) && within(time.day, 1, days_in_month(time.year, time.month)) &&
         within(time.hour, 0, 23) && within(time.minute, 0, 59) && within(time.second, 0, 59) &&
         within(time.microsecond, 0, 999'999) && within(time.offset_seconds, -86'399, 86'399);
}

std::int64_t microseconds_utc(const DateTime& time) noexcept {
  const std::int64_t seconds = days_from_epoch(time.year, time.month, time.day) * 86'400 + std::int64_t{time.hour} * 3600 +
                               std::int64_t{time.minute} * 60 + time.second - (time.has_offset ? time.offset_seconds : 0);
  return seconds * 1'000'000 + time.microsecond;
}

std::string DateTime::iso() const {
  std::string out = fmt::format("{:04}-{:02}-{:02}", year, month, day);
  if (date_only) return out;
  out += fmt::format("T{:02}:{:02}:{:02}", hour, minute, second);
  if (microsecond != 0) out += fmt::format(".{:06}", microsecond);
  if (!has_offset) return out;
  const std::int32_t size = std::abs(offset_seconds);
  out += fmt::format("{}{:02}:{:02}", offset_seconds < 0 ? '-' : '+', size / 3600, size / 60 % 60);
  if (size % 60 != 0) out += fmt::format(":{:02}", size % 60);
  return out;
}

}  // namespace herder::value
