#include "lab/odd_entry.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace herder::lab {
namespace {

/// Throws away what the client sends. False when it has gone.
bool discard_input(int fd) {
  std::array<char, 4096> bytes{};
  for (;;) {
    const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got > 0) continue;
    return got < 0 && (errno == EAGAIN || errno == EINTR);
  }
}

/// As much noise as the client takes now. False when it has gone.
bool send_noise(int fd) {
  static const std::string lines = [] {
    std::string text;
    while (text.size() < 16'384) text += "This line stands before the SSH banner, as RFC 4253 section 4.2 allows.\r\n";
    return text;
  }();
  const ssize_t put = ::send(fd, lines.data(), lines.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return put > 0 || errno == EAGAIN || errno == EINTR;
}

}  // namespace

Async<void> serve_oddly(UniqueFd socket, Entry entry, Kick* kick, std::function<bool()> over) {
  constexpr std::string_view banner = "SSH-2.0-herder-lab\r\n";
  if (entry == Entry::hang_kex) (void)::send(socket.get(), banner.data(), banner.size(), MSG_NOSIGNAL);
  const auto watch = async::Loop::current().watch(socket.get());
  const auto interest = entry == Entry::flood ? async::Interest::both : async::Interest::read;
  while (!over()) {
    if (!discard_input(socket.get())) break;
    if (entry == Entry::flood && !send_noise(socket.get())) break;
    co_await NextTurn{};
    if (over()) break;
    (void)co_await watch->ready(interest, kick->deadline());
    kick->clear();
  }
}

}  // namespace herder::lab
