// Destinations as ssh takes them: [user@]host[:port] and ssh:// addresses; ProxyJump is a list of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace herder::transport {

struct Destination {
  std::string user{};  // empty: not said
  std::string host{};
  int port = 0;  // 0: not said
};

/// "[user@]host[:port]", "[user@][ipv6][:port]", "ssh://[user@]host[:port]". Errors: parse.
Result<Destination> parse_destination(std::string_view text);

/// What follows ProxyJump, first hop first; empty for "none". A comment (#) ends it. Errors: parse.
Result<std::vector<Destination>> parse_jumps(std::string_view text);

/// Names and users from an inventory or a command line reach shells through ProxyCommand and Match exec: what could be more than a
/// name there is refused. Errors: denied. Source: the checks ssh has done since CVE-2023-51385.
Result<> check_host_name(std::string_view host);
Result<> check_user_name(std::string_view user);

}  // namespace herder::transport
