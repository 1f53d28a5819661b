// Bytes in order, both ways: sockets, pipes, SSH channels, in-memory pairs for tests.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/async.hpp"
#include "async/deadline.hpp"
#include "base/file.hpp"

namespace herder::async {

/// One loop, one reader and one writer at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  /// At least one byte and at most `most`; an empty string at the end of the stream.
  virtual Async<Result<std::string>> read(std::size_t most, Deadline deadline) = 0;
  /// All of `bytes`; waits while the other side does not take them. `bytes` must live until it is done.
  virtual Async<Result<>> write(std::string_view bytes, Deadline deadline) = 0;
  /// No more writes: the other side reads the end.
  virtual Async<Result<>> shut_write(Deadline deadline) = 0;
};

/// A connected socket or one end of a pipe; made non-blocking, owned, closed at the end. For a pair of pipes give both ends.
std::unique_ptr<Stream> fd_stream(UniqueFd read_and_write);
std::unique_ptr<Stream> fd_stream(UniqueFd read_end, UniqueFd write_end);

/// Non-blocking connect to a numeric address ("127.1.0.4", "::1") and port with TCP_NODELAY on.
/// Errors: unreachable (refused, no route), timeout, cancelled, usage (not a numeric address).
Async<Result<UniqueFd>> connect_tcp(std::string address, int port, Deadline deadline);
Async<Result<UniqueFd>> connect_unix(std::string path, Deadline deadline);

/// Numeric addresses of a host name, in the resolver's order, on a worker thread. A numeric address resolves to itself at once.
Async<Result<std::vector<std::string>>> resolve(std::string host, Deadline deadline);

}  // namespace herder::async
