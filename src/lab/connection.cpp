#include "lab/connection.hpp"

#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/log.hpp"
#include "lab/light_host.hpp"
#include "lab/slow_relay.hpp"

namespace herder::lab {
namespace {

constexpr Duration login_time = std::chrono::seconds(120);
constexpr Duration look_again = std::chrono::seconds(1);
constexpr Duration drain_time = std::chrono::seconds(2);
constexpr std::size_t most_channels = 1024;
constexpr int most_failures = 20;
constexpr int most_polls = 64;  // packets in a row before others have their turn

/// The next close of the last descriptor sends RST.
void make_reset(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

bool same_text(std::string_view a, std::string_view b) { return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string endpoint(int (*get)(int, sockaddr*, socklen_t*), int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  char text[INET_ADDRSTRLEN] = "";
  if (get(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 || address.sin_family != AF_INET) return "UNKNOWN 0";
  ::inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  return fmt::format("{} {}", text, ntohs(address.sin_port));
}

}  // namespace

struct ConnectionCallbacks {
  static Connection& self(void* data) { return *static_cast<Connection*>(data); }

  static int verdict(Connection& connection, bool good) {
    if (good && !connection.host_.faults().auth_fail) return SSH_AUTH_SUCCESS;
    if (++connection.failures_ > most_failures) connection.stop();
    return SSH_AUTH_DENIED;
  }
  static int password(ssh_session, const char* user, const char* word, void* data) {
    const LightSettings& settings = self(data).host_.settings();
    const bool good = settings.user == user && same_text(settings.password.reveal(), word);
    const int answer = verdict(self(data), good);
    if (answer == SSH_AUTH_SUCCESS) self(data).authenticated_ = true;
    return answer;
  }
  /// Called once without a signature (may this key be used?) and once with one, which libssh has checked.
  static int public_key(ssh_session, const char* user, ssh_key_struct* key, char signature, void* data) {
    const LightSettings& settings = self(data).host_.settings();
    const bool good = signature != SSH_PUBLICKEY_STATE_WRONG && settings.user == user && self(data).host_.keys().allows(key);
    const int answer = verdict(self(data), good);
    if (answer == SSH_AUTH_SUCCESS && signature == SSH_PUBLICKEY_STATE_VALID) self(data).authenticated_ = true;
    return answer;
  }
  static ssh_channel open_channel(ssh_session, void* data) { return self(data).open_channel(); }
  /// Whatever has no callback (forwarding, X11, unknown requests): libssh answers that we do not do that.
  static int other(ssh_session, ssh_message, void*) { return 1; }
};

Connection::Connection(LightHost& host, UniqueFd socket)
    : host_(host), socket_(std::move(socket)), cut_after_(host.faults().cut_after), garbage_(host.faults().garbage) {
  peer_ = fmt::format("SSH_CONNECTION={} {}", endpoint(::getpeername, socket_.get()), endpoint(::getsockname, socket_.get()));
}

Connection::~Connection() { HERDER_ASSERT(session_ == nullptr); }

bool Connection::open_session() {
  session_ = ssh_new();
  const int copy = ::fcntl(socket_.get(), F_DUPFD_CLOEXEC, 0);  // libssh closes its descriptor when it likes; ours stays watched
  if (session_ == nullptr || copy < 0) {
    if (copy >= 0) ::close(copy);
    return false;
  }
  ssh_set_blocking(session_, 0);
  if (ssh_bind_accept_fd(host_.bind(host_.faults().bad_host_key), session_, copy) != SSH_OK) {
    log::error("lab.accept", {{"host", host_.plan().name}, {"why", ssh_get_error(session_)}});
    return false;
  }
  callbacks_.userdata = this;
  callbacks_.auth_password_function = ConnectionCallbacks::password;
  callbacks_.auth_pubkey_function = ConnectionCallbacks::public_key;
  callbacks_.channel_open_request_session_function = ConnectionCallbacks::open_channel;
  ssh_callbacks_init(&callbacks_);
  ssh_set_server_callbacks(session_, &callbacks_);
  ssh_set_message_callback(session_, ConnectionCallbacks::other, this);
  ssh_set_auth_methods(session_, SSH_AUTH_METHOD_PUBLICKEY | SSH_AUTH_METHOD_PASSWORD);
  if (ssh_handle_key_exchange(session_) == SSH_ERROR) return false;  // sends the banner; the rest happens in pump()
  event_ = ssh_event_new();  // after that: the session has nothing to add to it before
  return event_ != nullptr && ssh_event_add_session(event_, session_) == SSH_OK;
}

ssh_channel Connection::open_channel() {
  if (channels_.size() >= most_channels) return nullptr;
  ssh_channel channel = ssh_channel_new(session_);
  if (channel == nullptr) return nullptr;
  channels_.push_back(std::make_unique<ServerChannel>(*this, channel));
  scope_.spawn(run_channel(this, channels_.back().get()));
  return channel;
}

Async<void> Connection::run_channel(Connection* connection, ServerChannel* channel) {
  co_await channel->run();
  std::erase_if(connection->channels_, [channel](const auto& one) { return one.get() == channel; });
}

bool Connection::congested() const {
  return session_ == nullptr || (static_cast<unsigned>(ssh_get_status(session_)) & SSH_WRITE_PENDING) != 0;
}

void Connection::stop() {
  stopping_ = true;
  kick_.kick();
}

void Connection::faults_changed() {
  const Faults& faults = host_.faults();
  cut_after_ = faults.cut_after;
  garbage_ = faults.garbage;
  if (faults.entry == Entry::refuse) {
    reset_ = true;
    stop();
  }
  kick_.kick();
}

std::size_t Connection::output_allowed(std::size_t wanted) const {
  if (garbage_ || cut_now_) return 0;
  return cut_after_ ? std::min(wanted, static_cast<std::size_t>(*cut_after_)) : wanted;
}

void Connection::output_sent(std::size_t bytes) {
  if (garbage_) {
    garbage_now_ = true;
    kick_.kick();
    return;
  }
  if (!cut_after_) return;
  *cut_after_ -= static_cast<std::int64_t>(bytes);
  if (*cut_after_ > 0) return;
  cut_now_ = true;
  kick_.kick();
}

/// Lets libssh read and write what it can without waiting. False when the connection is over.
bool Connection::pump() {
  for (int poll = 0; poll < most_polls; ++poll) {
    const int rc = ssh_event_dopoll(event_, 0);
    if (rc == SSH_ERROR || ssh_is_connected(session_) == 0) return false;
    if (rc == SSH_AGAIN) break;
  }
  if (!congested())
    for (const auto& channel : channels_) channel->unblock();
  return true;
}

void Connection::watch_socket() { watch_ = async::Loop::current().watch(socket_.get()); }

Async<void> Connection::serve() {
  const TimePoint login_end = async::Loop::current().now() + login_time;
  while (!stopping_) {
    kick_.clear();
    if (host_.faults().slow > Duration::zero() && !relay_) begin_relay();
    if (host_.faults().entry == Entry::hang) {
      co_await fall_silent();
      continue;
    }
    if (!pump()) co_return;
    if (garbage_now_ && !congested()) send_garbage();
    if (cut_now_ && !congested()) {
      co_await cut();
      co_return;
    }
    const auto interest = congested() ? async::Interest::both : async::Interest::read;
    const TimePoint until = authenticated_ ? TimePoint::never() : login_end;
    const auto woken = co_await watch_->ready(interest, kick_.deadline(until));
    if (!woken && woken.error().code == Errc::timeout && !authenticated_) co_return;
  }
}

/// Neither reads nor writes until the host is mended.
Async<void> Connection::fall_silent() {
  while (!stopping_ && host_.faults().entry == Entry::hang) {
    co_await kick_.park(async::Loop::current().now() + look_again);
    pollfd gone{.fd = socket_.get(), .events = POLLRDHUP, .revents = 0};
    if (::poll(&gone, 1, 0) == 1) stopping_ = true;  // the client has closed, though its last words stay unread
  }
}

/// Puts a relay between the client and libssh, also in the middle of a session: libssh's descriptor number then is one end of a
/// socket pair, and the client's socket belongs to the relay.
void Connection::begin_relay() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return;
  UniqueFd near(ends[0]);
  watch_.reset();
  if (session_ != nullptr) ::dup3(near.get(), ssh_get_fd(session_), O_CLOEXEC);
  relay_ = std::make_unique<SlowRelay>(host_, std::move(socket_), UniqueFd(ends[1]));
  relay_->start(scope_);
  socket_ = std::move(near);
  watch_socket();
}

void Connection::send_garbage() {
  std::array<unsigned char, 4096> noise{};
  RAND_bytes(noise.data(), noise.size());
  (void)::send(socket_.get(), noise.data(), noise.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  garbage_ = garbage_now_ = false;  // from here on nothing that we send can be read any more
  for (const auto& channel : channels_) channel->unblock();
}

/// Resets the connection once the client has everything that came before.
Async<void> Connection::cut() {
  const TimePoint until = async::Loop::current().now() + drain_time + 2 * host_.faults().slow;
  for (;;) {
    int queued = 0;
    ::ioctl(relay_ ? relay_->client() : socket_.get(), SIOCOUTQ, &queued);
    if ((queued == 0 && (!relay_ || relay_->idle())) || async::Loop::current().now() >= until) break;
    (void)co_await async::sleep_for(std::chrono::milliseconds(1));
  }
  reset_ = true;
}

/// Lets what is on its way to the client arrive before the end of the stream.
Async<void> Connection::drain_relay() {
  const TimePoint until = async::Loop::current().now() + drain_time + host_.faults().slow;
  while (!relay_->delivered() && !stopping_ && async::Loop::current().now() < until)
    (void)co_await async::sleep_for(std::chrono::milliseconds(1));
}

void Connection::close_session() {
  for (const auto& channel : channels_) channel->detach();
  if (session_ == nullptr) return;
  if (event_ != nullptr) {
    ssh_event_remove_session(event_, session_);
    ssh_event_free(event_);
    event_ = nullptr;
  }
  ssh_free(session_);
  session_ = nullptr;
}

Async<void> Connection::run() {
  watch_socket();
  if (host_.faults().slow > Duration::zero()) begin_relay();
  if (open_session()) co_await serve();
  if (reset_) make_reset(relay_ ? relay_->client() : socket_.get());
  close_session();
  watch_.reset();
  socket_.reset();
  if (relay_ && !reset_) co_await drain_relay();
  scope_.cancel("the connection is closed");
  co_await scope_.join();
  relay_.reset();
}

}  // namespace herder::lab
