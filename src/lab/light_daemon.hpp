// The background process of a light lab.
#pragma once

#include "base/error.hpp"
#include "lab/light_lab.hpp"

namespace herder::lab {

/// Runs a light lab until it is told to stop through its socket or by a signal. Tells `ready_fd` (when it is not negative) how the
/// start went, as a control answer, and closes it. Must be called before any thread is started.
Result<> run_light_daemon(const LightLabOptions& options, int ready_fd);

}  // namespace herder::lab
