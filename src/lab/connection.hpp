// One client's connection to a light host: libssh's server side, driven without blocking by the loop.
#pragma once

#include <memory>
#include <vector>

#include <libssh/callbacks.h>  // heavy: its structs are members; only the server includes this header
#include <libssh/libssh.h>  // heavy: as above
#include <libssh/server.h>  // heavy: as above

#include "async/scope.hpp"
#include "lab/fault.hpp"
#include "lab/kick.hpp"
#include "lab/server_channel.hpp"

namespace herder::lab {

class LightHost;
class SlowRelay;

class Connection {
 public:
  Connection(LightHost& host, UniqueFd socket);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Serves until the client goes, a fault ends it, or stop() is called; then every process has ended.
  Async<void> run();
  /// Ends the connection soon.
  void stop();
  /// The faults of the host have changed.
  void faults_changed();

  // For its channels.
  [[nodiscard]] LightHost& host() noexcept { return host_; }
  [[nodiscard]] ssh_session session() const noexcept { return session_; }
  /// Whether output should wait: the socket does not take what libssh has already.
  [[nodiscard]] bool congested() const;
  /// Looks at the socket again: something was written to it or is to be read from it.
  void wake() { kick_.kick(); }
  /// How much output may be sent before the connection is cut; then output_sent() counts it.
  [[nodiscard]] std::size_t output_allowed(std::size_t wanted) const;
  void output_sent(std::size_t bytes);
  /// "SSH_CONNECTION=..." for the environment of commands.
  [[nodiscard]] const std::string& ssh_connection() const noexcept { return peer_; }

 private:
  friend struct ConnectionCallbacks;

  bool open_session();
  bool pump();
  void watch_socket();
  Async<void> serve();
  Async<void> fall_silent();
  void begin_relay();
  void send_garbage();
  Async<void> cut();
  Async<void> drain_relay();
  void close_session();
  static Async<void> run_channel(Connection* connection, ServerChannel* channel);
  ssh_channel open_channel();

  LightHost& host_;
  std::string peer_;
  UniqueFd socket_;  // our descriptor of what libssh reads; libssh owns another one
  Kick kick_;
  async::Scope scope_;
  ssh_session session_ = nullptr;
  ssh_event event_ = nullptr;
  ssh_server_callbacks_struct callbacks_{};
  std::unique_ptr<async::FdWatch> watch_;
  std::unique_ptr<SlowRelay> relay_;
  std::vector<std::unique_ptr<ServerChannel>> channels_;
  bool authenticated_ = false;
  bool stopping_ = false;
  bool reset_ = false;                       // end with RST
  std::optional<std::int64_t> cut_after_;    // output bytes left before the cut
  bool cut_now_ = false;
  bool garbage_ = false;                     // to be sent in front of the next output
  bool garbage_now_ = false;
  int failures_ = 0;                         // refused credentials
};

}  // namespace herder::lab
