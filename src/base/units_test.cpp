#include "base/units.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace herder {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Duration, reads_what_people_type) {
  EXPECT_EQ(parse_duration("250ms").value(), milliseconds(250));
  EXPECT_EQ(parse_duration(" 30s ").value(), seconds(30));
  EXPECT_EQ(parse_duration("1h30m").value(), minutes(90));
  EXPECT_EQ(parse_duration("2d").value(), days(2));
  EXPECT_EQ(parse_duration("2.5").value(), milliseconds(2500));
  EXPECT_EQ(parse_duration("0").value(), seconds(0));
  EXPECT_EQ(parse_duration("1.5h").value(), minutes(90));
}

TEST(Duration, refuses_with_a_reason) {
  for (const char* text : {"", "-1s", "1x", "s", "1m1h", "1s1s", "5m3", "1e3", "inf", "nan", "1 s", "400000d", "1h-5m"}) {
    const auto got = parse_duration(text);
    ASSERT_FALSE(got.has_value()) << text;
    EXPECT_EQ(got.error().code, Errc::parse);
    EXPECT_FALSE(got.error().help.empty());
  }
  EXPECT_EQ(parse_duration("5y").error().what, "'5y' is not a duration: 'y' is not a unit");
}

TEST(Duration, is_shown_short) {
  EXPECT_EQ(format_duration(Duration(0)), "0 s");
  EXPECT_EQ(format_duration(milliseconds(250)), "250 ms");
  EXPECT_EQ(format_duration(std::chrono::microseconds(2500)), "2.5 ms");
  EXPECT_EQ(format_duration(milliseconds(999)), "999 ms");
  EXPECT_EQ(format_duration(std::chrono::microseconds(999'700)), "1 s");
  EXPECT_EQ(format_duration(milliseconds(2500)), "2.5 s");
  EXPECT_EQ(format_duration(milliseconds(59'960)), "1 m 00 s");
  EXPECT_EQ(format_duration(seconds(90)), "1 m 30 s");
  EXPECT_EQ(format_duration(minutes(125)), "2 h 05 m");
  EXPECT_EQ(format_duration(hours(50)), "2 d 02 h");
  EXPECT_EQ(format_duration(-seconds(2)), "-2 s");
  EXPECT_FALSE(format_duration(Duration::min()).empty());
}

RC_GTEST_PROP(DurationProperty, composed_units_add_up, ()) {
  const auto h = *rc::gen::inRange(0, 1000);
  const auto m = *rc::gen::inRange(0, 1000);
  const auto s = *rc::gen::inRange(0, 1000);
  RC_ASSERT(parse_duration(fmt::format("{}h{}m{}s", h, m, s)).value() == hours(h) + minutes(m) + seconds(s));
}

TEST(Size, reads_binary_and_decimal_units) {
  EXPECT_EQ(parse_size("512").value(), 512);
  EXPECT_EQ(parse_size("64k").value(), 65536);
  EXPECT_EQ(parse_size("64KiB").value(), 65536);
  EXPECT_EQ(parse_size("10MB").value(), 10'000'000);
  EXPECT_EQ(parse_size("1.5 G").value(), std::int64_t{3} << 29);
  EXPECT_EQ(parse_size("2T").value(), std::int64_t{1} << 41);
  for (const char* text : {"", "-1", "k", "1x", "1kk", "9999999T", "0x10"}) EXPECT_EQ(parse_size(text).error().code, Errc::parse) << text;
}

TEST(Size, is_shown_short) {
  EXPECT_EQ(format_size(0), "0 B");
  EXPECT_EQ(format_size(1023), "1023 B");
  EXPECT_EQ(format_size(1536), "1.5 KiB");
  EXPECT_EQ(format_size(1'048'575), "1 MiB");
  EXPECT_EQ(format_size(std::int64_t{64} << 20), "64 MiB");
  EXPECT_EQ(format_size(INT64_MAX), "8 EiB");
  EXPECT_EQ(format_size(-2048), "-2 KiB");
}

RC_GTEST_PROP(SizeProperty, shown_sizes_read_back_within_a_tenth, ()) {
  const auto bytes = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 44);
  const auto back = parse_size(format_size(bytes)).value();
  RC_ASSERT(std::abs(back - bytes) * 20 <= bytes);
}

TEST(Amount, is_a_count_or_a_share) {
  EXPECT_EQ(parse_amount("5")->of(3), 5);
  EXPECT_EQ(parse_amount("30%")->of(10), 3);
  EXPECT_EQ(parse_amount("30%")->of(9), 2);
  EXPECT_EQ(parse_amount("1%")->of(9), 1);  // a share above nothing is at least one
  EXPECT_EQ(parse_amount("0%")->of(9), 0);
  EXPECT_EQ(parse_amount("100%")->of(7), 7);
  EXPECT_EQ(parse_amount("12.5%")->of(8), 1);
  EXPECT_EQ(parse_amount("5%")->of(0), 0);
  for (const char* text : {"", "%", "-1", "101%", "1.5", "5 hosts", "1e9"}) EXPECT_FALSE(parse_amount(text).has_value()) << text;
}

}  // namespace herder
