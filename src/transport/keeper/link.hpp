// One end of the socket between herder and its keeper: writes frames in order without blocking who sends, reads frames one by one.
#pragma once

#include <memory>
#include <string>

#include "async/stream.hpp"
#include "async/sync.hpp"
#include "transport/keeper/protocol.hpp"
#include "wire/frame.hpp"

namespace herder::transport::keeper {

/// Lives on one loop. run_writer() must run (in a scope) while it is used.
class Link {
 public:
  explicit Link(UniqueFd socket) : stream_(async::fd_stream(std::move(socket))) {}

  /// Queues a frame. Does not wait.
  void send(Message type, std::uint64_t id, std::string_view payload = {});
  /// Waits until what is queued is below a limit: who sends much awaits this before it sends more.
  Async<Result<>> room(Deadline deadline);
  /// The next frame, valid until the next call; nothing at the end of the stream.
  Async<Result<std::optional<wire::Frame>>> receive(Deadline deadline);
  /// Writes until the stream fails, it is closed, or the deadline's token is cancelled. Wipes what it wrote (secrets pass here).
  Async<void> run_writer(Deadline deadline);
  /// Lets the writer write what is queued and end.
  void close();

 private:
  std::unique_ptr<async::Stream> stream_;
  std::string queued_;
  bool broken_ = false;
  bool closing_ = false;
  async::WaitQueue work_;
  async::WaitQueue room_;
  wire::FrameReader reader_;
};

}  // namespace herder::transport::keeper
