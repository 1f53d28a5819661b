#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <string>

#include "async/scope.hpp"
#include "async/stream.hpp"
#include "async/sync.hpp"
#include "async/threads.hpp"

namespace herder::async {
namespace {

using namespace std::chrono_literals;

template <class Make>
auto run(Make make) {
  const auto loop = make_loop();
  return run_until_done(*loop, make());
}

Async<int> add(int a, int b) { co_return a + b; }
Async<int> nested(int depth) {
  if (depth == 0) co_return 0;
  co_return 1 + co_await nested(depth - 1);
}

TEST(Async, returns_values_through_nested_awaits) {
  EXPECT_EQ(run([]() -> Async<int> { co_return co_await add(1, 2); }), 3);
  EXPECT_EQ(run([]() -> Async<int> { co_return co_await nested(100'000); }), 100'000);
}

TEST(Deadline, ends_a_wait_with_timeout) {
  const Result<> ended = run([]() -> Async<Result<>> {
    Event never;
    co_return co_await never.wait(Deadline::after(1ms));
  });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, Errc::timeout);
}

Async<void> wait_for(Event* event, Deadline deadline, Result<>* out) { *out = co_await event->wait(std::move(deadline)); }

TEST(Scope, cancel_ends_all_waits_with_the_reason) {
  Result<> first;
  Result<> second;
  run([&]() -> Async<bool> {
    Event never;
    Scope outer;
    Scope inner(outer.deadline());
    outer.spawn(wait_for(&never, outer.deadline(), &first));
    inner.spawn(wait_for(&never, inner.deadline().within(1h), &second));
    outer.cancel("stopped by a test");
    co_await inner.join();
    co_await outer.join();
    co_return true;
  });
  ASSERT_FALSE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::cancelled);
  EXPECT_EQ(second.error().what, "stopped by a test");
}

Async<void> hold(Limiter* limiter, int* now, int* most, Deadline deadline) {
  if (!co_await limiter->acquire(deadline)) co_return;
  const Permit permit(*limiter);
  *most = std::max(*most, ++*now);
  (void)co_await sleep_for(1ms, deadline);
  --*now;
}

TEST(Limiter, never_lets_more_in_than_it_has_permits) {
  int now = 0;
  int most = 0;
  run([&]() -> Async<bool> {
    Limiter limiter(3);
    Scope scope;
    for (int i = 0; i < 50; ++i) scope.spawn(hold(&limiter, &now, &most, scope.deadline()));
    co_await scope.join();
    EXPECT_EQ(limiter.free(), 3U);
    co_return true;
  });
  EXPECT_EQ(most, 3);
}

TEST(Limiter, a_permit_is_not_lost_when_waiters_time_out) {
  run([]() -> Async<bool> {
    Limiter limiter(1);
    EXPECT_TRUE(co_await limiter.acquire({}));
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(co_await limiter.acquire(Deadline::after(100us)));
    limiter.release();
    EXPECT_TRUE(co_await limiter.acquire(Deadline::after(1s)));
    co_return true;
  });
}

Async<void> produce(Channel<int>* channel, int count) {
  for (int i = 0; i < count; ++i) EXPECT_TRUE(co_await channel->push(i, {}));
  channel->close();
}

TEST(Channel, gives_everything_in_order_and_then_nothing) {
  const int sum = run([]() -> Async<int> {
    Channel<int> channel(2);
    Scope scope;
    scope.spawn(produce(&channel, 1000));
    int total = 0;
    for (int expected = 0;; ++expected) {
      const auto item = co_await channel.pop({});
      if (!item || !*item) break;
      EXPECT_EQ(**item, expected);
      total += **item;
    }
    co_await scope.join();
    co_return total;
  });
  EXPECT_EQ(sum, 499'500);
}

TEST(Stream, pipes_carry_bytes_and_the_end) {
  run([]() -> Async<bool> {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const auto in = fd_stream(UniqueFd(ends[0]));
    EXPECT_EQ(::write(ends[1], "hello", 5), 5);
    ::close(ends[1]);
    EXPECT_EQ(co_await in->read(100, Deadline::after(5s)), "hello");
    EXPECT_EQ(co_await in->read(100, Deadline::after(5s)), "");
    co_return true;
  });
}

TEST(Stream, read_times_out) {
  run([]() -> Async<bool> {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const UniqueFd writer(ends[1]);
    const auto in = fd_stream(UniqueFd(ends[0]));
    for (int i = 0; i < 3; ++i) {
      const auto got = co_await in->read(100, Deadline::after(1ms));
      EXPECT_FALSE(got);
      if (!got) EXPECT_EQ(got.error().code, Errc::timeout);
    }
    EXPECT_EQ(::write(writer.get(), "x", 1), 1);
    EXPECT_EQ(co_await in->read(100, Deadline::after(5s)), "x");
    co_return true;
  });
}

TEST(Stream, refused_connections_are_unreachable) {
  run([]() -> Async<bool> {
    const auto fd = co_await connect_tcp("127.0.0.1", 1, Deadline::after(5s));
    EXPECT_FALSE(fd);
    if (!fd) EXPECT_EQ(fd.error().code, Errc::unreachable);
    co_return true;
  });
}

TEST(Threads, offload_and_run_on_come_back_home) {
  LoopThreads others(2);
  const bool home_again = run([&]() -> Async<bool> {
    Loop* home = &Loop::current();
    const int value = co_await offload([] { return 42; });
    EXPECT_EQ(value, 42);
    const int sum = co_await run_on<int>(&others[1], [&]() -> Async<int> {
      EXPECT_EQ(&Loop::current(), &others[1]);
      return add(20, 22);
    });
    EXPECT_EQ(sum, 42);
    co_return &Loop::current() == home;
  });
  EXPECT_TRUE(home_again);
}

TEST(Threads, resolve_finds_localhost) {
  run([]() -> Async<bool> {
    const auto found = co_await resolve("localhost", Deadline::after(20s));
    EXPECT_TRUE(found && !found->empty());
    EXPECT_EQ((co_await resolve("127.1.2.3", {})).value(), std::vector<std::string>{"127.1.2.3"});
    co_return true;
  });
}

}  // namespace
}  // namespace herder::async
