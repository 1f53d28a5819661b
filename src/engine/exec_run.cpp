#include "engine/exec_run.hpp"

#include <algorithm>

#include "async/threads.hpp"

namespace herder::engine {
namespace {

constexpr auto tick_gap = std::chrono::milliseconds(100);

}  // namespace

/// Everything below `loop` is touched on that loop only.
struct ExecRun::Shard {
  ServingLoop how;
  std::unique_ptr<transport::Connector> connector;
  std::unique_ptr<EventPipe> events;
  std::unique_ptr<async::Scope> scope;
};

ExecRun::ExecRun(ExecPlan plan, std::vector<ServingLoop> loops, Subscriber& subscriber)
    : plan_(std::move(plan)), subscriber_(&subscriber), forks_(std::max<std::size_t>(plan_.forks, 1)), finished_(plan_.hosts.size()) {
  HERDER_ASSERT(!loops.empty());
  for (ServingLoop& loop : loops) {
    shards_.push_back(std::make_unique<Shard>());
    shards_.back()->how = std::move(loop);
  }
}

ExecRun::~ExecRun() = default;

void ExecRun::deliver(Event event) {
  if (const auto* done = std::get_if<HostFinished>(&event)) {
    HERDER_ASSERT(!finished_[done->host]);
    finished_[done->host] = true;
    totals_.add(done->status);
  }
  herder::engine::deliver(*subscriber_, event);
  if (stop_ != Stop::report_failed && subscriber_->must_stop()) stop(Stop::report_failed, "the report cannot be written", true);
}

void ExecRun::stop(Stop why, const std::string& reason, bool cancel_running) {
  // A person outranks a limit, and a report that cannot be written outranks both.
  if (stop_ == Stop::none || why == Stop::report_failed || (why == Stop::interrupted && stop_ == Stop::too_many_failed)) stop_ = why;
  if (!cancel_running) return;
  for (const auto& shard : shards_)
    shard->how.loop->post([one = shard.get(), reason] {
      if (one->scope) one->scope->cancel(reason);
    });
}

void ExecRun::interrupt(const std::string& reason) { stop(Stop::interrupted, reason, true); }

bool ExecRun::too_many_failed(std::size_t of) const {
  if (!plan_.max_fail) return false;
  const std::uint64_t bad = totals_.failed + totals_.unreachable + totals_.timeout;
  // As Ansible's max_fail_percentage: more than the limit, not as many.
  if (plan_.max_fail->percent) return static_cast<double>(bad) * 100.0 > plan_.max_fail->value * static_cast<double>(of);
  return static_cast<double>(bad) > plan_.max_fail->value;
}

Async<bool> ExecRun::open_shards() {
  async::Loop* home = &async::Loop::current();
  for (const auto& shard : shards_) {
    co_await async::run_on<bool>(shard->how.loop, [this, home, one = shard.get()]() -> Async<bool> {
      one->events = std::make_unique<EventPipe>(*home, [this](Event event) { deliver(std::move(event)); });
      one->scope = std::make_unique<async::Scope>();
      one->connector = one->how.make_connector();
      co_return true;
    });
  }
  co_return true;
}

Async<bool> ExecRun::close_shards() {
  for (const auto& shard : shards_) {
    co_await async::run_on<bool>(shard->how.loop, [one = shard.get()]() -> Async<bool> {
      co_await one->scope->join();
      co_await one->events->drained();
      co_await one->connector->close();
      one->connector.reset();
      one->scope.reset();
      one->events.reset();
      co_return true;
    });
  }
  co_return true;
}

Async<void> ExecRun::serve(HostIndex index) {
  const async::Permit permit(forks_);
  Shard* shard = shards_[index % shards_.size()].get();
  const ExecPlan* plan = &plan_;
  co_await async::run_on<bool>(shard->how.loop, [shard, plan, index]() -> Async<bool> {
    const ExecShard mine{.plan = plan, .connector = shard->connector.get(), .events = shard->events.get()};
    co_await exec_on_host(mine, index, shard->scope->deadline(), index);
    co_return true;
  });
}

Async<void> ExecRun::run_batch(std::size_t begin, std::size_t end) {
  async::Scope running;
  for (std::size_t index = begin; index < end && stop_ == Stop::none; ++index) {
    (void)co_await forks_.acquire({});
    if (too_many_failed(plan_.hosts.size())) stop(Stop::too_many_failed, {}, false);
    if (stop_ != Stop::none) {
      forks_.release();
      break;
    }
    running.spawn(serve(static_cast<HostIndex>(index)));
  }
  co_await running.join();
  if (stop_ == Stop::none && too_many_failed(plan_.hosts.size())) stop(Stop::too_many_failed, {}, false);
}

Async<void> ExecRun::tick(Deadline deadline) {
  while (co_await async::sleep_for(tick_gap, deadline)) deliver(Tick{.at = async::Loop::current().now()});
}

Async<Totals> ExecRun::run() {
  RunStarted started{.id = plan_.id, .kind = plan_.kind, .command = plan_.command, .hosts = {}, .at = async::Loop::current().now()};
  for (const ExecHost& host : plan_.hosts) started.hosts.push_back(host.name);
  deliver(std::move(started));
  co_await open_shards();
  async::Scope background;
  background.spawn(tick(background.deadline()));
  const std::size_t all = plan_.hosts.size();
  for (std::size_t begin = 0, batch = 0; begin < all && stop_ == Stop::none; ++batch) {
    std::size_t size = all - begin;
    if (!plan_.serial.empty()) {
      const Amount& amount = plan_.serial[std::min(batch, plan_.serial.size() - 1)];
      size = std::clamp<std::size_t>(static_cast<std::size_t>(amount.of(static_cast<std::int64_t>(all))), 1, size);
    }
    co_await run_batch(begin, begin + size);
    begin += size;
  }
  co_await close_shards();
  background.cancel("the run is over");
  co_await background.join();
  for (std::size_t index = 0; index < all; ++index)
    if (!finished_[index])
      deliver(HostFinished{.host = static_cast<HostIndex>(index), .status = Status::skipped, .at = async::Loop::current().now()});
  deliver(RunFinished{.at = async::Loop::current().now(), .stop = stop_});
  co_return totals_;
}

}  // namespace herder::engine
