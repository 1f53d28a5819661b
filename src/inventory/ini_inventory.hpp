// INI inventories, as ansible-core 2.19 reads them.
#pragma once

#include <string>
#include <string_view>

#include "inventory/builder.hpp"

namespace herder::inventory {

/// Adds what the text says to `builder`; `path` is for positions. Errors: parse with line and column; what stands before the
/// mistake has been added by then (load() starts afresh in that case).
Result<> read_ini(std::string_view text, const std::string& path, InventoryBuilder& builder);

}  // namespace herder::inventory
