// The exec engine against a make-believe network: whatever the hosts do, every host ends in exactly one outcome, the right one.
// A failing seed is printed; HERDER_SIM_SEED=n replays it alone, HERDER_SIM_SEEDS=n runs more.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "engine/exec_run.hpp"
#include "transport/sim_net.hpp"

namespace herder::engine {
namespace {

using namespace std::chrono_literals;
using async::SimLoop;
using transport::SimFault;
using transport::SimHost;
using transport::SimNet;

class Recorder final : public Subscriber {
 public:
  void on(const RunStarted& event) override { outcomes.resize(event.hosts.size()); }
  void on(const HostStarted& event) override {
    EXPECT_FALSE(outcomes[event.host]) << "started after its end";
    EXPECT_TRUE(running.insert(event.host).second) << "started twice";
    most_running = std::max(most_running, running.size());
  }
  void on(const HostRetrying& event) override { running.erase(event.host); }
  void on(const Output& event) override {
    EXPECT_FALSE(outcomes[event.host]) << "output after the end";
    bytes += event.bytes.size();
  }
  void on(const HostFinished& event) override {
    EXPECT_FALSE(outcomes[event.host]) << "two outcomes for host " << event.host;
    outcomes[event.host] = event;
    running.erase(event.host);
    if (on_finished) on_finished();
  }
  void on(const RunFinished& event) override { ended = event; }
  [[nodiscard]] bool must_stop() const override { return broken; }

  std::vector<std::optional<HostFinished>> outcomes;
  std::optional<RunFinished> ended;
  std::uint64_t bytes = 0;
  std::set<HostIndex> running;
  std::size_t most_running = 0;
  bool broken = false;
  std::function<void()> on_finished;
};

struct World {
  explicit World(std::uint64_t seed) : loop(seed), net(loop) {}

  SimLoop loop;
  SimNet net;
  ExecPlan plan;
  Recorder recorder;
  Totals totals;
  Stop stop = Stop::none;
  Duration took{};
  std::size_t interrupt_after = SIZE_MAX;  // outcomes

  void run() {
    plan.id = "sim";
    plan.command = "true";
    totals = async::run_until_done(loop, go());
  }

 private:
  Async<Totals> go() {
    ExecRun exec(std::move(plan), {{.loop = &loop, .make_connector = [this] { return net.make_connector(); }}}, recorder);
    std::size_t seen = 0;
    recorder.on_finished = [&] {
      if (++seen == interrupt_after) exec.interrupt("interrupted");
    };
    const TimePoint begun = loop.now();
    const Totals counted = co_await exec.run();
    took = loop.now() - begun;
    stop = exec.stopped();
    recorder.on_finished = nullptr;
    co_return counted;
  }
};

SimHost random_host(SimLoop& loop) {
  constexpr SimFault faults[] = {SimFault::none, SimFault::none, SimFault::none, SimFault::refused, SimFault::refused_at_first,
                                 SimFault::hung_connect, SimFault::denied, SimFault::slow, SimFault::cut_in_output,
                                 SimFault::cut_before_start, SimFault::hung_command, SimFault::no_exit_status, SimFault::flood,
                                 SimFault::deaf};
  SimHost host;
  host.fault = faults[loop.pick(std::size(faults))];
  host.delay = std::chrono::microseconds(1 + loop.pick(host.fault == SimFault::slow ? 2'000'000 : 20'000));
  if (host.fault == SimFault::flood) host.delay += 10ms;
  host.count = host.fault == SimFault::refused_at_first ? 1 + loop.pick(4) : loop.pick(50'000);
  host.out_bytes = loop.pick(40'000);
  host.err_bytes = loop.pick(3) == 0 ? loop.pick(5'000) : 0;
  if (loop.pick(5) == 0) host.exit = {.code = static_cast<int>(1 + loop.pick(255)), .signal = {}};
  if (loop.pick(20) == 0) host.exit = {.code = {}, .signal = "KILL"};
  return host;
}

/// What may have become of a host that was started and not interrupted.
std::set<Status> expected(const SimHost& host, const HostFinished& outcome, bool timed) {
  const Status by_exit = host.exit.code == 0 ? Status::ok : Status::failed;
  switch (host.fault) {
    case SimFault::none:
    case SimFault::deaf: return {by_exit};
    case SimFault::slow: return timed ? std::set{by_exit, Status::timeout, Status::unreachable} : std::set{by_exit};
    case SimFault::refused:
    case SimFault::hung_connect:
    case SimFault::denied:
    case SimFault::cut_before_start:
    case SimFault::no_exit_status:
    case SimFault::cut_in_output: return {Status::unreachable};
    case SimFault::refused_at_first:
      return outcome.attempts > host.count ? std::set{by_exit} : std::set{Status::unreachable};
    case SimFault::hung_command:
    case SimFault::flood: return {Status::timeout};
  }
  return {};
}

void check_seed(std::uint64_t seed) {
  SCOPED_TRACE(fmt::format("replay with HERDER_SIM_SEED={}", seed));
  World world(seed);
  SimLoop& loop = world.loop;
  const std::size_t hosts = 1 + loop.pick(120);
  for (std::size_t i = 0; i < hosts; ++i) {
    auto target = world.net.add(random_host(loop));
    world.plan.hosts.push_back({.name = target->name, .target = target, .unusable = {}});
  }
  const std::size_t forks = 1 + loop.pick(64);
  const unsigned retries = static_cast<unsigned>(loop.pick(4));
  world.plan.forks = forks;
  world.plan.retries = retries;
  world.plan.timeout = 30s + std::chrono::milliseconds(loop.pick(60'000));
  const Duration timeout = world.plan.timeout;
  if (loop.pick(3) == 0) world.plan.serial = {{.value = double(1 + loop.pick(40)), .percent = loop.pick(2) == 0}};
  const bool limited = loop.pick(4) == 0;
  if (limited) world.plan.max_fail = Amount{.value = double(loop.pick(50)), .percent = loop.pick(2) == 0};
  const bool interrupted = loop.pick(4) == 0;
  if (interrupted) world.interrupt_after = 1 + loop.pick(hosts);

  world.run();

  ASSERT_EQ(world.recorder.outcomes.size(), hosts);
  EXPECT_TRUE(world.recorder.ended);
  EXPECT_LE(world.recorder.most_running, forks);
  EXPECT_TRUE(world.recorder.running.empty());
  EXPECT_EQ(world.totals.hosts(), hosts);
  bool failed = false;
  bool unreachable = false;
  for (std::size_t i = 0; i < hosts; ++i) {
    const SimHost& host = world.net.host(i);
    ASSERT_TRUE(world.recorder.outcomes[i]) << "host " << i << " was lost";
    const HostFinished& outcome = *world.recorder.outcomes[i];
    EXPECT_EQ(host.open_sessions, 0U);
    EXPECT_EQ(host.open_processes, 0U);
    EXPECT_LE(host.commands_started, 1U) << "a command was repeated";
    (outcome.status == Status::unreachable ? unreachable : failed) |= outcome.status != Status::ok;
    if (outcome.status == Status::skipped) {
      EXPECT_NE(world.stop, Stop::none);
      EXPECT_EQ(outcome.attempts, 0U);
      EXPECT_EQ(host.connections, 0U);
    } else if (outcome.status == Status::cancelled) {
      EXPECT_EQ(world.stop, Stop::interrupted);
    } else {
      EXPECT_TRUE(expected(host, outcome, true).contains(outcome.status))
          << "host " << i << " fault " << int(host.fault) << " became " << name_of(outcome.status);
      EXPECT_LE(outcome.attempts, retries + 1);
    }
    if (outcome.status == Status::ok) EXPECT_EQ(outcome.out.bytes, host.out_bytes);
  }
  EXPECT_EQ(world.totals.exit_code(), (failed ? 2 : 0) | (unreachable ? 4 : 0));
  // Each host takes at most its timeout, plus waits and attempts, however many hang.
  const std::size_t rounds = hosts / std::min<std::size_t>(forks, hosts) + hosts + 1;
  EXPECT_LE(world.took, (timeout + 15s) * (retries + 1) * rounds);
}

std::uint64_t number_from(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

TEST(ExecSimulation, every_host_ends_once_and_rightly_for_1000_seeds) {
  if (const std::uint64_t one = number_from("HERDER_SIM_SEED", 0); one != 0) return check_seed(one);
  const std::uint64_t seeds = number_from("HERDER_SIM_SEEDS", 1000);
  for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) check_seed(seed);
}

TEST(ExecSimulation, a_seed_replays_exactly) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::uint64_t steps[2];
    Duration took[2];
    for (int round = 0; round < 2; ++round) {
      World world(seed);
      for (int i = 0; i < 50; ++i) {
        auto target = world.net.add(random_host(world.loop));
        world.plan.hosts.push_back({.name = target->name, .target = target, .unusable = {}});
      }
      world.plan.timeout = 20s;
      world.run();
      steps[round] = world.loop.steps();
      took[round] = world.took;
    }
    EXPECT_EQ(steps[0], steps[1]);
    EXPECT_EQ(took[0], took[1]);
  }
}

TEST(ExecSimulation, thousands_of_hosts_half_of_them_hung_end_at_the_time_out) {
  World world(7);
  for (int i = 0; i < 5000; ++i) {
    auto target = world.net.add({.fault = i % 2 == 0 ? SimFault::none : SimFault::hung_connect});
    world.plan.hosts.push_back({.name = target->name, .target = target, .unusable = {}});
  }
  world.plan.forks = 5000;
  world.run();
  EXPECT_EQ(world.totals.ok, 2500U);
  EXPECT_EQ(world.totals.unreachable, 2500U);
  EXPECT_LE(world.took, 10s + 2s);  // the default connect timeout
}

TEST(ExecRun, a_report_that_cannot_be_written_stops_everything) {
  World world(3);
  for (int i = 0; i < 40; ++i) {
    auto target = world.net.add({.fault = SimFault::flood});
    world.plan.hosts.push_back({.name = target->name, .target = target, .unusable = {}});
  }
  world.plan.forks = 10;
  world.recorder.broken = true;
  world.run();
  EXPECT_EQ(world.stop, Stop::report_failed);
  EXPECT_EQ(world.totals.hosts(), 40U);
  EXPECT_EQ(world.totals.ok, 0U);
}

TEST(ExecRun, serial_batches_stop_after_too_many_failures) {
  World world(4);
  for (int i = 0; i < 30; ++i) {
    auto target = world.net.add({.fault = i < 3 ? SimFault::refused : SimFault::none});
    world.plan.hosts.push_back({.name = target->name, .target = target, .unusable = {}});
  }
  world.plan.serial = {{.value = 5, .percent = false}};
  world.plan.max_fail = Amount{.value = 2, .percent = false};
  world.run();
  EXPECT_EQ(world.stop, Stop::too_many_failed);
  EXPECT_EQ(world.totals.unreachable, 3U);
  EXPECT_EQ(world.totals.ok, 2U);
  EXPECT_EQ(world.totals.skipped, 25U);
}

}  // namespace
}  // namespace herder::engine
