#include "base/units.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.hpp"

namespace herder {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr double ns_per_s = 1e9;
constexpr std::array<Unit, 7> duration_units{{
    {"ns", 1},
    {"us", 1e3},
    {"ms", 1e6},
    {"s", ns_per_s},
    {"m", 60 * ns_per_s},
    {"h", 3600 * ns_per_s},
    {"d", 86400 * ns_per_s},
}};

constexpr double kib = 1024;
constexpr double kb = 1000;
constexpr std::array<Unit, 18> size_units{{
    {"", 1},          {"b", 1},
    {"k", kib},       {"kib", kib},             {"ki", kib},             {"kb", kb},
    {"m", kib * kib}, {"mib", kib * kib},       {"mi", kib * kib},       {"mb", kb * kb},
    {"g", kib * kib * kib}, {"gib", kib * kib * kib}, {"gi", kib * kib * kib}, {"gb", kb * kb * kb},
    {"t", kib * kib * kib * kib}, {"tib", kib * kib * kib * kib}, {"ti", kib * kib * kib * kib}, {"tb", kb * kb * kb * kb},
}};

template <std::size_t n>
std::optional<double> factor_of(const std::array<Unit, n>& units, std::string_view name) {
  const auto* found = std::ranges::find(units, name, &Unit::name);
  if (found == units.end()) return std::nullopt;
  return found->factor;
}

/// Takes the unsigned decimal number (no exponent) off the front of `rest`.
std::optional<double> take_number(std::string_view& rest) {
  if (rest.empty() || (rest[0] != '.' && (rest[0] < '0' || rest[0] > '9'))) return std::nullopt;
  double value = 0;
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), value, std::chars_format::fixed);
  if (failure != std::errc{} || !std::isfinite(value)) return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return value;
}

std::string_view take_letters(std::string_view& rest) {
  std::size_t size = 0;
  while (size < rest.size() && ((rest[size] >= 'a' && rest[size] <= 'z') || (rest[size] >= 'A' && rest[size] <= 'Z'))) ++size;
  const std::string_view letters = rest.substr(0, size);
  rest.remove_prefix(size);
  return letters;
}

bool is_negative(std::string_view text) { return text.size() > 1 && text[0] == '-' && text[1] >= '0' && text[1] <= '9'; }

/// "2.5", not "2.50" and not "2.0".
std::string short_number(double value) {
  std::string out = fmt::format("{:.1f}", value);
  if (out.ends_with(".0")) out.resize(out.size() - 2);
  return out;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text::trim(text);
  const auto refuse = [&](std::string_view why) {
    return std::unexpected(error(Errc::parse, "'{}' is not a duration: {}", text::printable(text), why)
                               .hint("write 250ms, 30s, 5m, 1h30m or 2d; a bare number is seconds"));
  };
  if (rest.empty()) return refuse("it is empty");
  if (is_negative(rest)) return refuse("it is negative");
  double sum_ns = 0;
  double last_factor = 1e300;
  while (!rest.empty()) {
    const auto number = take_number(rest);
    if (!number) return refuse("a number is missing");
    const std::string_view name = take_letters(rest);
    if (name.empty() && (last_factor < 1e300 || !rest.empty())) return refuse("a unit is missing");
    const auto factor = name.empty() ? std::optional(ns_per_s) : factor_of(duration_units, name);
    if (!factor) return refuse(fmt::format("'{}' is not a unit", name));
    if (*factor >= last_factor) return refuse("units must go from large to small");
    last_factor = *factor;
    sum_ns += *number * *factor;
  }
  if (sum_ns >= 9.2e18) return refuse("it is longer than 292 years");
  return Duration(static_cast<std::int64_t>(std::llround(sum_ns)));
}

std::string format_duration(Duration span) {
  using namespace std::chrono;
  if (span < Duration::zero()) return "-" + format_duration(span == Duration::min() ? Duration::max() : -span);
  const auto ns = span.count();
  if (ns == 0) return "0 s";
  if (ns < 1'000) return fmt::format("{} ns", ns);
  if (ns < 999'950) return short_number(static_cast<double>(ns) / 1e3) + " us";
  if (ns < 999'500'000) return ns < 9'950'000 ? short_number(static_cast<double>(ns) / 1e6) + " ms" : fmt::format("{:.0f} ms", static_cast<double>(ns) / 1e6);
  if (ns < 59'950'000'000) return short_number(static_cast<double>(ns) / 1e9) + " s";
  const auto s = ns / 1'000'000'000 + (ns % 1'000'000'000 >= 500'000'000 ? 1 : 0);
  if (s < 3600) return fmt::format("{} m {:02} s", s / 60, s % 60);
  if (s < 86400) return fmt::format("{} h {:02} m", s / 3600, s % 3600 / 60);
  return fmt::format("{} d {:02} h", s / 86400, s % 86400 / 3600);
}

Result<std::int64_t> parse_size(std::string_view text) {
  std::string_view rest = text::trim(text);
  const auto refuse = [&](std::string_view why) {
    return std::unexpected(error(Errc::parse, "'{}' is not a size: {}", text::printable(text), why).hint("write 512, 64k, 64KiB, 10MB or 1G"));
  };
  if (is_negative(rest)) return refuse("it is negative");
  const auto number = take_number(rest);
  if (!number) return refuse("a number is missing");
  while (!rest.empty() && rest[0] == ' ') rest.remove_prefix(1);
  const auto factor = factor_of(size_units, text::lower(rest));
  if (!factor) return refuse(fmt::format("'{}' is not a unit", text::printable(rest)));
  const double bytes = *number * *factor;
  if (bytes >= 9.2e18) return refuse("it is larger than 8 EiB");
  return static_cast<std::int64_t>(std::llround(bytes));
}

std::string format_size(std::int64_t bytes) {
  if (bytes < 0) return "-" + format_size(bytes == INT64_MIN ? INT64_MAX : -bytes);
  if (bytes < 1024) return fmt::format("{} B", bytes);
  constexpr std::array<std::string_view, 6> names{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / kib;
  std::size_t unit = 0;
  for (; value >= 1023.95 && unit + 1 < names.size(); ++unit) value /= kib;
  return fmt::format("{} {}", short_number(value), names[unit]);
}

std::int64_t Amount::of(std::int64_t total) const noexcept {
  if (value <= 0 || total <= 0) return 0;
  if (!percent) return static_cast<std::int64_t>(value);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(static_cast<double>(total) * value / 100 + 1e-9)));
}

Result<Amount> parse_amount(std::string_view text) {
  std::string_view rest = text::trim(text);
  const auto refuse = [&](std::string_view why) {
    return std::unexpected(error(Errc::parse, "'{}' is not a count or a share: {}", text::printable(text), why).hint("write 5 or 30%"));
  };
  if (is_negative(rest)) return refuse("it is negative");
  const auto number = take_number(rest);
  if (!number) return refuse("a number is missing");
  const Amount amount{.value = *number, .percent = rest == "%"};
  if (!rest.empty() && !amount.percent) return refuse("only % may follow the number");
  if (amount.percent && amount.value > 100) return refuse("a share is at most 100%");
  if (!amount.percent && (amount.value != std::floor(amount.value) || amount.value > 1e15)) return refuse("a count is a whole number");
  return amount;
}

}  // namespace herder
