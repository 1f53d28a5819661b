#include "lab/fault.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/text.hpp"

namespace herder::lab {
namespace {

Result<Faults> parse(std::string_view line) {
  std::vector<std::string> words;
  for (const std::string_view word : text::split(line, ' ')) words.emplace_back(word);
  return parse_faults(words);
}

TEST(Fault, words_become_faults) {
  const auto faults = parse("hang slow=1m30s cut-after=1000B garbage bad-host-key auth-fail");
  ASSERT_TRUE(faults);
  EXPECT_EQ(*faults, (Faults{.entry = Entry::hang,
                             .slow = std::chrono::seconds(90),
                             .cut_after = 1000,
                             .garbage = true,
                             .bad_host_key = true,
                             .auth_fail = true}));
  EXPECT_EQ(parse("cut-after=64KiB")->cut_after, 65'536);
  EXPECT_EQ(parse("cut-after=0")->cut_after, 0);
}

TEST(Fault, nonsense_is_refused) {
  for (const char* line : {"", "hung", "slow=", "slow=0s", "slow=1h", "cut-after=x", "cut-after=B", "hang refuse", "flood hang-kex", "slow"})
    EXPECT_FALSE(parse(line)) << line;
}

RC_GTEST_PROP(Fault, what_is_written_can_be_read, ()) {
  Faults faults;
  faults.entry = *rc::gen::element(Entry::normal, Entry::refuse, Entry::hang, Entry::hang_kex, Entry::flood);
  faults.slow = std::chrono::milliseconds(*rc::gen::inRange(0, 600'000));
  if (*rc::gen::arbitrary<bool>()) faults.cut_after = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 50U);
  faults.garbage = *rc::gen::arbitrary<bool>();
  faults.bad_host_key = *rc::gen::arbitrary<bool>();
  faults.auth_fail = *rc::gen::arbitrary<bool>();
  const auto again = parse(format_faults(faults));
  RC_ASSERT(again.has_value() == faults.any());
  if (again) RC_ASSERT(*again == faults);
}

}  // namespace
}  // namespace herder::lab
