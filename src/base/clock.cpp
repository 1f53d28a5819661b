#include "base/clock.hpp"

#include <ctime>

#include <fmt/core.h>

namespace herder {
namespace {

timespec read(clockid_t clock) noexcept {
  timespec now{};
  clock_gettime(clock, &now);
  return now;
}

}  // namespace

TimePoint boot_now() noexcept {
  const timespec now = read(CLOCK_BOOTTIME);
  return {std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec)};
}

std::int64_t wall_now_ms() noexcept {
  const timespec now = read(CLOCK_REALTIME);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

std::string wall_now_text() {
  const timespec now = read(CLOCK_REALTIME);
  tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec, now.tv_nsec / 1'000'000);
}

}  // namespace herder
