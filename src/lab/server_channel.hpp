// One session channel of a light host: requests in, a process beside it, bytes both ways. Flow control holds in both directions:
// the process is not read while the client's window or socket is full, and the client's window is not opened while the process
// does not read its input.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <libssh/callbacks.h>  // heavy: its structs are members; only the server includes this header
#include <libssh/libssh.h>  // heavy: as above

#include "lab/host_process.hpp"
#include "lab/kick.hpp"
#include "lab/light_settings.hpp"

namespace herder::lab {

class Connection;

class ServerChannel {
 public:
  ServerChannel(Connection& connection, ssh_channel channel);
  ServerChannel(const ServerChannel&) = delete;
  ServerChannel& operator=(const ServerChannel&) = delete;
  ~ServerChannel();

  /// Serves the channel until it is closed and its process has ended.
  Async<void> run();
  /// The client's window or socket has room again.
  void unblock();
  /// The SSH session is about to go: run() ends without touching it again.
  void detach();

 private:
  friend struct ChannelCallbacks;
  using Pipe = HostProcess::Pipe;

  int start_process(Launch launch);
  int start_shell(const char* command);
  int start_sftp();
  [[nodiscard]] std::vector<std::string> environment() const;
  void close_remote();

  Async<void> move_bytes();
  bool pump_output();
  bool pump_pipe(Pipe pipe);
  bool send();
  bool take_input();
  bool finished();
  void report_exit();
  void watch_pipes();

  Connection& connection_;
  ssh_channel channel_;
  ssh_channel_callbacks_struct callbacks_{};
  Kick kick_;
  std::vector<std::pair<std::string, std::string>> env_;
  std::optional<Pty> pty_;
  std::unique_ptr<HostProcess> process_;
  std::string held_input_;     // read from libssh, not taken by the process; at most one piece
  std::string unsent_;         // read from the process, not taken by libssh; at most one piece
  bool unsent_error_ = false;
  bool blocked_ = false;       // the client takes nothing now
  bool input_ended_ = false;
  bool input_waits_ = false;   // libssh may hold input
  bool closed_ = false;        // by the client, or by the end of the session
  bool reported_ = false;      // the exit status was sent
};

}  // namespace herder::lab
