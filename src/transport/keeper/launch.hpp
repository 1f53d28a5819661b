// Finds the keeper of this user and build, or starts it.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace herder::transport::keeper {

/// Makes sure that a keeper answers at `socket`: when none does, starts `command` (this program with the words of its keeper
/// command) as a daemon in a session of its own and waits until it says on its standard output that it is ready. One of several
/// processes that do this at once wins, the others use its keeper. Blocking, at most `limit`. Errors: io, timeout.
Result<> ensure_keeper(const std::string& socket, const std::vector<std::string>& command, Duration limit);

/// True when a keeper answers at `socket`.
bool keeper_answers(const std::string& socket);

}  // namespace herder::transport::keeper
