// The ssh-agent: is somebody there, and which keys does it hold. Format: draft-miller-ssh-agent.
#include <cerrno>
#include <map>
#include <optional>

#include <fmt/core.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/doctor/finding.hpp"
#include "transport/key_blob.hpp"

namespace herder::cli::doctor {
namespace {

constexpr int patience_ms = 2000;
constexpr std::uint32_t largest_answer = 256 * 1024;
constexpr unsigned char request_identities = 11;
constexpr unsigned char identities_answer = 12;

std::optional<std::uint32_t> take_number(std::string_view& bytes) {
  if (bytes.size() < 4) return std::nullopt;
  std::uint32_t out = 0;
  for (int i = 0; i < 4; ++i) out = out << 8U | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  bytes.remove_prefix(4);
  return out;
}

std::optional<std::string_view> take_text(std::string_view& bytes) {
  const auto size = take_number(bytes);
  if (!size || *size > bytes.size()) return std::nullopt;
  const std::string_view out = bytes.substr(0, *size);
  bytes.remove_prefix(*size);
  return out;
}

/// Exactly `size` bytes, or nothing when they do not come in time.
std::optional<std::string> receive(int fd, std::size_t size, TimePoint end) {
  std::string out(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - boot_now()).count();
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) return std::nullopt;
    const ssize_t got = ::read(fd, out.data() + have, size - have);
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return out;
}

UniqueFd connect_to(const std::string& socket_path) {
  sockaddr_un address{};
  if (socket_path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return {};
  }
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, socket_path.size());
  if (fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int number = errno;
    fd.reset();
    errno = number;
  }
  return fd;
}

/// The answer's text after the type byte, or nothing.
std::optional<std::string> ask_for_keys(int fd) {
  const TimePoint end = boot_now() + std::chrono::milliseconds(patience_ms);
  const char request[] = {0, 0, 0, 1, static_cast<char>(request_identities)};
  if (::send(fd, request, sizeof request, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof request)) return std::nullopt;
  const auto head = receive(fd, 4, end);
  if (!head) return std::nullopt;
  std::string_view bytes = *head;
  const auto size = take_number(bytes);
  if (!size || *size == 0 || *size > largest_answer) return std::nullopt;
  auto answer = receive(fd, *size, end);
  if (!answer || static_cast<unsigned char>((*answer)[0]) != identities_answer) return std::nullopt;
  return answer->substr(1);
}

}  // namespace

Finding check_agent(const std::string& socket) {
  const std::string check = "ssh-agent";
  if (socket.empty())
    return {Level::note, check, "no agent is running (SSH_AUTH_SOCK is not set)", "keys with a passphrase need one: eval \"$(ssh-agent)\" && ssh-add"};
  const UniqueFd fd = connect_to(socket);
  if (!fd)
    return {Level::fix, check, fmt::format("the agent at {} cannot be reached: {}", socket, os_error(errno, "connect").what),
            "log in again, start one (eval \"$(ssh-agent)\"), or unset SSH_AUTH_SOCK"};
  const auto answer = ask_for_keys(fd.get());
  std::string_view bytes = answer ? std::string_view(*answer) : std::string_view();
  const auto count = take_number(bytes);
  if (!answer || !count)
    return {Level::fix, check, fmt::format("what listens at {} does not answer as an agent does within 2 s", socket), "restart the agent, or unset SSH_AUTH_SOCK"};
  std::map<std::string, int> types;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto blob = take_text(bytes);
    const auto comment = take_text(bytes);
    if (!blob || !comment) break;
    ++types[std::string(transport::short_key_name(transport::type_of_blob(*blob)))];
  }
  if (types.empty()) return {Level::note, check, "the agent holds no keys", "ssh-add"};
  std::string list;
  for (const auto& [type, number] : types) list += fmt::format("{}{} {}", list.empty() ? "" : ", ", number, type);
  return {Level::ok, check, fmt::format("the agent holds {} {} ({})", *count, *count == 1 ? "key" : "keys", list), ""};
}

}  // namespace herder::cli::doctor
