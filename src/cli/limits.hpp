// What this machine lets the process have.
#pragma once

#include <cstddef>

namespace herder::cli {

/// Raises the soft limit of open descriptors to the hard one; gives the limit that is in force.
std::size_t raise_descriptor_limit() noexcept;

/// One loop for each processor that this process may use, at most 8.
std::size_t loop_count() noexcept;

}  // namespace herder::cli
