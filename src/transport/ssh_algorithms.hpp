// Which algorithms are offered to hosts: herder's defaults, and lists of the user's against what libssh 0.10.6 can do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "transport/target.hpp"

namespace herder::transport {

enum class AlgorithmKind : std::uint8_t { kex, cipher, mac, host_key, public_key };

/// What libssh can do, comma-separated, best first. Host key algorithms are those that its client verifies: no certificates (it takes
/// their names, and then finds none of them usable: tried with 0.10.6).
std::string_view supported_algorithms(AlgorithmKind kind) noexcept;

/// What is offered where the user says nothing. Everything here passes ssh-audit without a "fail"; of equally strong ones the faster
/// stands first (docs/ssh.md has the figures).
std::string_view default_algorithms(AlgorithmKind kind) noexcept;

/// A list in OpenSSH's syntax (patterns with * and ?, "+more", "-fewer", "^first") over `defaults`, with only what `supported` names;
/// the names that fell out, in `dropped` when given. Empty when nothing is left.
std::string combine_algorithms(std::string_view wanted, std::string_view defaults, std::string_view supported,
                               std::vector<std::string>* dropped = nullptr);

/// The same over herder's defaults and libssh's abilities. Errors: unsupported (nothing is left, naming what was asked for).
Result<std::string> choose_algorithms(AlgorithmKind kind, std::string_view wanted);

/// The lists of `wanted`, with the defaults where it says nothing.
Algorithms with_default_algorithms(Algorithms wanted);

/// The host key algorithms to offer to a host for which keys of `known_types` are listed: those first, so that it shows a key that can
/// be checked. `wanted` empty: the defaults, and ECDSA, which is no default, for hosts that are known by such a key only.
std::string host_key_offer(std::string_view wanted, const std::vector<std::string>& known_types);

}  // namespace herder::transport
