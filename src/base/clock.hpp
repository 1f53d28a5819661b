// Time. Deadlines count on a clock that goes on during suspend and never jumps (CLOCK_BOOTTIME); a fake one drives simulations.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace herder {

using Duration = std::chrono::nanoseconds;

/// A point on the boot-time clock (or the simulator's virtual clock). Not wall time.
struct TimePoint {
  Duration since_boot{};
  friend auto operator<=>(const TimePoint&, const TimePoint&) = default;
  friend TimePoint operator+(TimePoint at, Duration span) { return {at.since_boot + span}; }
  friend Duration operator-(TimePoint a, TimePoint b) { return a.since_boot - b.since_boot; }
  static constexpr TimePoint never() { return {Duration::max()}; }
};

/// Reads CLOCK_BOOTTIME. Code that waits asks its Loop for the time instead, so that simulations can lie.
TimePoint boot_now() noexcept;

/// Wall-clock time as RFC 3339 in UTC with milliseconds: "2026-01-31T23:59:59.123Z".
std::string wall_now_text();
std::int64_t wall_now_ms() noexcept;

}  // namespace herder
