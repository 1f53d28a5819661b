#include "report/output_store.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace herder::report {
namespace {

OutputId keep(OutputStore& store, const std::string& bytes, std::size_t step = 1000) {
  OutputStore::Growing growing;
  for (std::size_t at = 0; at < bytes.size(); at += step) store.append(growing, std::string_view(bytes).substr(at, step));
  return store.finish(std::move(growing));
}

std::string back(const OutputStore& store, OutputId id) { return *store.text(id, UINT64_MAX); }

std::string noise(std::size_t size, unsigned seed) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>((seed = seed * 1664525U + 1013904223U) >> 24U);
  return out;
}

TEST(OutputStore, gives_back_what_it_was_given) {
  OutputStore store({});
  for (const std::size_t size : {std::size_t{1}, OutputStore::block_bytes - 1, OutputStore::block_bytes, OutputStore::block_bytes + 1, std::size_t{200'000}}) {
    const std::string bytes = noise(size, static_cast<unsigned>(size));
    const OutputId id = keep(store, bytes, 777);
    EXPECT_TRUE(back(store, id) == bytes) << size;
    EXPECT_EQ(store.size(id), size);
  }
}

TEST(OutputStore, two_thousand_equal_mebibytes_take_one) {
  OutputStore store({});
  const std::string bytes = noise(std::size_t{1} << 20U, 7);
  const OutputId first = keep(store, bytes, 60'000);
  for (int host = 1; host < 2000; ++host) ASSERT_EQ(keep(store, bytes, 60'000 + static_cast<std::size_t>(host)), first);
  EXPECT_EQ(store.usage().outputs, 1U);
  EXPECT_LE(store.usage().file_bytes, (std::size_t{1} << 20U) + OutputStore::block_bytes);
}

TEST(OutputStore, growing_equal_outputs_share_blocks_before_they_end) {
  OutputStore store({});
  std::vector<OutputStore::Growing> growing(100);
  const std::string bytes = noise(OutputStore::block_bytes * 4, 3);
  for (auto& one : growing) store.append(one, bytes);
  EXPECT_EQ(store.usage().blocks, 4U);
  for (auto& one : growing) store.discard(std::move(one));
  EXPECT_EQ(store.usage().blocks, 0U);
}

TEST(OutputStore, counts_what_is_past_the_limit) {
  OutputStore store({.output_bytes = 100});
  const OutputId cut = keep(store, std::string(250, 'x'), 60);
  EXPECT_EQ(back(store, cut), std::string(100, 'x'));
  EXPECT_EQ(store.dropped(cut), 150U);
  EXPECT_NE(keep(store, std::string(100, 'x')), cut) << "cut and whole output are not the same";
}

TEST(OutputStore, memory_for_many_small_outputs_is_bounded) {
  OutputStore store({.memory_bytes = 100'000});
  std::vector<OutputId> ids;
  for (unsigned host = 0; host < 2000; ++host) ids.push_back(keep(store, noise(1000, host)));
  EXPECT_LE(store.usage().memory_bytes, 100'000U);
  for (unsigned host = 0; host < 2000; ++host) ASSERT_TRUE(back(store, ids[host]) == noise(1000, host)) << host;
  EXPECT_EQ(keep(store, noise(1000, 1999)), ids[1999]) << "found again though it is in the file";
}

TEST(OutputStore, released_space_is_used_again) {
  OutputStore store({});
  for (unsigned host = 0; host < 50; ++host) store.release(keep(store, noise(300'000, host)));
  EXPECT_LE(store.usage().file_bytes, 300'000U + OutputStore::block_bytes);
  EXPECT_EQ(store.usage().outputs, 0U);
  EXPECT_EQ(store.usage().memory_bytes, 0U);
}

TEST(OutputStore, a_directory_that_cannot_be_written_is_a_failure_and_nothing_is_lost_silently) {
  OutputStore store({.directory = "/proc/nowhere"});
  const OutputId id = keep(store, noise(100'000, 1));
  ASSERT_TRUE(store.failure());
  EXPECT_EQ(store.size(id) + store.dropped(id), 100'000U);
}

TEST(OutputStore, a_full_disk_is_a_failure_with_a_remedy) {
  OutputStore store({.memory_bytes = 0, .directory = "/proc/nowhere"});
  (void)keep(store, std::string(10, 'x'));
  ASSERT_TRUE(store.failure());
  EXPECT_NE(store.failure()->help.find("TMPDIR"), std::string::npos);
}

RC_GTEST_PROP(OutputStoreProperty, equal_ids_mean_equal_bytes, ()) {
  OutputStore store({.output_bytes = 200'000, .memory_bytes = 5'000});
  const auto count = *rc::gen::inRange(1, 12);
  std::vector<std::pair<std::string, OutputId>> all;
  for (int i = 0; i < count; ++i) {
    // Few seeds and sizes around block borders, so that equal ones and common prefixes happen.
    const auto size = OutputStore::block_bytes * static_cast<std::size_t>(*rc::gen::inRange(0, 4)) + static_cast<std::size_t>(*rc::gen::inRange(0, 3));
    std::string bytes = noise(size, static_cast<unsigned>(*rc::gen::inRange(0, 2)));
    const OutputId id = keep(store, bytes, static_cast<std::size_t>(*rc::gen::inRange(1, 90'000)));
    if (*rc::gen::inRange(0, 4) == 0) store.release(id);
    else all.emplace_back(std::move(bytes), id);
  }
  for (const auto& [bytes, id] : all) {
    RC_ASSERT(back(store, id) == bytes);
    for (const auto& [other, other_id] : all) RC_ASSERT((id == other_id) == (bytes == other));
  }
}

}  // namespace
}  // namespace herder::report
