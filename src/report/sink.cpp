#include "report/sink.hpp"

#include <cerrno>
#include <poll.h>
#include <unistd.h>

#include "base/redact.hpp"
#include "base/text.hpp"

namespace herder::report {
namespace {
constexpr std::size_t buffer_bytes = std::size_t{64} << 10U;
}

void Sink::write(std::string_view own) {
  if (failure_ || own.empty()) return;
  if (redactor().empty()) put(own);
  else put(redactor().redact(own));
}

void Sink::foreign(std::string_view text) {
  if (failure_ || text.empty()) return;
  // Redact first: the escapes of `printable` could take a secret apart.
  if (redactor().empty()) put(text::printable(text));
  else put(text::printable(redactor().redact(text)));
}

void Sink::fail(Error why, bool reader_gone) {
  if (failure_) return;
  failure_ = std::move(why);
  reader_gone_ = reader_gone;
}

FdSink::FdSink(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}

FdSink::~FdSink() { flush(); }

void FdSink::put(std::string_view bytes) {
  if (buffer_.size() + bytes.size() > buffer_bytes) flush();
  if (bytes.size() > buffer_bytes) return send(bytes);
  buffer_ += bytes;
}

void FdSink::flush() {
  if (buffer_.empty()) return;
  send(buffer_);
  buffer_.clear();
}

void FdSink::send(std::string_view bytes) {
  while (!bytes.empty() && !failure()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd wait{.fd = fd_, .events = POLLOUT, .revents = 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      const int number = errno;
      fail(os_error(number, fmt::format("write to {}", name_)), number == EPIPE);
    }
  }
}

}  // namespace herder::report
