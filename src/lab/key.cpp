#include "lab/key.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

#include "base/text.hpp"

namespace herder::lab {
namespace {

constexpr std::size_t seed_bytes = 32;
constexpr std::string_view key_type = "ssh-ed25519";

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

/// RFC 4251 section 5: "uint32" and "string".
void put_u32(std::string& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xffU));
}
void put_string(std::string& out, std::string_view text) {
  put_u32(out, text.size());
  out += text;
}

std::string public_bytes(const Secret& seed) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes_of(seed.reveal()), seed_bytes), &EVP_PKEY_free);
  HERDER_ASSERT(key != nullptr);
  std::string out(seed_bytes, '\0');
  std::size_t size = out.size();
  const int good = EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(out.data()), &size);
  HERDER_ASSERT(good == 1 && size == seed_bytes);
  return out;
}

std::string public_blob(std::string_view public_key) {
  std::string blob;
  put_string(blob, key_type);
  put_string(blob, public_key);
  return blob;
}

/// The part that a passphrase would encrypt.
std::string private_part(const Secret& seed, std::string_view public_key, std::string_view comment) {
  std::string out;
  put_u32(out, 0x6c616221);  // the same number twice: lets a reader check its decryption
  put_u32(out, 0x6c616221);
  put_string(out, key_type);
  put_string(out, public_key);
  std::string both(seed.reveal());
  both += public_key;
  put_string(out, both);
  wipe(both);
  put_string(out, comment);
  for (char pad = 1; out.size() % 8 != 0; ++pad) out.push_back(pad);
  return out;
}

}  // namespace

Result<Secret> random_seed() {
  std::array<unsigned char, seed_bytes> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) return fail(Errc::io, "the system gives no random bytes");
  Secret seed(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  wipe(bytes.data(), bytes.size());
  return seed;
}

Secret derive_seed(const Secret& seed, std::string_view label) {
  std::array<unsigned char, seed_bytes> out{};
  unsigned size = 0;
  HMAC(EVP_sha256(), seed.reveal().data(), static_cast<int>(seed.reveal().size()), bytes_of(label), label.size(), out.data(), &size);
  HERDER_ASSERT(size == seed_bytes);
  Secret derived(std::string_view(reinterpret_cast<const char*>(out.data()), out.size()));
  wipe(out.data(), out.size());
  return derived;
}

std::string public_key_line(const Secret& seed) {
  return fmt::format("{} {}", key_type, text::base64(public_blob(public_bytes(seed))));
}

Secret private_key_text(const Secret& seed, std::string_view comment) {
  const std::string public_key = public_bytes(seed);
  std::string blob("openssh-key-v1\0", 15);
  put_string(blob, "none");
  put_string(blob, "none");
  put_string(blob, "");
  put_u32(blob, 1);
  put_string(blob, public_blob(public_key));
  std::string inner = private_part(seed, public_key, comment);
  put_string(blob, inner);
  wipe(inner);
  std::string encoded = text::base64(blob);
  wipe(blob);
  std::string out = "-----BEGIN OPENSSH PRIVATE KEY-----\n";
  for (std::size_t at = 0; at < encoded.size(); at += 70) out.append(encoded, at, 70).push_back('\n');
  out += "-----END OPENSSH PRIVATE KEY-----\n";
  Secret made(out);
  wipe(out);
  wipe(encoded);
  return made;
}

Result<Secret> random_password() {
  constexpr std::string_view letters = "abcdefghjkmnpqrstuvwxyz23456789";  // nothing that looks alike
  HERDER_TRY(const Secret seed, random_seed());
  std::string word;
  for (std::size_t i = 0; i < 20; ++i) word.push_back(letters[static_cast<unsigned char>(seed.reveal()[i]) % letters.size()]);
  Secret password(word);
  wipe(word);
  return password;
}

}  // namespace herder::lab
