// A loop on a virtual clock for simulations: time jumps to the next timer when nothing is ready, and what is ready runs in an order
// that the seed decides. The same seed replays the same run, step by step.
#pragma once

#include <cstdint>
#include <deque>
#include <random>

#include "async/loop.hpp"

namespace herder::async {

/// One thread. watch() is refused (there are no descriptors in a simulation). When nothing is ready and no timer is armed, run()
/// aborts unless stopped: somebody waits for ever, which is the bug that the simulation was to find.
class SimLoop final : public Loop {
 public:
  explicit SimLoop(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] TimePoint now() const override { return now_; }
  void post(std::function<void()> work) override { posted_.push_back(std::move(work)); }
  std::unique_ptr<FdWatch> watch(int fd) override;
  void run() override;
  void stop() override { stopped_ = true; }

  /// The source of all chance in this simulation.
  std::mt19937_64& random() noexcept { return random_; }
  /// A number from 0 to below `bound`, the same on every platform.
  std::uint64_t pick(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

 private:
  std::mt19937_64 random_;
  TimePoint now_{std::chrono::hours(1)};
  std::deque<std::function<void()>> posted_;
  bool stopped_ = false;
  std::uint64_t steps_ = 0;
};

}  // namespace herder::async
