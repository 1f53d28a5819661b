// One light host: its listening socket, its faults, its connections. Lives on one loop.
#pragma once

#include <memory>
#include <vector>

#include "async/scope.hpp"
#include "base/file.hpp"
#include "lab/authorized_keys.hpp"
#include "lab/fault.hpp"
#include "lab/fleet_plan.hpp"
#include "lab/kick.hpp"
#include "lab/light_settings.hpp"

struct ssh_bind_struct;

namespace herder::lab {

class Connection;

class LightHost {
 public:
  /// `settings` and `keys` outlive the host.
  LightHost(const LightSettings& settings, AuthorizedKeys& keys, HostPlan plan);
  LightHost(const LightHost&) = delete;
  LightHost& operator=(const LightHost&) = delete;
  ~LightHost();

  /// Opens the port. Errors: conflict (somebody else has it), io, limit.
  Result<> listen();
  /// Accepts and serves until stop(); everything that was started has ended when this returns.
  Async<void> serve();
  void stop();
  /// Takes effect at once: the port is closed or open again when this returns.
  Result<> set_faults(const Faults& faults);
  /// Ends all connections (reset), for `lab reset`.
  void drop_connections();

  [[nodiscard]] const Faults& faults() const noexcept { return faults_; }
  [[nodiscard]] const HostPlan& plan() const noexcept { return plan_; }
  [[nodiscard]] const LightSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] AuthorizedKeys& keys() noexcept { return keys_; }
  [[nodiscard]] std::size_t connections() const noexcept { return open_.size() + odd_; }
  /// libssh's settings and key for a new connection.
  ssh_bind_struct* bind(bool bad_key);

 private:
  struct FreeBind {
    void operator()(ssh_bind_struct* bind) const;
  };
  Async<void> accept_from(UniqueFd listener);
  static Async<void> serve_client(LightHost* host, UniqueFd socket);

  const LightSettings& settings_;
  AuthorizedKeys& keys_;
  HostPlan plan_;
  Faults faults_;
  unsigned round_ = 0;  // counts changes of faults
  UniqueFd next_;       // listening socket that serve() has not taken up yet
  int listening_ = -1;  // the one that is open, wherever it is
  bool stopping_ = false;
  Kick kick_;
  Kick odd_kick_;       // wakes connections that never become sessions
  async::Scope scope_;
  std::vector<Connection*> open_;
  std::size_t odd_ = 0;
  std::unique_ptr<ssh_bind_struct, FreeBind> good_;
  std::unique_ptr<ssh_bind_struct, FreeBind> bad_;
};

}  // namespace herder::lab
