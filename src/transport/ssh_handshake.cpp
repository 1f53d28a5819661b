#include "transport/ssh_handshake.hpp"

#include <sys/socket.h>

#include <libssh/libssh.h>

#include <algorithm>
#include <array>

#include "async/threads.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "transport/key_blob.hpp"

namespace herder::transport {
namespace {

constexpr std::uint64_t most_before_banner = std::uint64_t{64} << 10U;

/// What a server says that is no SSH banner: its first line, for the error. Leaves the bytes where they are.
std::string peek_line(int fd) {
  constexpr std::size_t longest = 120;
  std::array<char, longest> bytes{};
  const ssize_t got = ::recv(fd, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  if (got <= 0) return {};
  std::string_view line(bytes.data(), static_cast<std::size_t>(got));
  line = text::trim(line.substr(0, line.find('\n')));
  return line.starts_with("SSH-") ? std::string() : text::printable(line);
}

std::string saying(const std::string& said) { return said.empty() ? std::string() : fmt::format("; it said '{}'", said); }

Error no_banner(ssh_session session, const std::string& said, ConnectProgress& progress) {
  if (ssh_get_serverbanner(session) == nullptr && ssh_error_text(session).contains("banner"))
    return error(Errc::unreachable, "that is no SSH server{}", saying(said)).hint("check the port (ansible_port, Port)");
  progress.dropped = true;
  return error(Errc::unreachable, "the server closed the connection before its SSH banner{}", saying(said))
      .hint("sshd does so when too many connections start at once (MaxStartups)");
}

Error no_keys(ssh_session session) {
  const std::string text = ssh_error_text(session);
  Error failure = error(Errc::unreachable, "key exchange failed: {}", text);
  if (text.contains("no match for method"))
    failure.help = "the host offers only other algorithms; name one of them (KexAlgorithms, Ciphers, MACs, HostKeyAlgorithms in ssh_config)";
  return failure;
}

Error unknown_key(const std::string& name, std::string_view type, const std::string& print) {
  return error(Errc::denied, "host key of {} is not known: {} {}", name, short_key_name(type), print)
      .hint("compare the fingerprint, then take the key once with host key policy accept-new (StrictHostKeyChecking=accept-new)");
}

Error changed_key(const std::string& name, std::string_view type, const std::string& print, const HostKeyVerdict& verdict) {
  return error(Errc::denied, "host key of {} has CHANGED: it shows {} {}, another one is listed", name, short_key_name(type), print)
      .at({.file = verdict.file, .line = verdict.line})
      .hint(fmt::format("somebody may be listening in. If the host was reinstalled: ssh-keygen -f {} -R {}",
                        text::shell_quote(verdict.file), text::shell_quote(name)));
}

/// The host's key as a blob.
std::string host_key_blob(ssh_session session) {
  ssh_key raw = nullptr;
  if (ssh_get_server_publickey(session, &raw) != SSH_OK) return {};
  const NativeKey key(raw);
  return blob_of(raw);
}

Async<void> write_down(std::shared_ptr<KnownHosts> known, KnownName name, std::string blob, bool hashed) {
  const Result<> written = co_await async::offload([&] { return known->accept(name.host, name.port, blob, hashed); });
  if (!written) log::warn("ssh.known_hosts", {{"file", known->writes_to()}, {"problem", written.error().what}});
}

}  // namespace

Async<Result<>> exchange_keys(SshLink& link, async::Limiter& slots, ConnectProgress& progress, Deadline deadline) {
  progress.phase = "waiting for the SSH banner";
  ssh_session session = link.session();
  std::string said;
  for (;;) {
    const int rc = ssh_connect(session);
    const bool banner = ssh_get_serverbanner(session) != nullptr;
    if (rc == SSH_OK) co_return Result<>{};
    if (rc != SSH_AGAIN) co_return std::unexpected(banner ? no_keys(session) : no_banner(session, said, progress));
    if (!banner && link.bytes_in() > most_before_banner)
      co_return fail(Errc::unreachable, "that is no SSH server: {} bytes without a banner{}", link.bytes_in(), saying(said));
    if (banner && !link.has_slot()) {
      progress.phase = "exchanging keys";
      HERDER_CO_TRY_VOID(co_await link.take_slot(slots, deadline));
    }
    HERDER_CO_TRY_VOID(co_await link.wait_socket(deadline));
    if (!banner && said.empty()) said = peek_line(link.socket());
  }
}

KnownName known_name(const Target& target) {
  if (!target.host_key_alias.empty()) return {.host = target.host_key_alias, .port = 0};
  return {.host = target.address, .port = target.port};
}

Async<Result<>> check_host_key(SshLink& link, const Target& target, std::shared_ptr<KnownHosts> known) {
  const KnownName name = known_name(target);
  const std::string blob = host_key_blob(link.session());
  if (blob.empty()) co_return fail(Errc::bug, "libssh gives no host key");
  const auto decide = [&] { return known->verify(name.host, name.port, blob); };
  const HostKeyVerdict verdict =
      known->hashed_lines() > KnownHosts::few_hashed_lines ? co_await async::offload(decide) : decide();
  const std::string listed = known_hosts_name(name.host, name.port);
  const std::string_view type = type_of_blob(blob);
  switch (verdict.state) {
    case HostKeyState::match: co_return Result<>{};
    case HostKeyState::revoked:
      co_return std::unexpected(error(Errc::denied, "host key of {} is revoked: {} {}", listed, short_key_name(type), fingerprint(blob))
                                    .at({.file = verdict.file, .line = verdict.line})
                                    .hint("do not trust this host before it has a new key"));
    case HostKeyState::changed: {
      Error failure = changed_key(listed, type, fingerprint(blob), verdict);
      if (target.host_keys != HostKeyPolicy::off) co_return std::unexpected(std::move(failure));
      log::warn("ssh.host_key_changed", {{"host", target.name}, {"file", verdict.file}, {"line", verdict.line}});
      co_return Result<>{};
    }
    case HostKeyState::only_cert_authority:
    case HostKeyState::unknown: break;
  }
  if (target.host_keys == HostKeyPolicy::strict) co_return std::unexpected(unknown_key(listed, type, fingerprint(blob)));
  if (target.host_keys == HostKeyPolicy::accept_new) co_await write_down(known, name, blob, target.hash_known_hosts);
  co_return Result<>{};
}

}  // namespace herder::transport
