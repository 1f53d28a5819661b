// Carries events from the loop where a host is served to the loop that reports, in order and with a limit on what is under way.
#pragma once

#include <functional>
#include <vector>

#include "async/sync.hpp"
#include "engine/event.hpp"

namespace herder::engine {

/// Made, used and destroyed on the serving loop (which may be the reporting loop as well). drained() must be awaited before it is
/// destroyed.
class EventPipe {
 public:
  /// `deliver` is called on `home`.
  EventPipe(async::Loop& home, std::function<void(Event)> deliver) : home_(&home), deliver_(std::move(deliver)) {}

  /// Takes an event; waits while more than `most_bytes` of output are under way. Errors: cancelled, timeout.
  Async<Result<>> send(Event event, Deadline deadline);
  /// Without waiting, for what is small. Delivered before anything that is posted to the home loop afterwards.
  void send_now(Event event);
  Async<void> drained();

  static constexpr std::size_t most_bytes = 4 << 20;

 private:
  void flush();
  void acknowledge(std::size_t bytes);

  async::Loop* home_;
  std::function<void(Event)> deliver_;
  std::size_t under_way_bytes_ = 0;
  std::size_t under_way_batches_ = 0;
  std::vector<Event> batch_;
  std::size_t batch_bytes_ = 0;
  bool flush_posted_ = false;
  async::WaitQueue space_;
};

}  // namespace herder::engine
