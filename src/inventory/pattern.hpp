// Host patterns: "web*:&prod:!web7", "~web\d+", "web[0:9]", "@hosts.txt".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/inventory.hpp"

namespace herder::inventory {

/// In which order chosen hosts come: `inventory` as the pattern finds them.
enum class HostOrder : std::uint8_t { inventory, reverse_inventory, sorted, reverse_sorted, shuffle };
/// By the names that plays use: "inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle". Errors: usage.
Result<HostOrder> parse_host_order(std::string_view name);

struct SelectOptions {
  std::vector<std::string> limits;  // --limit: only hosts that these patterns choose, too
  HostOrder order = HostOrder::inventory;
  std::uint64_t shuffle_seed = 0;
};

struct Selection {
  std::vector<HostId> hosts;    // each once
  std::vector<Error> warnings;  // patterns that matched nothing, each with the nearest name
};

/// The hosts that `pattern` chooses: patterns joined by commas or colons (a comma anywhere makes colons part of names). Plain ones
/// add hosts, `&` ones keep only what they match, `!` ones take away; the plain ones count first, then `&`, then `!`, and without
/// a plain one it starts from `all`. A pattern names a group or host, is a glob (* ? [a-z]) over both, or with `~` a regular
/// expression that must match from the start. GROUP[2], GROUP[-1], GROUP[0:4], GROUP[3:] take hosts by position (both ends
/// included). @FILE stands for the patterns in a file, one a line.
/// Errors: a regular expression or file that cannot be read, a position without a host.
Result<Selection> select(const Inventory& inventory, std::string_view pattern, const SelectOptions& options = {});

/// The single patterns of a joined one, blanks around them removed.
std::vector<std::string> split_pattern(std::string_view pattern);

/// The host or group name nearest to `name`, or empty.
std::string nearest_name(const Inventory& inventory, std::string_view name);

}  // namespace herder::inventory
