#include "engine/event_pipe.hpp"

#include <memory>

namespace herder::engine {
namespace {

std::size_t bytes_of(const Event& event) {
  const auto* output = std::get_if<Output>(&event);
  return output == nullptr ? 0 : output->bytes.size();
}

}  // namespace

Async<Result<>> EventPipe::send(Event event, Deadline deadline) {
  while (under_way_bytes_ > most_bytes) HERDER_CO_TRY_VOID(co_await space_.wait(deadline));
  const std::size_t bytes = bytes_of(event);
  under_way_bytes_ += bytes;
  batch_bytes_ += bytes;
  batch_.push_back(std::move(event));
  if (!flush_posted_) {
    flush_posted_ = true;
    ++under_way_batches_;  // keeps drained() waiting for the posted call
    async::Loop::current().post([this] {
      flush_posted_ = false;
      flush();
      --under_way_batches_;
      space_.wake_all();
    });
  }
  co_return Result<>{};
}

void EventPipe::send_now(Event event) {
  const std::size_t bytes = bytes_of(event);
  under_way_bytes_ += bytes;
  batch_bytes_ += bytes;
  batch_.push_back(std::move(event));
  flush();
}

void EventPipe::flush() {
  if (batch_.empty()) return;
  ++under_way_batches_;
  async::Loop* serving = &async::Loop::current();
  // std::function wants something copyable, hence the shared vector.
  auto events = std::make_shared<std::vector<Event>>(std::move(batch_));
  batch_.clear();
  home_->post([this, serving, events, bytes = std::exchange(batch_bytes_, 0)] {
    for (Event& event : *events) deliver_(std::move(event));
    serving->post([this, bytes] { acknowledge(bytes); });
  });
}

void EventPipe::acknowledge(std::size_t bytes) {
  under_way_bytes_ -= bytes;
  --under_way_batches_;
  space_.wake_all();
}

Async<void> EventPipe::drained() {
  flush();
  while (under_way_batches_ > 0) (void)co_await space_.wait({});
}

}  // namespace herder::engine
