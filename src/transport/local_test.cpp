#include "transport/local.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "async/loop.hpp"
#include "transport/local_process.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;

struct Ran {
  std::string out, err;
  Exit exit;
};

Async<Result<Ran>> run_line(std::string line, std::string input, Deadline deadline) {
  const auto connector = make_local_connector();
  HERDER_CO_TRY(const auto session, co_await connector->connect(nullptr, deadline));
  HERDER_CO_TRY(const auto process, co_await session->start({.line = std::move(line)}, deadline));
  if (!input.empty()) HERDER_CO_TRY_VOID(co_await process->write(input, deadline));
  HERDER_CO_TRY_VOID(co_await process->close_input(deadline));
  Ran ran;
  for (;;) {
    HERDER_CO_TRY(Chunk chunk, co_await process->read(deadline));
    if (chunk.end) break;
    (chunk.source == Source::out ? ran.out : ran.err) += chunk.bytes;
  }
  HERDER_CO_TRY(ran.exit, co_await process->wait(deadline));
  co_return ran;
}

Result<Ran> run(std::string line, std::string input = {}, Duration limit = 60s) {
  const auto loop = async::make_loop();
  return async::run_until_done(*loop, [](std::string text, std::string in, Duration span) -> Async<Result<Ran>> {
    co_return co_await run_line(std::move(text), std::move(in), Deadline::after(span));
  }(std::move(line), std::move(input), limit));
}

TEST(Local, gives_both_streams_and_the_exit_code) {
  const auto ran = run("echo out; echo err >&2; exit 3");
  ASSERT_TRUE(ran) << ran.error().what;
  EXPECT_EQ(ran->out, "out\n");
  EXPECT_EQ(ran->err, "err\n");
  EXPECT_EQ(ran->exit.code, 3);
}

TEST(Local, names_the_signal_that_killed_it) {
  const auto ran = run("kill -SEGV $$");
  ASSERT_TRUE(ran);
  EXPECT_FALSE(ran->exit.code);
  EXPECT_EQ(ran->exit.signal, "SEGV");
}

TEST(Local, feeds_input_and_reads_large_output) {
  const auto ran = run("wc -c; head -c 3000000 /dev/zero", "12345");
  ASSERT_TRUE(ran);
  EXPECT_EQ(ran->out.substr(0, 2), "5\n");
  EXPECT_EQ(ran->out.size(), 3'000'002U);
}

TEST(Local, does_not_wait_for_a_daemon_that_keeps_the_pipes) {
  const auto ran = run("sleep 300 & echo $!");
  ASSERT_TRUE(ran);
  const int daemon = std::stoi(ran->out);
  EXPECT_GT(daemon, 0);
  ::kill(daemon, SIGKILL);
}

TEST(Local, a_cancelled_command_takes_its_grandchildren_along) {
  char marker[] = "/tmp/herder-local-test-XXXXXX";
  ::close(::mkstemp(marker));
  const auto ran = run(fmt::format("(sleep 300 & echo $! > {}; wait); echo never", marker), {}, 500ms);
  ASSERT_FALSE(ran);
  EXPECT_EQ(ran.error().code, Errc::timeout);
  const int grandchild = std::stoi(read_file(marker).value());
  ::unlink(marker);
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    // Killed but not yet reaped by init counts as gone.
    const auto status = read_file(fmt::format("/proc/{}/stat", grandchild));
    gone = !status || status->find(") Z") != std::string::npos;
    if (!gone) ::usleep(50'000);
  }
  EXPECT_TRUE(gone);
}

TEST(Local, reports_a_missing_program_and_a_missing_directory) {
  const auto loop = async::make_loop();
  const auto missing = async::run_until_done(*loop, []() -> Async<Result<int>> {
    auto spawned = LocalProcess::spawn({.argv = {"/no/such/program"}});
    if (spawned) co_return 0;
    co_return std::unexpected(spawned.error());
  }());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
}

TEST(Signals, names_and_numbers_agree) {
  EXPECT_EQ(signal_number("SIGTERM"), SIGTERM);
  EXPECT_EQ(signal_number("9"), SIGKILL);
  EXPECT_FALSE(signal_number("NOPE"));
  EXPECT_EQ(signal_name(SIGINT), "INT");
}

}  // namespace
}  // namespace herder::transport
