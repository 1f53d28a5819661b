#include "transport/key_blob.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <optional>

#include <openssl/sha.h>

#include "base/text.hpp"

namespace herder::transport {
namespace {

constexpr std::size_t rsa_bits_least = 1024;
constexpr std::size_t rsa_bits_most = 16384;

struct KeyType {
  std::string_view name;
  std::string_view fields;  // what follows the type: k 32-byte key, c curve name, p point, m number, n RSA modulus, s any text; "*" not looked into
  std::string_view curve;
  std::string_view shown;
};

constexpr std::array key_types{
    KeyType{"ssh-ed25519", "k", "", "ED25519"},
    KeyType{"ssh-rsa", "mn", "", "RSA"},
    KeyType{"ssh-dss", "mmmm", "", "DSA"},
    KeyType{"ecdsa-sha2-nistp256", "cp", "nistp256", "ECDSA"},
    KeyType{"ecdsa-sha2-nistp384", "cp", "nistp384", "ECDSA"},
    KeyType{"ecdsa-sha2-nistp521", "cp", "nistp521", "ECDSA"},
    KeyType{"sk-ssh-ed25519@openssh.com", "ks", "", "ED25519-SK"},
    KeyType{"sk-ecdsa-sha2-nistp256@openssh.com", "cps", "nistp256", "ECDSA-SK"},
    KeyType{"ssh-ed25519-cert-v01@openssh.com", "*", "", "ED25519-CERT"},
    KeyType{"ssh-rsa-cert-v01@openssh.com", "*", "", "RSA-CERT"},
    KeyType{"ssh-dss-cert-v01@openssh.com", "*", "", "DSA-CERT"},
    KeyType{"ecdsa-sha2-nistp256-cert-v01@openssh.com", "*", "", "ECDSA-CERT"},
    KeyType{"ecdsa-sha2-nistp384-cert-v01@openssh.com", "*", "", "ECDSA-CERT"},
    KeyType{"ecdsa-sha2-nistp521-cert-v01@openssh.com", "*", "", "ECDSA-CERT"},
    KeyType{"sk-ssh-ed25519-cert-v01@openssh.com", "*", "", "ED25519-SK-CERT"},
    KeyType{"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "*", "", "ECDSA-SK-CERT"},
};

const KeyType* find_type(std::string_view name) noexcept {
  for (const KeyType& type : key_types)
    if (type.name == name) return &type;
  return nullptr;
}

/// Takes one length-prefixed field off the front.
std::optional<std::string_view> take_field(std::string_view& rest) noexcept {
  if (rest.size() < 4) return std::nullopt;
  std::size_t size = 0;
  for (int i = 0; i < 4; ++i) size = size << 8U | static_cast<unsigned char>(rest[static_cast<std::size_t>(i)]);
  if (size > rest.size() - 4) return std::nullopt;
  const std::string_view field = rest.substr(4, size);
  rest.remove_prefix(4 + size);
  return field;
}

/// Bits of a positive number in the protocol's form; 0 for zero and negative ones.
std::size_t bits_of(std::string_view number) noexcept {
  if (!number.empty() && (static_cast<unsigned char>(number[0]) & 0x80U) != 0) return 0;
  while (!number.empty() && number[0] == '\0') number.remove_prefix(1);
  return number.empty() ? 0 : number.size() * 8 - static_cast<std::size_t>(std::countl_zero(static_cast<unsigned char>(number[0])));
}

Result<> check_field(char kind, std::string_view field, const KeyType& type) {
  if (kind == 'k' && field.size() != 32) return fail(Errc::parse, "the key has {} bytes instead of 32", field.size());
  if (kind == 'c' && field != type.curve) return fail(Errc::parse, "the key is on curve '{}', not on {}", text::printable(field), type.curve);
  if (kind == 'p' && (field.size() < 2 || field[0] != 4)) return fail(Errc::parse, "the key has no uncompressed curve point");
  if (kind == 'm' && bits_of(field) == 0) return fail(Errc::parse, "a number of the key is not positive");
  if (kind == 'n' && (bits_of(field) < rsa_bits_least || bits_of(field) > rsa_bits_most))
    return fail(Errc::parse, "an RSA key of {} bits is not in {}..{}", bits_of(field), rsa_bits_least, rsa_bits_most);
  return {};
}

}  // namespace

std::string_view type_of_blob(std::string_view blob) noexcept { return take_field(blob).value_or(""); }

std::string fingerprint(std::string_view blob) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(blob.data()), blob.size(), digest.data());
  std::string encoded = text::base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  while (encoded.ends_with('=')) encoded.pop_back();
  return "SHA256:" + encoded;
}

Result<> check_key_blob(std::string_view blob) {
  const auto name = take_field(blob);
  if (!name) return fail(Errc::parse, "this is not an SSH public key");
  const KeyType* type = find_type(*name);
  if (type == nullptr) return fail(Errc::parse, "unknown key type '{}'", text::printable(text::cut(*name, 64)));
  if (type->fields == "*") return {};
  for (const char kind : type->fields) {
    const auto field = take_field(blob);
    if (!field) return fail(Errc::parse, "the {} key is cut short", name.value());
    HERDER_TRY_VOID(check_field(kind, *field, *type));
  }
  if (!blob.empty()) return fail(Errc::parse, "{} bytes follow the {} key", blob.size(), name.value());
  return {};
}

std::string_view short_key_name(std::string_view type) noexcept {
  const KeyType* known = find_type(type);
  return known == nullptr ? type : known->shown;
}

}  // namespace herder::transport
