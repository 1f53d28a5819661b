// Host names as inventories write them: names, IPv4 and IPv6 addresses, ports, and ranges such as web[01:50:2].
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace herder::inventory {

/// More hosts than this out of one line are refused: a slip such as [1:1000000000] must not eat the machine.
inline constexpr std::size_t max_hosts_per_pattern = 1'000'000;

struct Address {
  std::string_view host;                  // without port and without the brackets around an IPv6 address
  std::optional<std::string_view> port;   // digits, unchecked
};

/// Splits "host", "host:22", "[host]:22" where host is a name, an IPv4 or an IPv6 address; ranges may stand in it when
/// `ranges`. Nothing when it is none of these. An IPv6 address needs its brackets to have a port.
std::optional<Address> parse_address(std::string_view text, bool ranges);

/// "1.2.3.4" or an IPv6 address (no ranges).
bool is_ip_address(std::string_view text);

/// One word of an inventory, expanded: its hosts and the port for all of them.
struct HostPattern {
  std::vector<std::string> names;
  std::optional<std::uint16_t> port;
};

/// A word that parse_address refuses is taken as it stands. Every [begin:end] or [begin:end:step] is expanded, the leftmost
/// slowest: numbers (a leading zero in `begin` fixes the width, then `end` must have the same), or single letters a-z then A-Z.
/// An empty `begin` is 0; a number range that runs backwards has no hosts. Errors: parse (what is wrong with the range or
/// port), limit.
Result<HostPattern> expand_host_pattern(std::string_view text);

}  // namespace herder::inventory
