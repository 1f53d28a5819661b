// Public keys and known_hosts lines for tests; nobody has the private halves.
#pragma once

#include <string>
#include <string_view>

#include "base/text.hpp"

namespace herder::transport {

inline std::string blob_field(std::string_view bytes) {
  std::string out;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(bytes.size() >> shift & 0xffU);
  return out.append(bytes);
}

/// An ed25519 key that differs by `number`.
inline std::string ed25519_blob(unsigned number) {
  std::string key(32, 'k');
  for (std::size_t i = 0; i < 4; ++i) key[i] = static_cast<char>(number >> (8 * i) & 0xffU);
  return blob_field("ssh-ed25519") + blob_field(key);
}

/// An RSA key of 2048 bits that differs by `number`.
inline std::string rsa_blob(unsigned number) {
  std::string modulus = std::string(1, '\0') + std::string(256, static_cast<char>(0x80));
  for (std::size_t i = 0; i < 4; ++i) modulus[20 + i] = static_cast<char>(number >> (8 * i) & 0xffU);
  return blob_field("ssh-rsa") + blob_field(std::string("\x01\x00\x01", 3)) + blob_field(modulus);
}

/// "ssh-ed25519 AAAA...": the key part of a line.
inline std::string key_text(std::string_view blob) {
  const auto size = static_cast<unsigned char>(blob[3]);
  return std::string(blob.substr(4, size)) + " " + text::base64(blob);
}

}  // namespace herder::transport
