// 5,000 sessions over real SSH (libssh on both sides) with random faults: every host ends in exactly one outcome, the one that its
// fault allows. The seed is printed; HERDER_FAULT_SEED=n repeats the same faults, HERDER_FAULT_SESSIONS=n runs more.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "async/threads.hpp"
#include "engine/exec_run.hpp"
#include "lab/light_lab.hpp"
#include "transport/ssh_connector.hpp"

namespace herder::engine {
namespace {

using namespace std::chrono_literals;
using lab::Entry;
using lab::Faults;

constexpr int hosts_a_round = 250;

std::uint64_t number_from(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

class Outcomes final : public Subscriber {
 public:
  void on(const RunStarted& event) override { ended.resize(event.hosts.size()); }
  void on(const Output& event) override { bytes[event.host] += event.bytes.size(); }
  void on(const HostFinished& event) override {
    EXPECT_FALSE(ended[event.host]) << "two outcomes for one host";
    ended[event.host] = event;
  }
  std::vector<std::optional<HostFinished>> ended;
  std::map<HostIndex, std::uint64_t> bytes;
};

struct Case {
  const char* name;
  Faults faults;
  std::set<Status> allowed;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"none", {}, {Status::ok}},
      {"slow", {.slow = 5ms}, {Status::ok}},
      {"refuse", {.entry = Entry::refuse}, {Status::unreachable}},
      {"hang", {.entry = Entry::hang}, {Status::unreachable}},
      {"hang-kex", {.entry = Entry::hang_kex}, {Status::unreachable}},
      {"flood", {.entry = Entry::flood}, {Status::unreachable}},
      {"cut-after", {.cut_after = 500}, {Status::unreachable}},
      {"bad-host-key", {.bad_host_key = true}, {Status::unreachable}},
      {"auth-fail", {.auth_fail = true}, {Status::unreachable}},
      {"garbage", {.garbage = true}, {Status::ok, Status::failed, Status::unreachable}},
  };
  return all;
}

class Faulty {
 public:
  explicit Faulty(std::uint64_t seed) : random_(seed) {
    char name[] = "/tmp/herder-faults-test-XXXXXX";
    directory_ = ::mkdtemp(name);
    lab_ = lab::LightLab::start({.state_dir = directory_, .hosts = hosts_a_round, .port = 0}).value();
  }
  ~Faulty() {
    lab_.reset();
    std::filesystem::remove_all(directory_);
  }
  Faulty(const Faulty&) = delete;
  Faulty& operator=(const Faulty&) = delete;

  /// Half of the hosts get a fault; all run a command that prints 2,000 bytes; every outcome is checked.
  void round() {
    std::vector<const Case*> given;
    for (const lab::HostPlan& host : lab_->hosts()) {
      const Case& one = cases()[random_() % 2 == 0 ? 0 : random_() % cases().size()];
      given.push_back(&one);
      ASSERT_TRUE(lab_->set_faults(host.name, one.faults));
    }
    Outcomes outcomes;
    const Totals totals = run(outcomes);
    EXPECT_EQ(totals.hosts(), given.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
      ASSERT_TRUE(outcomes.ended[i]) << "a host was lost";
      const HostFinished& end = *outcomes.ended[i];
      EXPECT_TRUE(given[i]->allowed.contains(end.status))
          << given[i]->name << " became " << name_of(end.status) << (end.error ? ": " + end.error->what : std::string());
      if (end.status == Status::ok && !given[i]->faults.garbage) EXPECT_EQ(outcomes.bytes[static_cast<HostIndex>(i)], 2000U);
      ++counted[given[i]->name];
    }
  }

  std::map<std::string, int> counted;

 private:
  Totals run(Outcomes& outcomes) {
    ExecPlan plan;
    plan.id = "faults";
    plan.command = "head -c 2000 /dev/zero";
    plan.timeout = 30s;
    auto credentials = std::make_shared<transport::Credentials>();
    credentials->identity_files = {lab_->key_file()};
    for (const lab::HostPlan& host : lab_->hosts()) {
      auto target = std::make_shared<transport::Target>();
      target->name = host.name;
      target->address = host.address;
      target->port = lab_->port();
      target->user = lab_->user();
      target->credentials = credentials;
      target->user_known_hosts = {lab_->known_hosts_file()};
      target->connect_timeout = 4s;
      plan.hosts.push_back({.name = host.name, .target = target, .unusable = {}});
    }
    const auto home = async::make_loop();
    async::LoopThreads threads(2);
    transport::SshSettings settings;
    settings.known_hosts = std::make_shared<transport::KnownHostsStore>();
    settings.keys = std::make_shared<transport::SshKeyStore>();
    std::vector<ServingLoop> loops;
    for (std::size_t i = 0; i < threads.size(); ++i)
      loops.push_back({.loop = &threads[i], .make_connector = [settings] { return transport::make_ssh_connector(settings); }});
    ExecRun exec(std::move(plan), std::move(loops), outcomes);
    return async::run_until_done(*home, exec.run());
  }

  std::mt19937_64 random_;
  std::string directory_;
  std::unique_ptr<lab::LightLab> lab_;
};

TEST(ExecFaults, five_thousand_faulty_sessions_each_end_once_and_rightly) {
  const std::uint64_t seed = number_from("HERDER_FAULT_SEED", std::random_device{}());
  const std::uint64_t sessions = number_from("HERDER_FAULT_SESSIONS", 5000);
  std::printf("repeat with HERDER_FAULT_SEED=%llu\n", static_cast<unsigned long long>(seed));
  Faulty faulty(seed);
  std::uint64_t done = 0;
  for (; done < sessions && !testing::Test::HasFailure(); done += hosts_a_round) faulty.round();
  std::string counts;
  for (const auto& [name, count] : faulty.counted) counts += fmt::format(" {} {}", count, name);
  std::printf("%llu sessions:%s\n", static_cast<unsigned long long>(done), counts.c_str());
}

}  // namespace
}  // namespace herder::engine
