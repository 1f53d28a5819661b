#include "transport/connectors.hpp"

#include "transport/keeper/client.hpp"
#include "transport/local.hpp"

namespace herder::transport {
namespace {

class RoutingConnector final : public Connector {
 public:
  explicit RoutingConnector(ConnectorSettings settings) : settings_(std::move(settings)) {}

  Async<Result<std::shared_ptr<Session>>> connect(std::shared_ptr<const Target> target, Deadline deadline) override {
    if (target->method == Method::system_ssh)
      co_return std::unexpected(error(Errc::unsupported, "this host needs the system's ssh, which herder does not drive yet: {}", target->system_ssh_reason));
    Connector& way = connector_for(target->method);
    co_return co_await way.connect(std::move(target), std::move(deadline));
  }

  Async<void> close() override {
    for (const auto* one : {&ssh_, &local_})
      if (*one) co_await (*one)->close();
  }

 private:
  Connector& connector_for(Method method) {
    switch (method) {
      case Method::ssh:
        if (!ssh_)
          ssh_ = settings_.keeper_socket.empty() ? make_ssh_connector(settings_.ssh)
                                                 : keeper::make_keeper_connector({.socket = settings_.keeper_socket});
        return *ssh_;
      case Method::local:
        if (!local_) local_ = make_local_connector();
        return *local_;
      case Method::system_ssh: break;
    }
    HERDER_ASSERT(!"connect() sends these elsewhere");
    return *local_;
  }

  ConnectorSettings settings_;
  std::unique_ptr<Connector> ssh_;
  std::unique_ptr<Connector> local_;
};

}  // namespace

std::unique_ptr<Connector> make_connector(ConnectorSettings settings) { return std::make_unique<RoutingConnector>(std::move(settings)); }

}  // namespace herder::transport
