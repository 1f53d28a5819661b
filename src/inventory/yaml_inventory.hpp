// YAML inventories, as ansible-core 2.19 reads them.
#pragma once

#include "inventory/builder.hpp"

namespace herder::inventory {

/// `root` maps groups to {hosts, vars, children}. Errors: parse, with the place of the offending node. Keys that mean nothing are
/// warnings.
Result<> read_yaml(const Value& root, InventoryBuilder& builder);

}  // namespace herder::inventory
