// Ed25519 keys in OpenSSH's formats, made from 32 secret bytes: the lab's client key and one host key for each host.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace herder::lab {

/// 32 random bytes. Errors: io (no entropy).
Result<Secret> random_seed();
/// 32 bytes that depend on `seed` and `label` only (HMAC-SHA256), so that one secret file makes the keys of all hosts.
Secret derive_seed(const Secret& seed, std::string_view label);

/// "ssh-ed25519 AAAA...", without comment and line end.
std::string public_key_line(const Secret& seed);
/// The unencrypted private key as `ssh-keygen` writes it (openssh-key-v1, PROTOCOL.key of OpenSSH).
Secret private_key_text(const Secret& seed, std::string_view comment);

/// A password that can be typed: 20 lower-case letters and digits.
Result<Secret> random_password();

}  // namespace herder::lab
