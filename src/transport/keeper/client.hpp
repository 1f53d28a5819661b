// herder's side of the keeper: a Connector whose connections live in the keeper process.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "transport/session.hpp"

namespace herder::transport::keeper {

struct ClientSettings {
  std::string socket;  // of a keeper that runs (launch.hpp)
};

/// Sessions and processes look as those of any connector; several may use the keeper at a time. When the keeper goes away, everything
/// ends with Errc::unreachable. To be made, used and close()d on one loop.
std::unique_ptr<Connector> make_keeper_connector(ClientSettings settings);

}  // namespace herder::transport::keeper
