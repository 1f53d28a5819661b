#include "transport/connectors.hpp"

#include "transport/keeper/client.hpp"
#include "transport/local.hpp"
#include "transport/system_ssh.hpp"

namespace herder::transport {
namespace {

class RoutingConnector final : public Connector {
 public:
  explicit RoutingConnector(ConnectorSettings settings) : settings_(std::move(settings)) {}

  Async<Result<std::shared_ptr<Session>>> connect(std::shared_ptr<const Target> target, Deadline deadline) override {
    Connector& way = connector_for(target->method);
    co_return co_await way.connect(std::move(target), std::move(deadline));
  }

  Async<void> close() override {
    for (const auto* one : {&ssh_, &local_, &system_})
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
    if (!system_) system_ = make_system_ssh_connector();
    return *system_;
  }

  ConnectorSettings settings_;
  std::unique_ptr<Connector> ssh_;
  std::unique_ptr<Connector> local_;
  std::unique_ptr<Connector> system_;
};

}  // namespace

std::unique_ptr<Connector> make_connector(ConnectorSettings settings) { return std::make_unique<RoutingConnector>(std::move(settings)); }

}  // namespace herder::transport
