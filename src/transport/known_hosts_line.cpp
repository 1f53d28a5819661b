#include "transport/known_hosts_line.hpp"

#include <algorithm>
#include <cerrno>

#include <openssl/sha.h>
#include <sys/random.h>

#include "base/text.hpp"
#include "transport/key_blob.hpp"

namespace herder::transport {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::size_t digest_bytes = 20;

/// Takes the text up to the next blank, and the blanks behind it.
std::string_view take_word(std::string_view& rest) noexcept {
  const std::string_view word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  return word;
}

Result<KeyMarker> take_marker(std::string_view& rest) {
  if (!rest.starts_with('@')) return KeyMarker::none;
  const std::string_view word = take_word(rest);
  if (rest.starts_with('@')) return fail(Errc::parse, "only one marker may stand on a line");
  if (word == "@cert-authority") return KeyMarker::cert_authority;
  if (word == "@revoked") return KeyMarker::revoked;
  return fail(Errc::parse, "unknown marker '{}'", text::printable(text::cut(word, 64)));
}

/// SHA-1 with the low-level calls: they are the only ones that can start from a stored state, and cost a tenth of EVP's.
std::array<std::uint32_t, 5> state_after(const std::array<unsigned char, SHA_CBLOCK>& block) noexcept {
  SHA_CTX context;
  SHA1_Init(&context);
  SHA1_Update(&context, block.data(), block.size());
  return {context.h0, context.h1, context.h2, context.h3, context.h4};
}

std::array<unsigned char, digest_bytes> finish_from(const std::array<std::uint32_t, 5>& state, std::string_view bytes) noexcept {
  SHA_CTX context;
  SHA1_Init(&context);
  context.h0 = state[0];
  context.h1 = state[1];
  context.h2 = state[2];
  context.h3 = state[3];
  context.h4 = state[4];
  context.Nl = SHA_CBLOCK * 8;  // the block that made the state counts
  SHA1_Update(&context, bytes.data(), bytes.size());
  std::array<unsigned char, digest_bytes> digest{};
  SHA1_Final(digest.data(), &context);
  return digest;
}

std::string_view chars(const std::array<unsigned char, digest_bytes>& bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<std::optional<KnownHostsLine>> parse_known_hosts_line(std::string_view line) {
  line = line.substr(0, line.find('\0'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  if (line.empty() || line.starts_with('#')) return std::optional<KnownHostsLine>{};
  KnownHostsLine out;
  HERDER_TRY(out.marker, take_marker(line));
  out.hosts = take_word(line);
  out.type = take_word(line);
  out.key = take_word(line);
  if (out.hosts.starts_with('|') && !HashedName::parse(out.hosts)) return fail(Errc::parse, "malformed hashed host name");
  if (out.type.empty() || out.type.starts_with('#')) return fail(Errc::parse, "the line ends before the key type");
  if (out.key.empty()) return fail(Errc::parse, "the line ends before the key");
  const auto blob = text::unbase64(out.key);
  if (!blob) return fail(Errc::parse, "the key is not base64");
  const std::string_view type = type_of_blob(*blob);
  if (type != out.type) {
    return fail(Errc::parse, "the key type says '{}' but the key is of type '{}'", text::printable(text::cut(out.type, 64)),
                text::printable(text::cut(type, 64)));
  }
  HERDER_TRY_VOID(check_key_blob(*blob));
  return std::optional(out);
}

std::optional<HashedName> HashedName::parse(std::string_view text) {
  if (!text.starts_with("|1|")) return std::nullopt;
  text.remove_prefix(3);
  const std::size_t bar = text.find('|');
  if (bar == std::string_view::npos) return std::nullopt;
  const auto salt = text::unbase64(text.substr(0, bar));
  const auto hash = text::unbase64(text.substr(bar + 1));
  if (!salt || !hash || salt->size() != digest_bytes || hash->size() != digest_bytes) return std::nullopt;
  HashedName out;
  std::array<unsigned char, SHA_CBLOCK> inner{};
  std::array<unsigned char, SHA_CBLOCK> outer{};
  for (std::size_t i = 0; i < SHA_CBLOCK; ++i) {
    const unsigned char key = i < salt->size() ? static_cast<unsigned char>((*salt)[i]) : 0;
    inner[i] = key ^ 0x36U;  // RFC 2104
    outer[i] = key ^ 0x5cU;
  }
  out.inner_ = state_after(inner);
  out.outer_ = state_after(outer);
  std::ranges::copy(*hash, reinterpret_cast<char*>(out.hash_.data()));
  return out;
}

bool HashedName::matches(std::string_view name) const noexcept {
  return finish_from(outer_, chars(finish_from(inner_, name))) == hash_;
}

Result<std::string> HashedName::make(std::string_view name) {
  std::array<unsigned char, digest_bytes> salt{};
  if (::getrandom(salt.data(), salt.size(), 0) != static_cast<ssize_t>(salt.size()))
    return std::unexpected(os_error(errno, "read random bytes"));
  const std::string prefix = "|1|" + text::base64(chars(salt)) + "|";
  const auto half = parse(prefix + text::base64(chars(salt)));  // any hash: only the states are wanted
  HERDER_ASSERT(half.has_value());
  return prefix + text::base64(chars(finish_from(half->outer_, chars(finish_from(half->inner_, name)))));
}

}  // namespace herder::transport
