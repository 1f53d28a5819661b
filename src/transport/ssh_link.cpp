#include "transport/ssh_link.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libssh/libssh.h>
#include <libssh/server.h>  // ssh_send_keepalive

#include <algorithm>
#include <cerrno>

#include "transport/ssh_process.hpp"

namespace herder::transport {
namespace {

constexpr std::uint64_t read_size = 4096;  // libssh reads that much at a time: a shorter read means that the socket is empty
constexpr int reads_in_a_turn = 64;        // 256 KiB, then other sessions get their turn
constexpr Duration stall = std::chrono::milliseconds(500);  // a busy server answers within that; a hanging one must not hold up others
constexpr int most_fd = 0xffff;            // libssh 0.10 keeps 16 bits of the descriptor

/// Acknowledges at once what the server sends. sshd leaves Nagle's algorithm on until a command starts, and writes small messages
/// that nobody answers: its extension list after the key exchange, its host keys after the authentication. Its next message then
/// waits for our ACK, which the kernel would hold back for 40 ms.
void acknowledge_quickly(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

}  // namespace

struct SshLink::Native {
  ssh_counter_struct counter{};
  ssh_event event = nullptr;
};

SshLink::SshLink(NativeSession session, UniqueFd socket, std::shared_ptr<void> below)
    : below_(std::move(below)), native_(std::make_unique<Native>()), session_(std::move(session)), socket_(std::move(socket)) {}

SshLink::~SshLink() {
  HERDER_ASSERT(processes_.empty());
  stop(error(Errc::cancelled, "the session was closed"));
}

Result<> SshLink::begin() {
  UniqueFd copy(fcntl(socket_.get(), F_DUPFD_CLOEXEC, 3));
  if (!copy) return std::unexpected(os_error(errno, "connect"));
  if (copy.get() > most_fd) return fail(Errc::limit, "too many open files for libssh ({})", copy.get());
  fcntl(socket_.get(), F_SETFL, O_RDWR | O_NONBLOCK);
  watch_ = async::Loop::current().watch(socket_.get());
  ssh_set_counters(session(), &native_->counter, nullptr);
  const socket_t raw = copy.release();
  ssh_options_set(session(), SSH_OPTIONS_FD, &raw);
  return {};
}

std::uint64_t SshLink::bytes_in() const noexcept { return native_->counter.in_bytes; }

bool SshLink::output_pending() const { return !closed_ && (ssh_get_status(session()) & SSH_WRITE_PENDING) != 0; }

Async<Result<>> SshLink::wait_socket(Deadline deadline) {
  if (!non_blocking_) {
    // libssh has just taken the descriptor over and made it blocking; a send into a full socket would stop the loop.
    fcntl(socket_.get(), F_SETFL, O_RDWR | O_NONBLOCK);
    non_blocking_ = true;
  }
  acknowledge_quickly(socket_.get());
  const async::Interest interest = output_pending() ? async::Interest::both : async::Interest::read;
  if (slot_) {
    const Result<> soon = co_await watch_->ready(interest, deadline.within(stall));
    if (soon || !deadline.check()) co_return soon;
    slot_.reset();
  }
  co_return co_await watch_->ready(interest, std::move(deadline));
}

Async<Result<>> SshLink::take_slot(async::Limiter& slots, Deadline deadline) {
  had_slot_ = true;
  HERDER_CO_TRY_VOID(co_await slots.acquire(std::move(deadline)));
  slot_.emplace(slots);
  co_return Result<>{};
}

Async<Result<int>> SshLink::step(std::function<int()> function, int again, Deadline deadline) {
  for (;;) {
    const int rc = function();
    if (rc != again) co_return rc;
    HERDER_CO_TRY_VOID(co_await wait_socket(deadline));
  }
}

void SshLink::start_pump(const std::shared_ptr<SshLink>& self, KeepAlive keep_alive) {
  HERDER_ASSERT(!self->pumping_);
  self->keep_alive_ = keep_alive;
  self->heard_at_ = async::Loop::current().now();
  self->heard_bytes_ = self->bytes_in();
  self->native_->event = ssh_event_new();
  ssh_event_add_session(self->native_->event, self->session());
  self->pumping_ = true;
  async::Loop::start(pump(self));
}

Async<void> SshLink::pump(std::shared_ptr<SshLink> self) {
  while (!self->lost_) {
    const Result<> woken = co_await self->wait_for_work();
    if (self->lost_) break;
    if (woken) {
      self->turn();
    } else if (woken.error().code == Errc::cancelled) {
      self->kick_->cancelled = false;
    } else {
      self->keep_alive();
    }
  }
  self->pumping_ = false;
  if (self->closed_) self->close_socket();
  self->stopped_.set();
}

Deadline SshLink::next_look() const {
  Deadline deadline = keep_alive_.interval > Duration::zero() && !paused()
                          ? Deadline::at(heard_at_ + keep_alive_.interval * (probes_ + 1))
                          : Deadline::never();
  return deadline.with_token(kick_);
}

Async<Result<>> SshLink::wait_for_work() {
  if (quick_waits_ > 0) {
    --quick_waits_;
    acknowledge_quickly(socket_.get());
  }
  if (paused() && !output_pending()) {
    async::Waiter until_kicked(next_look());
    co_return co_await until_kicked;
  }
  const async::Interest interest = !output_pending() ? async::Interest::read : paused() ? async::Interest::write : async::Interest::both;
  co_return co_await watch_->ready(interest, next_look());
}

/// Lets libssh read and write what it can without waiting; its callbacks note what came.
void SshLink::turn() {
  for (int i = 0; i < reads_in_a_turn; ++i) {
    const std::uint64_t before = bytes_in();
    const int rc = ssh_event_dopoll(native_->event, 0);
    if (rc == SSH_ERROR || ssh_is_connected(session()) == 0) {
      check_alive();
      if (!lost_) lose(error(Errc::unreachable, "connection lost: {}", ssh_error_text(session())));
      return;
    }
    if (bytes_in() - before < read_size || paused()) break;
  }
  if (bytes_in() != heard_bytes_) {
    heard_bytes_ = bytes_in();
    heard_at_ = async::Loop::current().now();
    probes_ = 0;
  }
  after_call();
  if (!abandoned_.empty()) close_abandoned();
  progress_.wake_all();
}

/// One process whose output nobody reads: leave it in the network. With several, each has its own window (1.3 MB at most) and the
/// others must go on.
bool SshLink::paused() const { return processes_.size() == 1 && calls_waiting_ == 0 && processes_.front()->is_full(); }

void SshLink::kick() {
  if (pumping_) async::cancel(*kick_, "kicked");
}

void SshLink::check_alive() {
  if (lost_ || closed_) return;
  if (ssh_is_connected(session()) != 0 && (ssh_get_status(session()) & SSH_CLOSED_ERROR) == 0) return;
  lose(error(Errc::unreachable, "connection lost: {}", ssh_error_text(session())));
}

void SshLink::after_call() {
  check_alive();
  if (!lost_ && pumping_ && output_pending()) kick();
}

void SshLink::lose(Error why) {
  if (lost_) return;
  lost_ = std::move(why);
  for (SshProcess* process : processes_) process->note_lost();
  progress_.wake_all();
  kick();
}

void SshLink::keep_alive() {
  if (keep_alive_.interval <= Duration::zero() || paused()) return;
  if (probes_ >= keep_alive_.count_max) {
    lose(error(Errc::unreachable, "connection lost: no sign of life for {} s",
               std::chrono::duration_cast<std::chrono::seconds>(async::Loop::current().now() - heard_at_).count()));
    return;
  }
  // libssh keeps the answer to the last one until it is asked again, and only then sends a new one. The answer itself does not
  // matter: any byte that comes is a sign of life.
  if (asked_before_) ssh_send_keepalive(session());
  asked_before_ = true;
  ssh_send_keepalive(session());
  ++probes_;
  after_call();
}

Async<Result<>> SshLink::progress(Deadline deadline) {
  if (lost_) co_return lost_error();
  ++calls_waiting_;
  const Result<> woken = co_await progress_.wait(std::move(deadline));
  --calls_waiting_;
  if (lost_) co_return lost_error();
  co_return woken;
}

Async<Result<int>> SshLink::call(std::function<int()> function, Deadline deadline) {
  for (;;) {
    if (lost_) co_return lost_error();
    const int rc = function();
    after_call();
    if (lost_) co_return lost_error();
    if (rc != SSH_AGAIN) co_return rc;
    HERDER_CO_TRY_VOID(co_await progress(deadline));
  }
}

void SshLink::abandon(ssh_channel_struct* opening) {
  if (!closed_) abandoned_.push_back(opening);
}

void SshLink::close_abandoned() {
  std::erase_if(abandoned_, [this](ssh_channel channel) {
    const int rc = ssh_channel_open_session(channel);  // of whatever type it is: only looks how far it came
    if (rc == SSH_AGAIN) return false;
    note_closing();
    if (rc == SSH_OK) close_channel(channel);
    else ssh_channel_free(channel);
    return true;
  });
}

bool SshLink::closed_recently() const {
  constexpr Duration recently = std::chrono::seconds(1);
  return !abandoned_.empty() || (closed_at_ && async::Loop::current().now() - *closed_at_ < recently);
}

void SshLink::stop(Error why) {
  if (closed_) return;
  lose(std::move(why));
  for (SshProcess* process : processes_) process->forget_channel();
  abandoned_.clear();  // freed with the session
  if (ssh_is_connected(session()) != 0 && !output_pending()) ssh_set_fd_towrite(session());
  closed_ = true;
  const socket_t none = -1;
  ssh_options_set(session(), SSH_OPTIONS_FD, &none);  // now libssh closes its descriptor itself
  ssh_disconnect(session());
  if (native_->event != nullptr) {
    ssh_event_remove_session(native_->event, session());
    ssh_event_free(native_->event);
    native_->event = nullptr;
  }
  session_.reset();
  if (!pumping_) close_socket();
}

void SshLink::close_socket() {
  watch_.reset();
  socket_.reset();
  below_.reset();
}

Async<void> SshLink::stopped(Deadline deadline) {
  if (pumping_) (void)co_await stopped_.wait(std::move(deadline));
}

}  // namespace herder::transport
