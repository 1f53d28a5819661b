// One libssh session on one loop: the socket, the waiting, what has been lost. Two ways to drive it:
//  - before authentication one coroutine calls step(), which waits for the socket itself;
//  - after start_pump() a pump of the link's own reads the socket, and many coroutines call(): they sleep until the pump made progress.
// libssh closes its descriptor by itself when something fails, and a closed descriptor must not be watched: so libssh has a duplicate.
//
// Never called from inside libssh's callbacks, except note_*. One loop; no thread but the loop's (ssh_agent_auth lends the session
// to a worker and waits for it meanwhile).
#pragma once

#include <climits>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/loop.hpp"
#include "async/sync.hpp"
#include "base/file.hpp"
#include "transport/ssh_native.hpp"

namespace herder::transport {

class SshProcess;

struct KeepAlive {
  Duration interval{};  // 0: never
  int count_max = 3;    // unanswered ones before the peer counts as dead
};

class SshLink {
 public:
  /// Takes a connected stream socket. `below` is what the socket depends on (a jump session, a proxy command): kept as long.
  SshLink(NativeSession session, UniqueFd socket, std::shared_ptr<void> below);
  SshLink(const SshLink&) = delete;
  SshLink& operator=(const SshLink&) = delete;
  ~SshLink();

  /// Gives libssh its descriptor. Errors: limit (too many open files).
  Result<> begin();

  [[nodiscard]] ssh_session_struct* session() const noexcept { return session_.get(); }
  [[nodiscard]] int socket() const noexcept { return socket_.get(); }
  [[nodiscard]] std::uint64_t bytes_in() const noexcept;

  /// Before start_pump(): waits until the socket has something for libssh to do.
  Async<Result<>> wait_socket(Deadline deadline);
  /// Before start_pump(): calls `function` until it answers something else than `again`. `function` may be called any number of times.
  Async<Result<int>> step(std::function<int()> function, int again, Deadline deadline);

  /// Holds a place among those that may be in key exchange; wait_socket() gives it back when the peer keeps silent for long.
  Async<Result<>> take_slot(async::Limiter& slots, Deadline deadline);
  void release_slot() { slot_.reset(); }
  [[nodiscard]] bool has_slot() const noexcept { return had_slot_; }

  /// Starts reading on its own. `self` keeps the link until stop().
  static void start_pump(const std::shared_ptr<SshLink>& self, KeepAlive keep_alive);
  /// After start_pump(): calls `function` until it answers something else than SSH_AGAIN, sleeping until there is progress.
  /// Errors: unreachable (lost), timeout, cancelled.
  Async<Result<int>> call(std::function<int()> function, Deadline deadline);
  /// Until the pump has handled something, or the link is lost.
  Async<Result<>> progress(Deadline deadline);

  /// The server will go on with Nagle's algorithm on this connection (it carries forwarded connections): keep acknowledging at once.
  void expect_small_messages() noexcept { quick_waits_ = INT_MAX; }

  /// To be called after every call into libssh that may have sent something or met a failure.
  void after_call();
  /// Output that the kernel has not taken yet.
  [[nodiscard]] bool output_pending() const;
  /// Lets the pump look anew at what it should wait for.
  void kick();

  [[nodiscard]] const std::optional<Error>& lost() const noexcept { return lost_; }
  [[nodiscard]] std::unexpected<Error> lost_error() const { return std::unexpected(*lost_); }

  void add(SshProcess* process) { processes_.push_back(process); }
  void remove(SshProcess* process) { std::erase(processes_, process); }
  [[nodiscard]] std::size_t process_count() const noexcept { return processes_.size(); }
  /// Keeps a channel whose opening nobody waits for any more until it can be closed properly.
  void abandon(ssh_channel_struct* opening);
  void note_closing() noexcept { closed_at_ = async::Loop::current().now(); }
  /// A channel was closed so recently that the server may still count it.
  [[nodiscard]] bool closed_recently() const;

  /// Says goodbye and closes at once; everybody who waits gets `why`. Idempotent.
  void stop(Error why);
  /// Until the pump is gone, which takes one turn of the loop after stop().
  Async<void> stopped(Deadline deadline);

 private:
  static Async<void> pump(std::shared_ptr<SshLink> self);
  Async<Result<>> wait_for_work();
  void turn();
  void lose(Error why);
  void check_alive();
  void keep_alive();
  void close_abandoned();
  void close_socket();
  [[nodiscard]] bool paused() const;
  [[nodiscard]] Deadline next_look() const;

  struct Native;  // libssh's event context and counters
  std::shared_ptr<void> below_;
  std::unique_ptr<Native> native_;
  NativeSession session_;
  UniqueFd socket_;  // shared with libssh's duplicate, watched
  std::unique_ptr<async::FdWatch> watch_;
  std::shared_ptr<async::CancelState> kick_ = std::make_shared<async::CancelState>();
  async::WaitQueue progress_;
  async::Event stopped_;
  std::optional<Error> lost_;
  std::optional<async::Permit> slot_;
  std::vector<SshProcess*> processes_;
  std::vector<ssh_channel_struct*> abandoned_;
  KeepAlive keep_alive_;
  TimePoint heard_at_{};
  std::optional<TimePoint> closed_at_;
  std::uint64_t heard_bytes_ = 0;
  int calls_waiting_ = 0;
  int quick_waits_ = 12;  // enough for the first command
  int probes_ = 0;  // keepalives since the peer was heard
  bool asked_before_ = false;  // a keepalive was sent on this link
  bool had_slot_ = false;
  bool non_blocking_ = false;
  bool pumping_ = false;
  bool closed_ = false;
};

}  // namespace herder::transport
