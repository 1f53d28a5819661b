// Requests arrive as libssh callbacks inside Connection::pump(); they only note what is wanted and kick. run() does the work on the
// loop's next turn, so that nothing is sent or freed while libssh is reading a packet.
#include "lab/server_channel.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>

#include "base/signals.hpp"
#include "lab/connection.hpp"
#include "lab/light_host.hpp"

namespace herder::lab {
namespace {

constexpr std::size_t piece_bytes = std::size_t{32} << 10U;
constexpr int pieces_a_turn = 8;  // then others have their turn
constexpr std::size_t most_env = 64;
constexpr std::size_t most_env_bytes = 4096;
constexpr std::array<std::string_view, 10> reserved_env{"HOME",    "USER",           "LOGNAME", "SHELL",
                                                        "PATH",    "SSH_CONNECTION", "SSH_TTY", "TERM",
                                                        "HERDER_LAB", "HERDER_LAB_HOST"};

bool good_env_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && std::ranges::all_of(name, plain) && (name[0] < '0' || name[0] > '9') &&
         std::ranges::find(reserved_env, name) == reserved_env.end();
}

}  // namespace

/// libssh calls these; the return value 0 says yes.
struct ChannelCallbacks {
  static ServerChannel& self(void* data) { return *static_cast<ServerChannel*>(data); }

  static int data(ssh_session, ssh_channel, void*, std::uint32_t, int, void* user) {
    self(user).input_waits_ = true;
    self(user).kick_.kick();
    return 0;  // nothing taken here: libssh keeps it, and does not open the window, until take_input() reads it
  }
  static void eof(ssh_session, ssh_channel, void* user) {
    self(user).input_ended_ = true;
    self(user).kick_.kick();
  }
  static void close(ssh_session, ssh_channel, void* user) {
    self(user).closed_ = true;
    self(user).kick_.kick();
  }
  static void signal(ssh_session, ssh_channel, const char* name, void* user) {
    const auto number = signal_number(name);
    if (number && self(user).process_) self(user).process_->signal(*number);
  }
  static int pty(ssh_session, ssh_channel, const char* term, int columns, int rows, int, int, void* user) {
    if (self(user).process_) return SSH_ERROR;
    self(user).pty_ = Pty{.term = term, .columns = columns, .rows = rows};
    return SSH_OK;
  }
  static int resize(ssh_session, ssh_channel, int columns, int rows, int, int, void* user) {
    if (self(user).process_) self(user).process_->resize(columns, rows);
    return SSH_OK;
  }
  static int env(ssh_session, ssh_channel, const char* name, const char* value, void* user) {
    auto& known = self(user).env_;
    if (known.size() >= most_env || !good_env_name(name) || std::string_view(value).size() > most_env_bytes) return SSH_ERROR;
    known.emplace_back(name, value);
    return SSH_OK;
  }
  static int shell(ssh_session, ssh_channel, void* user) { return self(user).start_shell(nullptr); }
  static int exec(ssh_session, ssh_channel, const char* command, void* user) { return self(user).start_shell(command); }
  static int subsystem(ssh_session, ssh_channel, const char* name, void* user) {
    return std::string_view(name) == "sftp" ? self(user).start_sftp() : SSH_ERROR;
  }
  static int room(ssh_session, ssh_channel, std::uint32_t, void* user) {
    self(user).unblock();
    return 0;
  }
};

ServerChannel::ServerChannel(Connection& connection, ssh_channel channel) : connection_(connection), channel_(channel) {
  callbacks_.userdata = this;
  callbacks_.channel_data_function = ChannelCallbacks::data;
  callbacks_.channel_eof_function = ChannelCallbacks::eof;
  callbacks_.channel_close_function = ChannelCallbacks::close;
  callbacks_.channel_signal_function = ChannelCallbacks::signal;
  callbacks_.channel_pty_request_function = ChannelCallbacks::pty;
  callbacks_.channel_pty_window_change_function = ChannelCallbacks::resize;
  callbacks_.channel_env_request_function = ChannelCallbacks::env;
  callbacks_.channel_shell_request_function = ChannelCallbacks::shell;
  callbacks_.channel_exec_request_function = ChannelCallbacks::exec;
  callbacks_.channel_subsystem_request_function = ChannelCallbacks::subsystem;
  callbacks_.channel_write_wontblock_function = ChannelCallbacks::room;
  ssh_callbacks_init(&callbacks_);
  ssh_set_channel_callbacks(channel_, &callbacks_);
}

ServerChannel::~ServerChannel() { HERDER_ASSERT(channel_ == nullptr); }

void ServerChannel::unblock() {
  if (blocked_) kick_.kick();
}

void ServerChannel::detach() {
  if (channel_ != nullptr) ssh_remove_channel_callbacks(channel_, &callbacks_);
  channel_ = nullptr;
  closed_ = true;
  kick_.kick();
}

std::vector<std::string> ServerChannel::environment() const {
  LightHost& host = connection_.host();
  const LightSettings& settings = host.settings();
  std::vector<std::string> out{
      "HOME=" + settings.home_of(host.plan().name),
      "USER=" + settings.user,
      "LOGNAME=" + settings.user,
      "SHELL=" + settings.shell,
      fmt::format("PATH={}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", settings.state_dir),
      "HERDER_LAB=" + settings.state_dir,
      "HERDER_LAB_HOST=" + host.plan().name,
      "HERDER_LAB_ADDRESS=" + host.plan().address,
      connection_.ssh_connection(),
  };
  for (const auto& [name, value] : env_) out.push_back(name + "=" + value);
  return out;
}

int ServerChannel::start_process(Launch launch) {
  if (process_ || closed_) return SSH_ERROR;
  launch.environment = environment();
  launch.directory = connection_.host().settings().home_of(connection_.host().plan().name);
  launch.pty = pty_;
  auto started = HostProcess::start(std::move(launch));
  if (!started) return SSH_ERROR;
  process_ = std::move(*started);
  kick_.kick();
  return SSH_OK;
}

int ServerChannel::start_shell(const char* command) {
  if (command != nullptr) return start_process({.argv = {"/bin/sh", "-c", command}});
  const std::string& shell = connection_.host().settings().shell;
  return start_process({.argv = {shell}, .name = "-" + shell.substr(shell.rfind('/') + 1)});
}

int ServerChannel::start_sftp() {
  const std::string& program = connection_.host().settings().sftp_server;
  return program.empty() ? SSH_ERROR : start_process({.argv = {program}});
}

Async<void> ServerChannel::run() {
  while (!process_ && !closed_) co_await kick_.park();
  if (process_) {
    co_await NextTurn{};  // the reply to the request goes first
    co_await move_bytes();
    co_await process_->end();
  }
  close_remote();
}

Async<void> ServerChannel::move_bytes() {
  for (;;) {
    kick_.clear();
    if (closed_) co_return;
    blocked_ = false;
    const bool more_input = take_input();
    const bool more_output = pump_output();
    if (closed_ || finished()) co_return;
    if (more_input || more_output) {
      co_await NextTurn{};
      continue;
    }
    watch_pipes();
    (void)co_await process_->ready(kick_.deadline());
  }
}

/// Passes input on to the process. True when there is more that could be passed on now.
bool ServerChannel::take_input() {
  for (int piece = 0; piece < pieces_a_turn; ++piece) {
    if (held_input_.empty() && input_waits_) {
      held_input_.resize(piece_bytes);
      const int got = ssh_channel_read_nonblocking(channel_, held_input_.data(), piece_bytes, 0);
      held_input_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
      if (got <= 0) input_waits_ = false;
    }
    if (held_input_.empty()) {
      if (input_ended_) process_->close_input();
      return false;
    }
    held_input_.erase(0, process_->write(held_input_));
    if (!held_input_.empty()) return false;  // the process is slow
  }
  return true;
}

/// Reads the process and sends. True when there may be more to read now.
bool ServerChannel::pump_output() {
  if (!unsent_.empty() && !send()) return false;
  const bool more = pump_pipe(Pipe::out);
  return !blocked_ && ((process_->open(Pipe::err) && pump_pipe(Pipe::err)) || more);
}

bool ServerChannel::pump_pipe(Pipe pipe) {
  for (int piece = 0; piece < pieces_a_turn && process_->open(pipe); ++piece) {
    if (blocked_ || closed_) return false;
    auto bytes = process_->read(pipe, piece_bytes);
    if (!bytes || bytes->empty()) return false;
    unsent_ = std::move(*bytes);
    unsent_error_ = pipe == Pipe::err;
    if (!send()) return false;
  }
  return process_->open(pipe);
}

/// Sends as much of unsent_ as the client takes. False when something is left or the channel is gone.
bool ServerChannel::send() {
  if (closed_) return false;
  const std::size_t window = connection_.congested() ? 0 : ssh_channel_window_size(channel_);
  const std::size_t room = std::min(unsent_.size(), window);
  const std::size_t allowed = connection_.output_allowed(room);
  int sent = 0;
  if (allowed > 0)
    sent = unsent_error_ ? ssh_channel_write_stderr(channel_, unsent_.data(), static_cast<std::uint32_t>(allowed))
                         : ssh_channel_write(channel_, unsent_.data(), static_cast<std::uint32_t>(allowed));
  if (sent < 0) {
    closed_ = true;
    return false;
  }
  if (room > 0) connection_.output_sent(static_cast<std::size_t>(sent));
  unsent_.erase(0, static_cast<std::size_t>(sent));
  blocked_ = !unsent_.empty();
  if (connection_.congested()) connection_.wake();
  return !blocked_;
}

/// Whether the command and its output have ended and the client knows how.
bool ServerChannel::finished() {
  const auto status = process_->status();
  if (!status || blocked_ || !unsent_.empty()) return false;
  if (process_->has_pty()) {
    if (pump_pipe(Pipe::out) || blocked_) return false;  // what it wrote last; others may keep the terminal open, as sshd we go
  }
  if (!reported_) report_exit();
  return process_->has_pty() || (!process_->open(Pipe::out) && !process_->open(Pipe::err));
}

void ServerChannel::report_exit() {
  reported_ = true;
  const int status = *process_->status();
  if (WIFSIGNALED(status))
    ssh_channel_request_send_exit_signal(channel_, signal_name(WTERMSIG(status)).c_str(), WCOREDUMP(status) ? 1 : 0, "", "");
  else
    ssh_channel_request_send_exit_status(channel_, WEXITSTATUS(status));
  connection_.wake();
}

void ServerChannel::watch_pipes() {
  process_->watch(Pipe::out, !blocked_);
  process_->watch(Pipe::err, !blocked_);
  process_->watch(Pipe::in, !held_input_.empty());
}

void ServerChannel::close_remote() {
  if (channel_ == nullptr) return;
  ssh_remove_channel_callbacks(channel_, &callbacks_);
  ssh_channel_send_eof(channel_);  // before, because closing does nothing more when the end cannot be flushed at once
  ssh_channel_close(channel_);
  ssh_channel_free(channel_);
  channel_ = nullptr;
  connection_.wake();
}

}  // namespace herder::lab
