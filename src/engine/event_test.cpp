#include "engine/event.hpp"

#include <gtest/gtest.h>

namespace herder::engine {
namespace {

TEST(EventTotals, exit_code_tells_failed_and_unreachable_apart) {
  Totals totals;
  EXPECT_EQ(totals.exit_code(), 0);
  totals.add(Status::ok);
  EXPECT_EQ(totals.exit_code(), 0);
  totals.add(Status::unreachable);
  EXPECT_EQ(totals.exit_code(), 4);
  totals.add(Status::timeout);
  EXPECT_EQ(totals.exit_code(), 6);
  EXPECT_EQ(totals.hosts(), 3U);
}

TEST(EventTotals, what_never_ran_is_not_well) {
  for (const Status status : {Status::failed, Status::timeout, Status::cancelled, Status::skipped}) {
    Totals totals;
    totals.add(status);
    EXPECT_EQ(totals.exit_code(), 2) << name_of(status);
  }
}

TEST(Event, deliver_calls_the_matching_function_only) {
  struct Counter : Subscriber {
    using Subscriber::on;
    int outputs = 0, finished = 0;
    void on(const Output&) override { ++outputs; }
    void on(const HostFinished&) override { ++finished; }
  } counter;
  deliver(counter, Output{.host = 1, .bytes = "x"});
  deliver(counter, Event(Tick{}));
  deliver(counter, HostFinished{});
  EXPECT_EQ(counter.outputs, 1);
  EXPECT_EQ(counter.finished, 1);
}

}  // namespace
}  // namespace herder::engine
