#include "lab/slow_relay.hpp"

namespace herder::lab {
namespace {

constexpr std::size_t piece_bytes = std::size_t{32} << 10U;

}  // namespace

SlowRelay::SlowRelay(LightHost& host, UniqueFd client, UniqueFd server)
    : host_(host), client_fd_(client.get()), client_(async::fd_stream(std::move(client))), server_(async::fd_stream(std::move(server))) {}

void SlowRelay::start(async::Scope& scope) {
  scope.spawn(take(this, client_.get(), &up_, scope.deadline()));
  scope.spawn(give(this, server_.get(), &up_, scope.deadline()));
  scope.spawn(take(this, server_.get(), &down_, scope.deadline()));
  scope.spawn(give(this, client_.get(), &down_, scope.deadline()));
}

Async<void> SlowRelay::take(SlowRelay* relay, async::Stream* from, async::Channel<Piece>* queue, Deadline deadline) {
  for (;;) {
    auto bytes = co_await from->read(piece_bytes, deadline);
    if (!bytes && deadline.cancelled()) co_return;  // no orderly end for the other side
    if (!bytes || bytes->empty()) break;
    ++relay->waiting_;
    const TimePoint due = async::Loop::current().now() + relay->host_.faults().slow;
    if (!co_await queue->push(Piece{.due = due, .bytes = *std::move(bytes)}, deadline)) break;
  }
  queue->close();
}

Async<void> SlowRelay::give(SlowRelay* relay, async::Stream* to, async::Channel<Piece>* queue, Deadline deadline) {
  for (;;) {
    auto piece = co_await queue->pop(deadline);
    if (!piece) co_return;
    if (!*piece) break;
    const Duration left = (*piece)->due - async::Loop::current().now();
    if (left > Duration::zero() && !co_await async::sleep_for(left, deadline)) co_return;
    if (!co_await to->write((*piece)->bytes, deadline)) break;
    --relay->waiting_;
  }
  (void)co_await to->shut_write(deadline);
  if (to == relay->client_.get()) relay->delivered_ = true;
}

}  // namespace herder::lab
