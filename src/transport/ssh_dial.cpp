#include "transport/ssh_dial.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "async/scope.hpp"
#include "async/stream.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "transport/local_process.hpp"

namespace herder::transport {
namespace {

constexpr std::size_t piece = std::size_t{32} << 10U;

/// Copies between a process and a stream until one of them ends.
class Bridge {
 public:
  Bridge(std::unique_ptr<Process> process, std::unique_ptr<async::Stream> stream, std::shared_ptr<void> kept)
      : kept_(std::move(kept)), process_(std::move(process)), stream_(std::move(stream)) {}

  static Async<void> run(std::shared_ptr<Bridge> self) {
    async::Scope scope(Deadline::never().with_token(self->stop_));
    scope.spawn(up(*self, scope));
    scope.spawn(down(*self, scope));
    co_await scope.join();
    self->process_.reset();
    self->stream_.reset();
  }
  void stop() { async::cancel(*stop_, "the session was closed"); }
  [[nodiscard]] std::shared_ptr<const std::string> complaint() const { return complaint_; }

 private:
  static Async<void> up(Bridge& self, async::Scope& scope) {
    for (;;) {
      const auto bytes = co_await self.stream_->read(piece, scope.deadline());
      if (!bytes || bytes->empty() || !co_await self.process_->write(*bytes, scope.deadline())) break;
    }
    scope.cancel("one side has ended");
  }
  static Async<void> down(Bridge& self, async::Scope& scope) {
    for (;;) {
      const auto chunk = co_await self.process_->read(scope.deadline());
      if (!chunk || chunk->end) break;
      if (chunk->source == Source::err) {
        self.note_complaint(chunk->bytes);
      } else if (!co_await self.stream_->write(chunk->bytes, scope.deadline())) {
        break;
      }
    }
    scope.cancel("one side has ended");
  }

  void note_complaint(std::string_view bytes) {
    constexpr std::size_t longest = 200;
    for (const std::string_view line : text::lines(bytes))
      if (!text::trim(line).empty()) *complaint_ = text::printable(text::cut(text::trim(line), longest));
    log::debug("ssh.proxy", {{"says", *complaint_}});
  }

  std::shared_ptr<void> kept_;
  std::shared_ptr<std::string> complaint_ = std::make_shared<std::string>();
  std::shared_ptr<async::CancelState> stop_ = std::make_shared<async::CancelState>();
  std::unique_ptr<Process> process_;
  std::unique_ptr<async::Stream> stream_;
};

/// Ends a bridge when it goes.
struct BridgeUse {
  std::shared_ptr<Bridge> bridge;
  explicit BridgeUse(std::shared_ptr<Bridge> used) : bridge(std::move(used)) {}
  BridgeUse(const BridgeUse&) = delete;
  BridgeUse& operator=(const BridgeUse&) = delete;
  ~BridgeUse() { bridge->stop(); }
};

}  // namespace

Result<Dialed> dial_process(std::unique_ptr<Process> process, std::shared_ptr<void> kept) {
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
    return std::unexpected(os_error(errno, "make a socket pair"));
  UniqueFd ours(pair[0]);
  auto bridge = std::make_shared<Bridge>(std::move(process), async::fd_stream(UniqueFd(pair[1])), std::move(kept));
  async::Loop::start(Bridge::run(bridge));
  auto complaint = bridge->complaint();
  return Dialed{
      .socket = std::move(ours), .below = std::make_shared<BridgeUse>(std::move(bridge)), .complaint = std::move(complaint)};
}

Result<Dialed> dial_command(std::string command) {
  HERDER_TRY(auto process, LocalProcess::spawn({.argv = {"/bin/sh", "-c", "exec " + command}}), "proxy command");
  return dial_process(std::move(process), nullptr);
}

Async<Result<Dialed>> dial_tcp(std::string host, int port, AddressFamily family, ConnectProgress& progress, Deadline deadline) {
  progress.phase = "resolving its name";
  HERDER_CO_TRY(std::vector<std::string> addresses, co_await async::resolve(host, deadline));
  const auto is_other = [family](const std::string& address) { return address.contains(':') == (family == AddressFamily::inet); };
  if (family != AddressFamily::any) std::erase_if(addresses, is_other);
  progress.phase = "connecting";
  Error last = error(Errc::unreachable, "host name '{}' has no {}address", host,
                     family == AddressFamily::any ? "" : family == AddressFamily::inet ? "IPv4 " : "IPv6 ");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto remaining = static_cast<std::int64_t>(addresses.size() - i);
    const Deadline share = remaining == 1 || deadline.is_never() ? deadline : deadline.within(deadline.left() / remaining);
    Result<UniqueFd> connected = co_await async::connect_tcp(addresses[i], port, share);
    if (connected) co_return Dialed{.socket = *std::move(connected)};
    HERDER_CO_TRY_VOID(deadline.check());
    last = std::move(connected).error();
    progress.refused = last.what.contains("refused");
  }
  co_return std::unexpected(std::move(last));
}

}  // namespace herder::transport
