// What machine-readable output says about a run.
#pragma once

#include <string_view>

namespace herder::report {

/// Version of the NDJSON records (docs/events.md): the first number changes when a reader has to change.
inline constexpr std::string_view events_version = "1.0";

}  // namespace herder::report
