#include "transport/keeper/link.hpp"

#include "base/secret.hpp"

namespace herder::transport::keeper {
namespace {

constexpr std::size_t most_queued_bytes = 2 << 20;
constexpr std::size_t read_bytes = 256 << 10;

}  // namespace

void Link::send(Message type, std::uint64_t id, std::string_view payload) {
  if (broken_) return;
  wire::append_frame(queued_, static_cast<std::uint8_t>(type), id, payload);
  work_.wake_one();
}

Async<Result<>> Link::room(Deadline deadline) {
  while (queued_.size() > most_queued_bytes && !broken_) HERDER_CO_TRY_VOID(co_await room_.wait(deadline));
  if (broken_) co_return fail(Errc::unreachable, "the connection to the keeper is lost");
  co_return Result<>{};
}

Async<Result<std::optional<wire::Frame>>> Link::receive(Deadline deadline) {
  for (;;) {
    HERDER_CO_TRY(std::optional<wire::Frame> frame, reader_.next());
    if (frame) co_return frame;
    HERDER_CO_TRY(std::string bytes, co_await stream_->read(read_bytes, deadline));
    if (bytes.empty()) co_return std::nullopt;
    reader_.feed(bytes);
    wipe(bytes);
  }
}

Async<void> Link::run_writer(Deadline deadline) {
  for (;;) {
    while (queued_.empty() && !closing_)
      if (!co_await work_.wait(deadline)) co_return;
    if (queued_.empty()) break;
    std::string bytes = std::move(queued_);
    queued_.clear();
    const Result<> written = co_await stream_->write(bytes, deadline);
    wipe(bytes.data(), bytes.size());
    if (!written) {
      broken_ = true;
      queued_.clear();
    }
    room_.wake_all();
    if (broken_) co_return;
  }
  (void)co_await stream_->shut_write(deadline);
}

void Link::close() {
  closing_ = true;
  work_.wake_all();
}

}  // namespace herder::transport::keeper
