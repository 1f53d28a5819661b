// The run of one command on many hosts: who may start when, when to stop, and one report thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "async/scope.hpp"
#include "async/sync.hpp"
#include "engine/event.hpp"
#include "engine/exec_host.hpp"
#include "engine/exec_plan.hpp"

namespace herder::engine {

/// A loop that serves hosts, and how its connector is made (called on that loop). The first one may be the reporting loop.
struct ServingLoop {
  async::Loop* loop = nullptr;
  std::function<std::unique_ptr<transport::Connector>()> make_connector;
};

/// Hosts go to the serving loops in turn. Every host of the plan ends in exactly one HostFinished, whatever happens. Made, run and
/// destroyed on the reporting loop.
class ExecRun {
 public:
  ExecRun(ExecPlan plan, std::vector<ServingLoop> loops, Subscriber& subscriber);
  ExecRun(const ExecRun&) = delete;
  ExecRun& operator=(const ExecRun&) = delete;
  ~ExecRun();

  /// The whole run. Never fails by itself: what goes wrong is in the events.
  Async<Totals> run();
  /// Starts nothing new and cancels what runs; hosts that run end as cancelled, the others as skipped. On the reporting loop.
  void interrupt(const std::string& reason);
  [[nodiscard]] Stop stopped() const noexcept { return stop_; }

 private:
  struct Shard;
  void deliver(Event event);
  void stop(Stop why, const std::string& reason, bool cancel_running);
  Async<bool> open_shards();
  Async<bool> close_shards();
  Async<void> serve(HostIndex index);
  Async<void> run_batch(std::size_t begin, std::size_t end);
  Async<void> tick(Deadline deadline);
  [[nodiscard]] bool too_many_failed(std::size_t of) const;

  ExecPlan plan_;
  Subscriber* subscriber_;
  std::vector<std::unique_ptr<Shard>> shards_;
  async::Limiter forks_;
  std::vector<bool> finished_;
  Totals totals_;
  Stop stop_ = Stop::none;
};

}  // namespace herder::engine
