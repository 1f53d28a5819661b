// The keeper process: holds open connections for a while after a command, as ssh's ControlPersist does, for all hosts in one process.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "transport/session.hpp"

namespace herder::transport::keeper {

struct ServerSettings {
  std::string socket;
  Duration idle = std::chrono::seconds(60);  // how long an unused connection is kept; the keeper ends when none is left for that long
  std::size_t loops = 2;
  std::function<std::unique_ptr<Connector>()> make_connector;  // called on each loop
  /// The socket answers. `stop` ends the keeper in an orderly way; it may be called from any thread while run_keeper runs.
  std::function<void(std::function<void()> stop)> on_ready;
};

/// Serves until idle or stopped. Only processes of the same user are served (SO_PEERCRED). Errors: conflict (another keeper has the socket), io.
Result<> run_keeper(ServerSettings settings);

}  // namespace herder::transport::keeper
