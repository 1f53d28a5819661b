#include "lab/light_host.hpp"

#include <arpa/inet.h>
#include <libssh/libssh.h>
#include <libssh/server.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/log.hpp"
#include "lab/connection.hpp"
#include "lab/key.hpp"
#include "lab/odd_entry.hpp"

namespace herder::lab {
namespace {

constexpr int backlog = 256;
constexpr Duration pause_when_full = std::chrono::milliseconds(50);  // no descriptors left: clients wait in the backlog
constexpr int accepts_a_turn = 16;

Result<UniqueFd> listen_at(const std::string& address, int port) {
  UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return std::unexpected(os_error(errno, "make a socket"));
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted sockets inherit it
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 || ::listen(fd.get(), backlog) != 0) {
    const int number = errno;
    Error failure = os_error(number, fmt::format("listen at {} port {}", address, port));
    if (number == EADDRINUSE) {
      failure.code = Errc::conflict;
      failure.help = "another lab may use this port: choose another one with --port";
    }
    return std::unexpected(std::move(failure));
  }
  return fd;
}

ssh_bind make_bind(const Secret& seed) {
  ssh_bind bind = ssh_bind_new();
  HERDER_ASSERT(bind != nullptr);
  bool no = false;
  ssh_bind_options_set(bind, SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);  // nothing of this machine's libssh configuration
  ssh_bind_options_set(bind, SSH_BIND_OPTIONS_BANNER, "herder-lab");
  ssh_key key = nullptr;
  std::string text(private_key_text(seed, "herder lab").reveal());
  const int rc = ssh_pki_import_privkey_base64(text.c_str(), nullptr, nullptr, nullptr, &key);
  wipe(text);
  HERDER_ASSERT(rc == SSH_OK);
  ssh_bind_options_set(bind, SSH_BIND_OPTIONS_IMPORT_KEY, key);  // the bind owns it now
  return bind;
}

}  // namespace

LightHost::LightHost(const LightSettings& settings, AuthorizedKeys& keys, HostPlan plan)
    : settings_(settings), keys_(keys), plan_(std::move(plan)) {}

LightHost::~LightHost() { HERDER_ASSERT(open_.empty() && odd_ == 0); }

void LightHost::FreeBind::operator()(ssh_bind_struct* bind) const { ssh_bind_free(bind); }

ssh_bind_struct* LightHost::bind(bool bad_key) {
  auto& bind = bad_key ? bad_ : good_;
  if (!bind) bind.reset(make_bind(derive_seed(settings_.host_seed, fmt::format("{}host/{}", bad_key ? "bad-" : "", plan_.index))));
  return bind.get();
}

Result<> LightHost::listen() {
  HERDER_TRY(next_, listen_at(plan_.address, settings_.port));
  listening_ = next_.get();
  kick_.kick();
  return {};
}

Result<> LightHost::set_faults(const Faults& faults) {
  faults_ = faults;
  ++round_;
  if (faults.entry == Entry::refuse && listening_ >= 0) {
    ::shutdown(listening_, SHUT_RDWR);  // closes the port at once; the descriptor follows
    listening_ = -1;
    next_.reset();
    kick_.kick();
  } else if (faults.entry != Entry::refuse && listening_ < 0) {
    HERDER_TRY_VOID(listen());
  }
  for (Connection* connection : open_) connection->faults_changed();
  odd_kick_.kick();
  return {};
}

void LightHost::drop_connections() {
  for (Connection* connection : open_) connection->stop();
  ++round_;
  odd_kick_.kick();
}

void LightHost::stop() {
  stopping_ = true;
  kick_.kick();
  drop_connections();
}

Async<void> LightHost::serve() {
  while (!stopping_) {
    kick_.clear();
    if (next_) co_await accept_from(std::move(next_));
    else co_await kick_.park();
  }
  next_.reset();
  listening_ = -1;
  drop_connections();
  co_await scope_.join();
}

/// Until another listening socket, or none, takes the place of this one.
Async<void> LightHost::accept_from(UniqueFd listener) {
  const auto watch = async::Loop::current().watch(listener.get());
  while (!stopping_ && listening_ == listener.get()) {
    kick_.clear();
    for (int i = 0; i < accepts_a_turn && listening_ == listener.get(); ++i) {
      UniqueFd client(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (client) {
        scope_.spawn(serve_client(this, std::move(client)));
        continue;
      }
      if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS) {
        log::warn("lab.full", {{"host", plan_.name}, {"errno", errno}});
        co_await kick_.park(async::Loop::current().now() + pause_when_full);
      }
      break;
    }
    (void)co_await watch->ready(async::Interest::read, kick_.deadline());
  }
  if (listening_ == listener.get()) listening_ = -1;
}

Async<void> LightHost::serve_client(LightHost* host, UniqueFd socket) {
  const Entry entry = host->faults_.entry;
  if (entry == Entry::hang || entry == Entry::hang_kex || entry == Entry::flood) {
    ++host->odd_;
    co_await serve_oddly(std::move(socket), entry, &host->odd_kick_, [host, round = host->round_] { return host->round_ != round; });
    --host->odd_;
    co_return;
  }
  Connection connection(*host, std::move(socket));
  host->open_.push_back(&connection);
  co_await connection.run();
  std::erase(host->open_, &connection);
}

}  // namespace herder::lab
