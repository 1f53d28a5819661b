#include "base/version.hpp"

namespace herder {

std::string_view version() noexcept { return HERDER_VERSION; }

}  // namespace herder
