// Tokens (%h), variables (${HOME}) and ~ in configuration values.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace herder::transport {

/// What each token letter stands for; "%%" is always '%'.
using Tokens = std::vector<std::pair<char, std::string>>;

/// Replaces %x and, with `variables`, ${NAME} from the environment. Errors: parse (unknown token, cut off, variable unset).
Result<std::string> expand_tokens(std::string_view text, const Tokens& tokens, bool variables);

/// "~" and "~/x" in `home`, "~user/x" from the password database.
std::string expand_tilde(std::string_view path, const std::string& home);

/// %C: SHA-1 in hex of local host name, remote host, port and user in a row.
std::string connection_hash(std::string_view local_host, std::string_view host, std::string_view port, std::string_view user);

/// A numeric address in its usual form ("127.1" is "127.0.0.1", "::0:1" is "::1"); "" when `host` is not numeric.
std::string canonical_address(const std::string& host);

}  // namespace herder::transport
