#include "async/stream.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "async/loop.hpp"
#include "async/threads.hpp"

namespace herder::async {
namespace {

void make_non_blocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

class FdStream final : public Stream {
 public:
  FdStream(UniqueFd in, UniqueFd out) : in_(std::move(in)), out_(std::move(out)) {
    make_non_blocking(in_.get());
    in_watch_ = Loop::current().watch(in_.get());
    if (out_) {
      make_non_blocking(out_.get());
      out_watch_ = Loop::current().watch(out_.get());
    } else if (const int copy = fcntl(in_.get(), F_DUPFD_CLOEXEC, 0); copy >= 0) {
      // A socket is watched twice, once for each direction, so that reading and writing can wait at the same time.
      out_.reset(copy);
      out_watch_ = Loop::current().watch(copy);
    }
  }

  Async<Result<std::string>> read(std::size_t most, Deadline deadline) override {
    std::string bytes(most, '\0');
    for (;;) {
      const ssize_t got = ::read(in_.get(), bytes.data(), bytes.size());
      if (got >= 0) {
        bytes.resize(static_cast<std::size_t>(got));
        co_return bytes;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) co_return std::unexpected(os_error(errno, "read"));
      HERDER_CO_TRY_VOID(co_await in_watch_->ready(Interest::read, deadline));
    }
  }

  Async<Result<>> write(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      const ssize_t put = ::write(out_.get(), bytes.data(), bytes.size());
      if (put >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(put));
        continue;
      }
      if (errno == EINTR) continue;
      if (errno != EAGAIN) co_return std::unexpected(os_error(errno, "write"));
      HERDER_CO_TRY_VOID(co_await out_watch_->ready(Interest::write, deadline));
    }
    co_return Result<>{};
  }

  Async<Result<>> shut_write(Deadline) override {
    if (out_ && ::shutdown(out_.get(), SHUT_WR) != 0) {
      out_watch_.reset();
      out_.reset();
    }
    co_return Result<>{};
  }

 private:
  UniqueFd in_;
  UniqueFd out_;
  std::unique_ptr<FdWatch> in_watch_;
  std::unique_ptr<FdWatch> out_watch_;
};

Async<Result<UniqueFd>> connect_to(const sockaddr* address, socklen_t size, std::string label, Deadline deadline) {
  UniqueFd fd(::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) co_return std::unexpected(os_error(errno, "make a socket"));
  if (address->sa_family != AF_UNIX) {
    const int on = 1;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  if (::connect(fd.get(), address, size) == 0) co_return fd;
  if (errno != EINPROGRESS) co_return std::unexpected(os_error(errno, fmt::format("connect to {}", label)));
  {
    const std::unique_ptr<FdWatch> watch = Loop::current().watch(fd.get());
    HERDER_CO_TRY_VOID(co_await watch->ready(Interest::write, deadline), "connecting to {}", label);
  }
  int failure = 0;
  socklen_t length = sizeof failure;
  getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &failure, &length);
  if (failure != 0) co_return std::unexpected(os_error(failure, fmt::format("connect to {}", label)));
  co_return fd;
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

bool parse_numeric(const std::string& text, int port, Address& out) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(text.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) return false;
  std::memcpy(&out.storage, found->ai_addr, found->ai_addrlen);
  out.size = found->ai_addrlen;
  freeaddrinfo(found);
  return true;
}

Result<std::vector<std::string>> resolve_now(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(host.c_str(), nullptr, &hints, &found); code != 0)
    return std::unexpected(error(Errc::unreachable, "cannot resolve host name '{}': {}", host, gai_strerror(code))
                               .hint("check the name, or set ansible_host (inventory) or HostName (ssh_config) to an address"));
  std::vector<std::string> out;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) out.emplace_back(text);
  }
  freeaddrinfo(found);
  return out;
}

}  // namespace

std::unique_ptr<Stream> fd_stream(UniqueFd both) { return std::make_unique<FdStream>(std::move(both), UniqueFd()); }
std::unique_ptr<Stream> fd_stream(UniqueFd read_end, UniqueFd write_end) {
  return std::make_unique<FdStream>(std::move(read_end), std::move(write_end));
}

Async<Result<UniqueFd>> connect_tcp(std::string address, int port, Deadline deadline) {
  Address to;
  if (!parse_numeric(address, port, to)) co_return fail(Errc::usage, "'{}' is not a numeric address", address);
  co_return co_await connect_to(reinterpret_cast<const sockaddr*>(&to.storage), to.size, fmt::format("{}:{}", address, port),
                                std::move(deadline));
}

Async<Result<UniqueFd>> connect_unix(std::string path, Deadline deadline) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (path.size() >= sizeof to.sun_path) co_return fail(Errc::usage, "socket path too long: {}", path);
  std::memcpy(to.sun_path, path.c_str(), path.size() + 1);
  co_return co_await connect_to(reinterpret_cast<const sockaddr*>(&to), sizeof to, path, std::move(deadline));
}

Async<Result<std::vector<std::string>>> resolve(std::string host, Deadline deadline) {
  HERDER_CO_TRY_VOID(deadline.check());
  Address numeric;
  if (parse_numeric(host, 0, numeric)) co_return std::vector{host};
  // The worker cannot be interrupted: a shared cell outlives this coroutine when the deadline passes first.
  struct Cell {
    Result<std::vector<std::string>> result;
    Waiter* waiter;
  };
  Waiter waiter(deadline);
  const auto cell = std::make_shared<Cell>(Cell{.result = {}, .waiter = &waiter});
  Loop* home = &Loop::current();
  workers().submit([cell, host, home] {
    auto found = resolve_now(host);
    home->post([cell, found = std::move(found)]() mutable {
      cell->result = std::move(found);
      if (cell->waiter != nullptr) cell->waiter->notify();
    });
  });
  const Result<> ended = co_await waiter;
  cell->waiter = nullptr;
  if (!ended) co_return std::unexpected(with_via(ended.error(), "resolving {}", host));
  co_return std::move(cell->result);
}

}  // namespace herder::async
