// Which herder this is.
#pragma once

#include <string_view>

namespace herder {

/// "0.1.0", from CMakeLists.txt.
std::string_view version() noexcept;

}  // namespace herder
