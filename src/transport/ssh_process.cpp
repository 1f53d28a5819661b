#include "transport/ssh_process.hpp"

#include <libssh/callbacks.h>
#include <libssh/libssh.h>

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace herder::transport {

/// What libssh calls while it reads packets. Nothing here calls back into libssh.
struct SshProcess::Callbacks {
  ssh_channel_callbacks_struct table{};

  static SshProcess& self(void* user) { return *static_cast<SshProcess*>(user); }
  static int data(ssh_session, ssh_channel, void* bytes, std::uint32_t size, int is_error, void* user) {
    SshProcess& process = self(user);
    const std::size_t taken = process.take(static_cast<const char*>(bytes), size, is_error != 0 ? Source::err : Source::out);
    if (taken < size) process.rest_in_libssh_ = true;
    if (process.reader_ != nullptr) process.reader_->notify();
    return static_cast<int>(taken);
  }
  static void eof(ssh_session, ssh_channel, void* user) {
    self(user).end_of_output_ = true;
    self(user).wake();
  }
  static void closed(ssh_session, ssh_channel, void* user) {
    self(user).closed_ = true;
    self(user).wake();
  }
  static void exit_status(ssh_session, ssh_channel, int status, void* user) {
    self(user).exit_.code = status;
    self(user).wake();
  }
  static void exit_signal(ssh_session, ssh_channel, const char* signal, int, const char*, const char*, void* user) {
    constexpr std::size_t longest = 32;
    self(user).exit_.signal = text::printable(text::cut(signal != nullptr ? signal : "", longest));
    self(user).wake();
  }

  explicit Callbacks(SshProcess* process) {
    table.userdata = process;
    table.channel_data_function = data;
    table.channel_eof_function = eof;
    table.channel_close_function = closed;
    table.channel_exit_status_function = exit_status;
    table.channel_exit_signal_function = exit_signal;
    ssh_callbacks_init(&table);
  }
};

void close_channel(ssh_channel_struct* channel) {
  ssh_channel_send_eof(channel);
  ssh_channel_close(channel);
  ssh_channel_free(channel);
}

SshProcess::SshProcess(std::shared_ptr<SshLinkUse> link) : link_(std::move(link)), callbacks_(std::make_unique<Callbacks>(this)) {
  (*link_)->add(this);
}

SshProcess::~SshProcess() {
  SshLink& link = **link_;
  link.remove(this);
  if (channel_ == nullptr) return;
  ssh_remove_channel_callbacks(channel_, &callbacks_->table);
  if (opening_ && !link.lost()) {
    link.abandon(channel_);
  } else if (opened_ && !link.lost()) {
    close_channel(channel_);
    link.note_closing();
    link.after_call();
  } else {
    ssh_channel_free(channel_);
  }
  link.kick();  // it may have been waiting for us to read
}

Async<Result<>> SshProcess::open(std::function<int(ssh_channel_struct*)> open, Deadline deadline) {
  SshLink& link = **link_;
  if (link.lost()) co_return link.lost_error();
  HERDER_CO_TRY_VOID(deadline.check());
  channel_ = ssh_channel_new(link.session());
  if (channel_ == nullptr) co_return fail(Errc::limit, "cannot make a channel: {}", ssh_error_text(link.session()));
  ssh_set_channel_callbacks(channel_, &callbacks_->table);
  opening_ = true;
  HERDER_CO_TRY(const int rc, co_await link.call([&] { return open(channel_); }, std::move(deadline)));
  opening_ = false;
  if (rc != SSH_OK) co_return std::unexpected(refusal("open a channel"));
  opened_ = true;
  co_return Result<>{};
}

Error SshProcess::refusal(std::string_view what) const {
  SshLink& link = **link_;
  if (link.lost()) return *link.lost();
  const std::string text = ssh_error_text(link.session());
  if (link.process_count() > 1)
    return error(Errc::limit, "the server refuses to {} beside {} others: {}", what, link.process_count() - 1, text)
        .hint("sshd allows MaxSessions (10 unless set) sessions in one connection");
  return error(Errc::denied, "the server refuses to {}: {}", what, text);
}

Async<Result<bool>> SshProcess::request(std::function<int(ssh_channel_struct*)> ask, Deadline deadline) {
  SshLink& link = **link_;
  if (link.lost()) co_return link.lost_error();
  // A quick command has ended and closed the channel before we look at the answer to the request for it.
  const auto ask_open = [&] {
    const int rc = ask(channel_);
    return rc == SSH_AGAIN && closed_ ? SSH_ERROR : rc;
  };
  HERDER_CO_TRY(const int rc, co_await link.call(ask_open, std::move(deadline)));
  co_return rc == SSH_OK;
}

std::size_t SshProcess::take(const char* bytes, std::size_t size, Source source) {
  if (buffered_ + chunk_cost >= hard_limit) return 0;
  const std::size_t taken = std::min(size, hard_limit - buffered_ - chunk_cost);
  if (chunks_.empty() || chunks_.back().source != source) {
    chunks_.push_back(Chunk{.source = source});
    buffered_ += chunk_cost;
  }
  chunks_.back().bytes.append(bytes, taken);
  buffered_ += taken;
  return taken;
}

/// What had to stay in libssh because nobody read.
void SshProcess::take_rest() {
  rest_in_libssh_ = false;
  if (channel_ == nullptr || (*link_)->lost()) return;
  std::array<char, 16384> piece{};
  for (const Source source : {Source::out, Source::err}) {
    const int is_error = source == Source::err ? 1 : 0;
    while (buffered_ + chunk_cost + piece.size() < hard_limit) {
      const int got = ssh_channel_read_timeout(channel_, piece.data(), piece.size(), is_error, 0);
      if (got <= 0) break;
      take(piece.data(), static_cast<std::size_t>(got), source);
    }
    if (buffered_ + chunk_cost + piece.size() >= hard_limit) rest_in_libssh_ = true;
  }
  (*link_)->after_call();
}

void SshProcess::wake() {
  if (reader_ != nullptr) reader_->notify();
  if (exit_waiter_ != nullptr) exit_waiter_->notify();
}

Chunk SshProcess::next_chunk() {
  Chunk chunk = std::move(chunks_.front());
  chunks_.pop_front();
  const bool was_full = is_full();
  buffered_ -= chunk.bytes.size() + chunk_cost;
  if (was_full && !is_full()) (*link_)->kick();
  return chunk;
}

Async<Result<Chunk>> SshProcess::read(Deadline deadline) {
  for (;;) {
    if (chunks_.empty() && rest_in_libssh_) take_rest();
    if (!chunks_.empty()) co_return next_chunk();
    if (ended()) co_return Chunk{.end = true};
    if ((*link_)->lost()) co_return (*link_)->lost_error();
    async::Waiter waiter(deadline);
    reader_ = &waiter;
    const Result<> woken = co_await waiter;
    reader_ = nullptr;
    if (!woken) co_return std::unexpected(woken.error());
  }
}

Async<Result<>> SshProcess::write(std::string_view bytes, Deadline deadline) {
  constexpr std::size_t piece = std::size_t{32} << 10U;
  SshLink& link = **link_;
  while (!bytes.empty()) {
    if (link.lost()) co_return link.lost_error();
    if (closed_ || input_closed_) co_return fail(Errc::io, "its input is closed");
    const std::size_t window = ssh_channel_window_size(channel_);
    if (window > 0 && !link.output_pending()) {
      const auto size = static_cast<std::uint32_t>(std::min({bytes.size(), window, piece}));
      const int put = ssh_channel_write(channel_, bytes.data(), size);
      link.after_call();
      if (put < 0) {
        if (link.lost()) co_return link.lost_error();
        co_return fail(Errc::io, "its input is closed: {}", ssh_error_text(link.session()));
      }
      bytes.remove_prefix(static_cast<std::size_t>(put));
      if (put > 0) continue;
    }
    HERDER_CO_TRY_VOID(co_await link.progress(deadline));
  }
  co_return Result<>{};
}

Async<Result<>> SshProcess::close_input(Deadline deadline) {
  SshLink& link = **link_;
  if (link.lost()) co_return link.lost_error();
  HERDER_CO_TRY_VOID(deadline.check());
  if (closed_ || input_closed_) co_return Result<>{};
  input_closed_ = true;
  ssh_channel_send_eof(channel_);
  link.after_call();
  if (link.lost()) co_return link.lost_error();
  co_return Result<>{};
}

Async<Result<Exit>> SshProcess::wait(Deadline deadline) {
  for (;;) {
    if (exit_.code || !exit_.signal.empty() || closed_) co_return exit_;
    if ((*link_)->lost()) co_return (*link_)->lost_error();
    async::Waiter waiter(deadline);
    exit_waiter_ = &waiter;
    const Result<> woken = co_await waiter;
    exit_waiter_ = nullptr;
    if (!woken) co_return std::unexpected(woken.error());
  }
}

void SshProcess::signal(std::string_view name) {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  if (channel_ == nullptr || closed_ || (*link_)->lost()) return;
  ssh_channel_request_send_signal(channel_, std::string(name).c_str());
  (*link_)->after_call();
}

}  // namespace herder::transport
