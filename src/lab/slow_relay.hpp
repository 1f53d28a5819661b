// Stands between a client's socket and libssh and holds every byte back for a while, in each direction.
#pragma once

#include <memory>

#include "async/scope.hpp"
#include "async/stream.hpp"
#include "async/sync.hpp"
#include "lab/light_host.hpp"

namespace herder::lab {

/// Up to 64 pieces of 32 KiB wait in each direction; then the sender is held back. Delays are read from the host's faults piece by
/// piece, so that a mended host is fast again. Lives as long as the scope that it was started in.
class SlowRelay {
 public:
  SlowRelay(LightHost& host, UniqueFd client, UniqueFd server);
  SlowRelay(const SlowRelay&) = delete;
  SlowRelay& operator=(const SlowRelay&) = delete;

  /// Starts both directions as children of `scope`, which must be cancelled and joined before this goes.
  void start(async::Scope& scope);
  /// Nothing waits in either direction.
  [[nodiscard]] bool idle() const noexcept { return waiting_ == 0; }
  /// The server's side has ended and everything that it sent was passed on.
  [[nodiscard]] bool delivered() const noexcept { return delivered_; }
  /// The client's socket.
  [[nodiscard]] int client() const noexcept { return client_fd_; }

 private:
  struct Piece {
    TimePoint due;
    std::string bytes;
  };
  static Async<void> take(SlowRelay* relay, async::Stream* from, async::Channel<Piece>* queue, Deadline deadline);
  static Async<void> give(SlowRelay* relay, async::Stream* to, async::Channel<Piece>* queue, Deadline deadline);

  LightHost& host_;
  int client_fd_;
  std::unique_ptr<async::Stream> client_;
  std::unique_ptr<async::Stream> server_;
  async::Channel<Piece> up_{64};
  async::Channel<Piece> down_{64};
  std::size_t waiting_ = 0;
  bool delivered_ = false;
};

}  // namespace herder::lab
