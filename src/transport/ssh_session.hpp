// A Session on libssh.
#pragma once

#include <memory>
#include <string>

#include "transport/session.hpp"
#include "transport/ssh_link.hpp"
#include "transport/ssh_process.hpp"

namespace herder::transport {

class SshSession final : public Session {
 public:
  /// Takes an authenticated link and starts its pump.
  SshSession(std::shared_ptr<SshLink> link, std::shared_ptr<const Target> target, std::string authenticated_by);

  Async<Result<std::unique_ptr<Process>>> start(Command command, Deadline deadline) override;
  [[nodiscard]] bool alive() const override { return !(*link_)->lost(); }
  [[nodiscard]] std::string describe() const override { return description_; }
  Async<void> close(Deadline deadline) override;

  /// A TCP connection that the host makes for us (direct-tcpip): ProxyJump. Errors: unreachable, denied, limit.
  Async<Result<std::unique_ptr<Process>>> forward(std::string host, int port, Deadline deadline);

 private:
  Async<Result<std::unique_ptr<SshProcess>>> open_channel(Deadline deadline);

  std::shared_ptr<SshLink> raw_link_;
  std::shared_ptr<SshLinkUse> link_;
  std::shared_ptr<const Target> target_;
  std::string description_;
};

}  // namespace herder::transport
