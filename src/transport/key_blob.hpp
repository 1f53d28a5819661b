// Public keys as the SSH protocol carries them: a "blob" whose first field names its type (RFC 4253 section 6.6).
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"

namespace herder::transport {

/// The type a blob names ("ssh-ed25519"); empty when it is no blob.
std::string_view type_of_blob(std::string_view blob) noexcept;

/// "SHA256:" and the hash in base64 without padding, as ssh and ssh-keygen print it.
std::string fingerprint(std::string_view blob);

/// Checks that a blob is a whole public key or certificate of a type that OpenSSH knows: right fields, right sizes, RSA of 1024
/// bits or more. Curve points and moduli are not looked into. Errors: parse, telling what is wrong.
Result<> check_key_blob(std::string_view blob);

/// "ECDSA", "ED25519", "RSA" ... as ssh calls a key type when it talks to people; the name itself for unknown ones.
std::string_view short_key_name(std::string_view type) noexcept;

}  // namespace herder::transport
