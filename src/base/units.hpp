// Units that people type and read: "90s", "1h30m", "250ms", "10%", "64MiB".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace herder {

/// "250ms", "30s", "5m", "1h30m", "2d"; a bare number is seconds ("2.5"). Negative values are refused.
Result<Duration> parse_duration(std::string_view text);
/// Shortest readable form: "250 ms", "2.5 s", "1 m 30 s", "2 h 05 m".
std::string format_duration(Duration span);

/// "512", "64k", "64KiB", "10MB", "1G": powers of 1024 for K/M/G/T with or without iB, of 1000 for KB/MB/GB/TB.
Result<std::int64_t> parse_size(std::string_view text);
std::string format_size(std::int64_t bytes);

/// "5" or "30%": a count, or a share of a whole.
struct Amount {
  double value = 0;
  bool percent = false;
  /// The count that this means out of `total`; a share rounds down but is at least 1 when it is above 0.
  [[nodiscard]] std::int64_t of(std::int64_t total) const noexcept;
};
Result<Amount> parse_amount(std::string_view text);

}  // namespace herder
