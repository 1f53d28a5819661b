#include "transport/keeper/server.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "async/scope.hpp"
#include "async/threads.hpp"
#include "base/log.hpp"
#include "transport/keeper/peer.hpp"

namespace herder::transport::keeper {
namespace {

constexpr int backlog = 128;

/// What belongs to one loop of the keeper; touched there only, but for the counters.
struct Shard {
  async::Loop* loop = nullptr;
  std::unique_ptr<Pool> pool;
  std::unique_ptr<async::Scope> scope;
  std::atomic<std::size_t> peers{0};
  std::atomic<std::size_t> connections{0};
};

bool same_user(int socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::getuid();
}

/// Binds beside the final name and renames, so that who finds the socket finds it listening.
Result<UniqueFd> listen_at(const std::string& path) {
  const std::string fresh = fmt::format("{}.{}", path, ::getpid());
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (fresh.size() >= sizeof address.sun_path) return fail(Errc::usage, "socket path too long: {}", fresh);
  std::memcpy(address.sun_path, fresh.c_str(), fresh.size() + 1);
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(os_error(errno, "make a socket"));
  const mode_t before = ::umask(0177);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(fd.get(), backlog) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0) {
    const int failure = errno;
    ::unlink(fresh.c_str());
    return std::unexpected(os_error(failure, fmt::format("listen at {}", path)));
  }
  return fd;
}

class Server {
 public:
  explicit Server(ServerSettings settings) : settings_(std::move(settings)), threads_(settings_.loops), shards_(settings_.loops) {}

  Async<Result<>> serve() {
    for (std::size_t i = 0; i < shards_.size(); ++i) co_await open(i);
    auto listener = listen_at(settings_.socket);
    if (!listener) {
      co_await close_all();
      co_return std::unexpected(listener.error());
    }
    struct stat mine{};
    ::stat(settings_.socket.c_str(), &mine);
    if (settings_.on_ready)
      settings_.on_ready([this, home = &async::Loop::current()] { home->post([this] { serving_.cancel("the keeper is stopped"); }); });
    co_await accept_until_idle(listener->get());
    // Not if another keeper has put its own there meanwhile.
    struct stat now{};
    if (::stat(settings_.socket.c_str(), &now) == 0 && now.st_ino == mine.st_ino) ::unlink(settings_.socket.c_str());
    co_await close_all();
    co_return Result<>{};
  }

 private:
  Async<void> open(std::size_t index) {
    Shard* shard = &shards_[index];
    shard->loop = &threads_[index];
    co_await async::run_on<bool>(shard->loop, [this, shard]() -> Async<bool> {
      shard->pool = std::make_unique<Pool>(settings_.make_connector(), settings_.idle);
      shard->scope = std::make_unique<async::Scope>();
      shard->scope->spawn(sweep(shard));
      co_return true;
    });
  }

  Async<void> close_all() {
    for (Shard& shard : shards_) {
      co_await async::run_on<bool>(shard.loop, [one = &shard]() -> Async<bool> {
        one->scope->cancel("the keeper ends");
        co_await one->scope->join();
        co_await one->pool->close();
        one->pool.reset();
        one->scope.reset();
        co_return true;
      });
    }
  }

  Async<void> sweep(Shard* shard) {
    const Duration gap = std::clamp<Duration>(settings_.idle / 4, std::chrono::milliseconds(50), std::chrono::seconds(5));
    while (co_await async::sleep_for(gap, shard->scope->deadline())) {
      co_await shard->pool->sweep();
      shard->connections = shard->pool->size();
    }
  }

  static Async<void> serve_peer(Shard* shard, UniqueFd socket, std::size_t loops, std::size_t index) {
    Peer peer(std::move(socket), *shard->pool, loops, index);
    co_await peer.serve(shard->scope->deadline());
    shard->connections = shard->pool->size();
    --shard->peers;
  }

  [[nodiscard]] bool busy() const {
    for (const Shard& shard : shards_)
      if (shard.peers > 0 || shard.connections > 0) return true;
    return false;
  }

  Async<void> accept_until_idle(int listener) {
    const auto watch = async::Loop::current().watch(listener);
    std::size_t turn = 0;
    TimePoint idle_since = async::Loop::current().now();
    for (;;) {
      const Deadline look_again = serving_.deadline().within(std::min<Duration>(settings_.idle, std::chrono::seconds(1)));
      const Result<> ready = co_await watch->ready(async::Interest::read, look_again);
      if (serving_.cancelled()) co_return;
      const TimePoint now = async::Loop::current().now();
      if (busy()) idle_since = now;
      if (!ready) {
        if (now - idle_since >= settings_.idle) co_return;
        continue;
      }
      UniqueFd socket(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!socket) {
        // Out of descriptors: those who wait in the backlog are served when some are free.
        if (errno == EMFILE || errno == ENFILE) (void)co_await async::sleep_for(std::chrono::milliseconds(100));
        continue;
      }
      if (!same_user(socket.get())) continue;
      idle_since = now;
      const std::size_t index = turn++ % shards_.size();
      Shard* shard = &shards_[index];
      ++shard->peers;
      shard->loop->post([shard, fd = socket.release(), loops = shards_.size(), index] {
        shard->scope->spawn(serve_peer(shard, UniqueFd(fd), loops, index));
      });
    }
  }

  ServerSettings settings_;
  async::Scope serving_;
  async::LoopThreads threads_;
  std::vector<Shard> shards_;
};

}  // namespace

Result<> run_keeper(ServerSettings settings) {
  const auto loop = async::make_loop();
  Server server(std::move(settings));
  return async::run_until_done(*loop, server.serve());
}

}  // namespace herder::transport::keeper
