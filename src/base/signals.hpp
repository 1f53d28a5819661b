// Names of signals, as SSH and people write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace herder {

/// "TERM", "SIGTERM" or "15" to a signal number; nothing when unknown.
std::optional<int> signal_number(std::string_view name) noexcept;
/// 15 to "TERM"; the number itself for signals without a portable name.
std::string signal_name(int number);

}  // namespace herder
