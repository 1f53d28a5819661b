// Many host names in few characters: web[01-17,20],db1. The notation of ClusterShell's node sets.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace herder::inventory {

/// Each name once, names that differ only in numbers folded together, also in several numbers at once (rack[1-4]node[01-20]).
/// Zeros in front are kept: web1 and web01 stay apart. Names that hold brackets, commas, quotes or blanks are written in double
/// quotes. expand_nodeset() gives the names back. O(n log n).
std::string fold_hosts(std::span<const std::string> names);

/// The names that a node set stands for, in the order written: [1-3,7], [01-20] (zero-filled), [0-10/5] (every fifth). Errors:
/// parse, limit (more than a million names).
Result<std::vector<std::string>> expand_nodeset(std::string_view text);

}  // namespace herder::inventory
