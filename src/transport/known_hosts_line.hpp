// One line of a known_hosts file. Format: SSH_KNOWN_HOSTS FILE FORMAT in sshd(8).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace herder::transport {

enum class KeyMarker : std::uint8_t { none, cert_authority, revoked };

/// What a line says; the views look into the line.
struct KnownHostsLine {
  KeyMarker marker = KeyMarker::none;
  std::string_view hosts;  // a comma-separated list of patterns, or one hashed name
  std::string_view type;
  std::string_view key;    // base64, checked
};

/// Nothing for blank lines and comments. Errors (parse): what ssh would pass over silently: unknown markers, malformed hashes and
/// keys, unknown key types.
Result<std::optional<KnownHostsLine>> parse_known_hosts_line(std::string_view line);

/// A hashed host name: |1|salt|hash, where hash is HMAC-SHA1 of the name under the salt. Testing a name costs two SHA-1 blocks (the
/// two that depend on the salt only are done once).
class HashedName {
 public:
  /// Nothing when `text` is not of the form above with salt and hash of 20 bytes.
  static std::optional<HashedName> parse(std::string_view text);
  /// A new one with a random salt, as text for a line. Errors: io (no random bytes).
  static Result<std::string> make(std::string_view name);
  [[nodiscard]] bool matches(std::string_view name) const noexcept;

 private:
  using State = std::array<std::uint32_t, 5>;
  State inner_{};
  State outer_{};
  std::array<unsigned char, 20> hash_{};
};

}  // namespace herder::transport
