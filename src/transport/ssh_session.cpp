#include "transport/ssh_session.hpp"

#include <libssh/libssh.h>

#include <cstdlib>

namespace herder::transport {
namespace {

std::string or_unknown(const char* text) { return text != nullptr ? text : "?"; }

/// "libssh, curve25519-sha256, aes128-gcm@openssh.com, ssh-ed25519, publickey /home/u/.ssh/id_ed25519".
std::string describe_link(ssh_session session, const std::string& authenticated_by) {
  std::string host_key = "?";
  ssh_key key = nullptr;
  if (ssh_get_server_publickey(session, &key) == SSH_OK) {
    host_key = or_unknown(ssh_key_type_to_char(ssh_key_type(key)));
    ssh_key_free(key);
  }
  return fmt::format("libssh, {}, {}, {}, {}", or_unknown(ssh_get_kex_algo(session)), or_unknown(ssh_get_cipher_out(session)), host_key,
                     authenticated_by);
}

constexpr int pty_columns = 160;
constexpr int pty_rows = 48;

}  // namespace

SshSession::SshSession(std::shared_ptr<SshLink> link, std::shared_ptr<const Target> target, std::string authenticated_by)
    : raw_link_(std::move(link)),
      link_(std::make_shared<SshLinkUse>(raw_link_)),
      target_(std::move(target)),
      description_(describe_link(raw_link_->session(), authenticated_by)) {
  SshLink::start_pump(raw_link_, {.interval = target_->alive_interval, .count_max = target_->alive_count_max});
}

/// sshd gives a place among its MaxSessions free only some time after the close of a channel: a refusal then is not the last word.
Async<Result<std::unique_ptr<SshProcess>>> SshSession::open_channel(Deadline deadline) {
  constexpr Duration longest_pause = std::chrono::milliseconds(320);
  for (Duration pause = std::chrono::milliseconds(10);; pause *= 2) {
    auto process = std::make_unique<SshProcess>(link_);
    Result<> opened = co_await process->open([](ssh_channel channel) { return ssh_channel_open_session(channel); }, deadline);
    if (opened) co_return process;
    const bool refused = opened.error().code == Errc::limit || opened.error().code == Errc::denied;
    process.reset();
    if (!refused || pause > longest_pause || !raw_link_->closed_recently()) co_return std::unexpected(std::move(opened).error());
    HERDER_CO_TRY_VOID(co_await async::sleep_for(pause, deadline));
  }
}

Async<Result<std::unique_ptr<Process>>> SshSession::start(Command command, Deadline deadline) {
  HERDER_CO_TRY(std::unique_ptr<SshProcess> process, co_await open_channel(deadline));
  for (const std::string& name : target_->send_env) {
    const char* value = std::getenv(name.c_str());
    if (value != nullptr) command.env.emplace_back(name, value);
  }
  command.env.insert(command.env.begin(), target_->set_env.begin(), target_->set_env.end());
  for (const auto& [name, value] : command.env) {  // refused ones are no failure: that is AcceptEnv's business
    HERDER_CO_TRY_VOID(co_await process->request(
        [&](ssh_channel channel) { return ssh_channel_request_env(channel, name.c_str(), value.c_str()); }, deadline));
  }
  if (command.pty) {
    HERDER_CO_TRY(const bool granted, co_await process->request([](ssh_channel channel) {
      return ssh_channel_request_pty_size(channel, "xterm", pty_columns, pty_rows);
    }, deadline));
    if (!granted) co_return fail(Errc::denied, "the server refuses to give a pseudo-terminal");
  }
  HERDER_CO_TRY(const bool started, co_await process->request([&](ssh_channel channel) {
    return command.subsystem.empty() ? ssh_channel_request_exec(channel, command.line.c_str())
                                     : ssh_channel_request_subsystem(channel, command.subsystem.c_str());
  }, deadline));
  if (started) co_return std::unique_ptr<Process>(std::move(process));
  if (command.subsystem.empty()) co_return fail(Errc::denied, "the server refuses to run a command");
  co_return std::unexpected(error(Errc::denied, "the server has no subsystem '{}'", command.subsystem)
                                .hint("sshd_config there: Subsystem sftp internal-sftp"));
}

Async<Result<std::unique_ptr<Process>>> SshSession::forward(std::string host, int port, Deadline deadline) {
  raw_link_->expect_small_messages();
  auto process = std::make_unique<SshProcess>(link_);
  const Result<> opened = co_await process->open([&](ssh_channel channel) {
    return ssh_channel_open_forward(channel, host.c_str(), port, "127.0.0.1", 0);
  }, std::move(deadline));
  if (opened) co_return std::unique_ptr<Process>(std::move(process));
  if (opened.error().code != Errc::denied && opened.error().code != Errc::limit) co_return std::unexpected(opened.error());
  if (opened.error().what.contains("error (1)"))  // RFC 4254 section 5.1: administratively prohibited
    co_return std::unexpected(error(Errc::denied, "{} does not forward connections to {}:{}", target_->address, host, port)
                                  .hint("sshd_config there: AllowTcpForwarding yes, PermitOpen"));
  co_return fail(Errc::unreachable, "{} cannot connect to {}:{}: {}", target_->address, host, port, opened.error().what);
}

Async<void> SshSession::close(Deadline deadline) {
  raw_link_->stop(error(Errc::cancelled, "the session was closed"));
  co_await raw_link_->stopped(std::move(deadline));
}

}  // namespace herder::transport
