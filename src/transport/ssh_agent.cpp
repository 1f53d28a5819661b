#include "transport/ssh_agent.hpp"

#include <sys/socket.h>

#include <libssh/libssh.h>

#include <algorithm>
#include <cerrno>

#include "async/scope.hpp"
#include "async/threads.hpp"
#include "base/text.hpp"

namespace herder::transport {
namespace {

constexpr char request_identities = 11;
constexpr char identities_answer = 12;
constexpr char sign_request = 13;
constexpr char agent_failure = 5;
constexpr std::size_t largest_message = std::size_t{256} << 10U;
constexpr std::size_t most_keys = 256;

std::string number(std::size_t value) {
  std::string out;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out.push_back(static_cast<char>((value >> shift) & 0xffU));
  return out;
}

std::string with_length(std::string_view bytes) { return number(bytes.size()).append(bytes); }

/// Takes a length-prefixed string from the front; nothing when it is cut short.
std::optional<std::string> take_string(std::string_view& from) {
  constexpr std::size_t prefix = 4;
  if (from.size() < prefix) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < prefix; ++i) size = (size << 8U) | static_cast<unsigned char>(from[i]);
  from.remove_prefix(prefix);
  if (size > from.size()) return std::nullopt;
  std::string out(from.substr(0, size));
  from.remove_prefix(size);
  return out;
}

Async<Result<std::string>> read_exactly(async::Stream& stream, std::size_t size, Deadline deadline) {
  std::string out;
  while (out.size() < size) {
    HERDER_CO_TRY(const std::string piece, co_await stream.read(size - out.size(), deadline));
    if (piece.empty()) co_return fail(Errc::io, "hung up");
    out += piece;
  }
  co_return out;
}

Async<Result<std::string>> read_message(async::Stream& stream, Deadline deadline) {
  HERDER_CO_TRY(const std::string prefix, co_await read_exactly(stream, 4, deadline));
  std::size_t size = 0;
  for (const char byte : prefix) size = (size << 8U) | static_cast<unsigned char>(byte);
  if (size == 0 || size > largest_message) co_return fail(Errc::io, "message of {} bytes", size);
  co_return co_await read_exactly(stream, size, std::move(deadline));
}

Result<std::vector<AgentKey>> parse_keys(std::string_view answer) {
  std::vector<AgentKey> keys;
  if (answer.empty() || answer.front() != identities_answer || answer.size() < 5) return fail(Errc::io, "does not list its keys");
  answer.remove_prefix(5);
  while (!answer.empty() && keys.size() < most_keys) {
    auto blob = take_string(answer);
    auto comment = take_string(answer);
    if (!blob || !comment) return fail(Errc::io, "lists its keys wrongly");
    constexpr std::size_t longest = 100;
    keys.push_back({.blob = *std::move(blob), .comment = text::printable(text::cut(*comment, longest))});
  }
  return keys;
}

std::string list_message(const std::vector<AgentKey>& keys) {
  std::string message(1, identities_answer);
  message += number(keys.size());
  for (const AgentKey& key : keys) message += with_length(key.blob) + with_length(key.comment);
  return message;
}

/// Those to offer, best first.
std::vector<AgentKey> choose(std::vector<AgentKey> keys, const AgentRequest& request) {
  const auto is_named = [&](const AgentKey& key) { return std::ranges::find(request.named, key.blob) != request.named.end(); };
  if (request.only_named) std::erase_if(keys, [&](const AgentKey& key) { return !is_named(key); });
  std::ranges::stable_partition(keys, is_named);
  std::ranges::stable_partition(keys, [&](const AgentKey& key) { return key.comment == request.first; });
  return keys;
}

/// The far end of libssh's agent socket, until libssh closes its end or the deadline passes. libssh reads an end then.
Async<void> serve(std::unique_ptr<async::Stream> stream, SshAgent& agent, const std::vector<AgentKey>& keys, std::string& signed_by,
                  Deadline deadline) {
  for (;;) {
    const auto message = co_await read_message(*stream, deadline);
    if (!message) co_return;
    std::string answer(1, agent_failure);
    if (message->front() == request_identities) {
      answer = list_message(keys);
    } else if (message->front() == sign_request) {
      std::string_view rest = std::string_view(*message).substr(1);
      const auto blob = take_string(rest);
      for (const AgentKey& key : keys)
        if (blob && key.blob == *blob) signed_by = key.comment;
      if (auto made = co_await agent.ask(*message, deadline)) answer = *std::move(made);
    }
    if (!co_await stream->write(with_length(answer), deadline)) co_return;
  }
}

}  // namespace

Async<Result<std::string>> SshAgent::exchange(std::string request, Deadline deadline) {
  if (!stream_) {
    HERDER_CO_TRY(UniqueFd fd, co_await async::connect_unix(socket_, deadline));
    stream_ = async::fd_stream(std::move(fd));
  }
  const std::string message = with_length(request);
  HERDER_CO_TRY_VOID(co_await stream_->write(message, deadline));
  co_return co_await read_message(*stream_, std::move(deadline));
}

Async<Result<std::string>> SshAgent::ask(std::string request, Deadline deadline) {
  HERDER_CO_TRY_VOID(co_await turn_.acquire(deadline));
  const async::Permit permit(turn_);
  auto answer = co_await exchange(std::move(request), std::move(deadline));
  if (!answer) stream_.reset();  // the rest of the answer would be taken for the next one's
  co_return answer;
}

Async<Result<std::vector<AgentKey>>> SshAgent::keys(Deadline deadline) {
  if (listed_) co_return keys_;
  HERDER_CO_TRY(const std::string answer, co_await ask(std::string(1, request_identities), std::move(deadline)));
  HERDER_CO_TRY(keys_, parse_keys(answer));
  listed_ = true;
  co_return keys_;
}

SshAgent& SshAgents::at(const std::string& socket) {
  std::unique_ptr<SshAgent>& place = agents_[socket];
  if (!place) place = std::make_unique<SshAgent>(socket);
  return *place;
}

Async<Result<AgentAnswer>> authenticate_by_agent(SshLink& link, SshAgents& agents, AgentRequest request, Deadline deadline) {
  AgentAnswer answer{.rc = SSH_AUTH_DENIED};
  SshAgent& agent = agents.at(request.socket);
  Result<std::vector<AgentKey>> listed = co_await agent.keys(deadline);
  if (!listed) {
    HERDER_CO_TRY_VOID(deadline.check());
    answer.problem = "cannot be used: " + listed.error().what;
    co_return answer;
  }
  const std::vector<AgentKey> keys = choose(*std::move(listed), request);
  for (const AgentKey& key : keys) answer.offered.push_back(key.blob);
  if (keys.empty()) co_return answer;
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) co_return std::unexpected(os_error(errno, "use the agent"));
  std::unique_ptr<async::Stream> far_end = async::fd_stream(UniqueFd(pair[0]));
  ssh_set_agent_socket(link.session(), pair[1]);  // libssh closes it with the session
  async::Scope scope(deadline);
  scope.spawn(serve(std::move(far_end), agent, keys, answer.key, scope.deadline()));
  Result<> waited;
  do {
    answer.rc = co_await async::offload([session = link.session()] { return ssh_userauth_agent(session, nullptr); });
    if (answer.rc == SSH_AUTH_AGAIN) waited = co_await link.wait_socket(deadline);
  } while (answer.rc == SSH_AUTH_AGAIN && waited);
  scope.cancel("the agent is not needed any more");
  co_await scope.join();
  if (!waited) co_return std::unexpected(waited.error());
  HERDER_CO_TRY_VOID(deadline.check());
  co_return answer;
}

}  // namespace herder::transport
