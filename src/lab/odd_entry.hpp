// Connections of hosts that never get as far as a session: hung, hung in the key exchange, flooding.
#pragma once

#include <functional>

#include "base/file.hpp"
#include "lab/fault.hpp"
#include "lab/kick.hpp"

namespace herder::lab {

/// Behaves as `entry` (hang, hang_kex or flood) says until the client goes or `over` is true; `over` is asked after each kick.
Async<void> serve_oddly(UniqueFd socket, Entry entry, Kick* kick, std::function<bool()> over);

}  // namespace herder::lab
