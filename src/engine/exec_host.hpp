// One host of an exec run: connect, start, feed, read, and say how it ended.
#pragma once

#include <cstdint>

#include "engine/event.hpp"
#include "engine/event_pipe.hpp"
#include "engine/exec_plan.hpp"
#include "transport/session.hpp"

namespace herder::engine {

/// What all hosts of one loop share. Lives there.
struct ExecShard {
  const ExecPlan* plan;
  transport::Connector* connector;
  EventPipe* events;
};

/// Runs the plan on host `index` with all attempts. Sends HostStarted (and HostRetrying), Output and, last and exactly once,
/// HostFinished. `deadline` carries the token that stops the run; the plan's timeout is added to it here. `seed` makes the waits
/// between attempts differ from host to host.
Async<void> exec_on_host(ExecShard shard, HostIndex index, Deadline deadline, std::uint64_t seed);

}  // namespace herder::engine
