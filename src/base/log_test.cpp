#include "base/log.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <unistd.h>

#include "base/file.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"

namespace herder {
namespace {

/// Sends the log into a pipe while it lives.
class Log : public ::testing::Test {
 protected:
  void SetUp() override {
    int ends[2] = {-1, -1};
    ASSERT_EQ(::pipe(ends), 0);
    out_.reset(ends[0]);
    in_.reset(ends[1]);
    log::set_output(in_.get());
    log::set_level(log::Level::warn);
  }
  void TearDown() override {
    log::set_output(STDERR_FILENO);
    log::set_level(log::Level::warn);
  }

  std::string written() {
    in_.reset();
    std::string all;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::read(out_.get(), buffer, sizeof buffer)) > 0;) all.append(buffer, static_cast<std::size_t>(got));
    return all;
  }

  UniqueFd out_, in_;
};

}  // namespace

TEST_F(Log, an_event_is_one_line_of_fields) {
  log::warn("ssh.retry", {{"host", "web1"}, {"wait_ms", 200}, {"share", 0.5}, {"last", false}, {"why", "no route\nto \"host\""}, {"empty", ""}});
  EXPECT_EQ(written(), "warn ssh.retry host=web1 wait_ms=200 share=0.5 last=false why=\"no route\\nto \\\"host\\\"\" empty=\"\"\n");
}

TEST_F(Log, levels_above_the_set_one_are_silent) {
  log::info("quiet");
  log::set_level(log::Level::debug);
  log::debug("loud");
  log::trace("quiet");
  EXPECT_EQ(written(), "debug loud\n");
}

TEST_F(Log, foreign_text_cannot_steer_a_terminal) {
  log::error("banner", {{"text", "\x1b[2Jx\u202e"}});
  EXPECT_EQ(written(), "error banner text=\"\\x1b[2Jx\\u202e\"\n");
}

TEST_F(Log, secrets_are_taken_out) {
  redactor().add("log-test \"secret\"");
  log::error("auth", {{"tried", "log-test \"secret\""}, {"header", "Basic " + text::base64("me:log-test \"secret\"")}});
  const std::string all = written();
  EXPECT_TRUE(all.starts_with("error auth tried=******** header=")) << all.size();
  EXPECT_EQ(all.find("log-test"), std::string::npos);
  EXPECT_EQ(all.find("bG9nLXRlc3Qg"), std::string::npos);
}

TEST_F(Log, long_fields_are_cut_and_say_so) {
  log::error("long", {{"text", std::string(100'000, 'x')}});
  const std::string all = written();
  EXPECT_LT(all.size(), 3000U);
  EXPECT_TRUE(all.ends_with("xxx...\"\n"));
}

TEST_F(Log, lines_of_many_threads_stay_whole) {
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id)
    threads.emplace_back([id] {
      for (int i = 0; i < 100; ++i) log::error("tick", {{"thread", id}, {"text", "some words"}});
    });
  for (std::thread& thread : threads) thread.join();
  const std::string all = written();
  std::size_t count = 0;
  for (const std::string_view line : text::lines(all)) {
    ++count;
    EXPECT_TRUE(line.starts_with("error tick thread=") && line.ends_with(" text=\"some words\"")) << line;
  }
  EXPECT_EQ(count, 400U);
}

}  // namespace herder
