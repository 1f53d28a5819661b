#include "inventory/address.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "base/text.hpp"

namespace herder::inventory {
namespace {

std::string shown(const Result<HostPattern>& pattern) {
  if (!pattern) return "error: " + pattern.error().what;
  return text::join(pattern->names, " ") + (pattern->port ? fmt::format(" port {}", *pattern->port) : "");
}

TEST(Address, names_addresses_and_ports) {
  const auto parts = [](std::string_view text) {
    const auto address = parse_address(text, false);
    return address ? fmt::format("{}|{}", address->host, address->port.value_or("-")) : "no";
  };
  EXPECT_EQ(parts("web1"), "web1|-");
  EXPECT_EQ(parts("web1.example.com:22"), "web1.example.com|22");
  EXPECT_EQ(parts("10.0.0.1:2222"), "10.0.0.1|2222");
  EXPECT_EQ(parts("::1"), "::1|-");
  EXPECT_EQ(parts("[::1]:22"), "::1|22");
  EXPECT_EQ(parts("2001:db8::5:6"), "2001:db8::5:6|-");
  EXPECT_EQ(parts("1:2:3:4:5:6:7:8"), "1:2:3:4:5:6:7:8|-");
  EXPECT_EQ(parts("::ffff:192.0.2.3"), "::ffff:192.0.2.3|-");
  EXPECT_EQ(parts("[web1]:22"), "web1|22");
  EXPECT_EQ(parts("_x"), "_x|-");
  EXPECT_EQ(parts("1:2:3"), "no");
  EXPECT_EQ(parts("1:2:3:4:5:6:7:8:9"), "no");
  EXPECT_EQ(parts("a::b::c"), "no");
  EXPECT_EQ(parts("web-"), "no");
  EXPECT_EQ(parts("-web"), "no");
  EXPECT_EQ(parts("web..com"), "no");
  EXPECT_EQ(parts("web:"), "no");
  EXPECT_EQ(parts("a b"), "no");
  EXPECT_EQ(parts("web[1:3]"), "no");
  EXPECT_TRUE(parse_address("web[1:3].x[a:c]", true));
  EXPECT_TRUE(parse_address("2001:db8::[1:f]", true));
}

TEST(HostRange, counts_with_width_and_step) {
  EXPECT_EQ(shown(expand_host_pattern("web[1:3]")), "web1 web2 web3");
  EXPECT_EQ(shown(expand_host_pattern("web[08:10]")), "web08 web09 web10");
  EXPECT_EQ(shown(expand_host_pattern("web[01:07:3].lan:22")), "web01.lan web04.lan web07.lan port 22");
  EXPECT_EQ(shown(expand_host_pattern("[a:c]x")), "ax bx cx");
  EXPECT_EQ(shown(expand_host_pattern("x[y:B]")), "xy xz xA xB");
  EXPECT_EQ(shown(expand_host_pattern("n[:2]")), "n0 n1 n2");
  EXPECT_EQ(shown(expand_host_pattern("r[1:2]n[a:b]")), "r1na r1nb r2na r2nb");
  EXPECT_EQ(shown(expand_host_pattern("n[5:1]")), "");
}

TEST(HostRange, says_what_is_wrong) {
  EXPECT_EQ(shown(expand_host_pattern("n[1:]")), "error: range [1:] has no end");
  EXPECT_EQ(shown(expand_host_pattern("n[1]")), "error: [1] is not a range");
  EXPECT_EQ(shown(expand_host_pattern("n[1:2")), "error: '[' without ']' in 'n[1:2'");
  EXPECT_EQ(shown(expand_host_pattern("n[01:100]")), "error: range [01:100] starts with zeros, but its ends differ in length");
  EXPECT_EQ(shown(expand_host_pattern("n[c:a]")), "error: range [c:a] runs backwards: letters count a-z, then A-Z");
  EXPECT_EQ(shown(expand_host_pattern("n[1:9:0]")), "error: step '0' of range [1:9:0] is not a number above 0");
  EXPECT_EQ(shown(expand_host_pattern("n[x:9]")), "error: [x:9] is not a range of numbers or of single letters");
  EXPECT_EQ(shown(expand_host_pattern("web:99999")), "error: port 99999 is not in 1..65535");
  EXPECT_EQ(expand_host_pattern("n[1:99999999]").error().code, Errc::limit);
  EXPECT_EQ(expand_host_pattern("n[1:9999]x[1:9999]").error().code, Errc::limit);
  EXPECT_EQ(expand_host_pattern("n[0:9223372036854775807]").error().code, Errc::parse);
}

RC_GTEST_PROP(HostRangeProperty, has_every_number_once_in_order, ()) {
  const auto first = *rc::gen::inRange(0, 2000);
  const auto count = *rc::gen::inRange(0, 50);
  const auto step = *rc::gen::inRange(1, 7);
  const bool padded = *rc::gen::arbitrary<bool>();
  const int last = first + count;
  const int width = padded ? 5 : 0;
  const auto pattern = expand_host_pattern(fmt::format("a[{:0{}}:{:0{}}:{}]b", first, width, last, width, step));
  RC_ASSERT(pattern.has_value());
  std::vector<std::string> expected;
  for (int number = first; number <= last; number += step) expected.push_back(fmt::format("a{:0{}}b", number, width));
  RC_ASSERT(pattern->names == expected);
}

}  // namespace
}  // namespace herder::inventory
