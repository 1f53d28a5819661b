#include "transport/ssh_algorithms.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "transport/host_pattern.hpp"

namespace herder::transport {
namespace {

struct Lists {
  std::string_view what;
  std::string_view supported;
  std::string_view defaults;
};

// Not offered unless asked for: SHA-1 in any place, CBC, DH groups below 2048 bits, DSA, and the NIST curves, which ssh-audit fails.
constexpr std::array<Lists, 5> lists{{
    {"KexAlgorithms",
     "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group18-sha512,"
     "diffie-hellman-group16-sha512,diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256,diffie-hellman-group-exchange-sha1,"
     "diffie-hellman-group14-sha1,diffie-hellman-group1-sha1",
     "curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,"
     "diffie-hellman-group-exchange-sha256,diffie-hellman-group14-sha256"},
    {"Ciphers",
     "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr,aes256-cbc,aes192-cbc,"
     "aes128-cbc,3des-cbc",
     "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"},
    {"MACs", "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1",
     "hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha2-256,hmac-sha2-512"},
    {"HostKeyAlgorithms", "ssh-ed25519,ecdsa-sha2-nistp521,ecdsa-sha2-nistp384,ecdsa-sha2-nistp256,rsa-sha2-512,rsa-sha2-256,ssh-rsa",
     "ssh-ed25519,rsa-sha2-512,rsa-sha2-256"},
    {"PubkeyAcceptedAlgorithms",
     "ssh-ed25519,ssh-ed25519-cert-v01@openssh.com,rsa-sha2-512,rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256,rsa-sha2-256-cert-v01@openssh.com,"
     "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh.com,"
     "ecdsa-sha2-nistp521-cert-v01@openssh.com,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,sk-ssh-ed25519-cert-v01@openssh.com,"
     "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,ssh-rsa,ssh-rsa-cert-v01@openssh.com",
     "ssh-ed25519,ssh-ed25519-cert-v01@openssh.com,rsa-sha2-512,rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256,rsa-sha2-256-cert-v01@openssh.com,"
     "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,ecdsa-sha2-nistp256-cert-v01@openssh.com,ecdsa-sha2-nistp384-cert-v01@openssh.com,"
     "ecdsa-sha2-nistp521-cert-v01@openssh.com,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com"},
}};

const Lists& lists_of(AlgorithmKind kind) noexcept { return lists[static_cast<std::size_t>(kind)]; }

bool holds(const std::vector<std::string_view>& list, std::string_view name) { return std::ranges::find(list, name) != list.end(); }

std::string joined(const std::vector<std::string_view>& names) {
  std::string out;
  for (const std::string_view name : names) out.append(out.empty() ? "" : ",").append(name);
  return out;
}

std::vector<std::string_view> names_of(std::string_view list) {
  std::vector<std::string_view> out;
  for (const std::string_view name : text::split(list, ','))
    if (!name.empty()) out.push_back(name);
  return out;
}

}  // namespace

std::string_view supported_algorithms(AlgorithmKind kind) noexcept { return lists_of(kind).supported; }
std::string_view default_algorithms(AlgorithmKind kind) noexcept { return lists_of(kind).defaults; }

std::string combine_algorithms(std::string_view wanted, std::string_view defaults, std::string_view supported, std::vector<std::string>* dropped) {
  const char sign = wanted.empty() ? '\0' : wanted[0];
  const bool relative = sign == '+' || sign == '-' || sign == '^';
  if (relative) wanted.remove_prefix(1);
  const auto usual = names_of(defaults);
  const auto able = names_of(supported);
  std::vector<std::string_view> out;
  const auto take = [&](std::string_view pattern) {
    bool any = false;
    for (const std::string_view name : able) {
      if (!matches_pattern(name, pattern)) continue;
      any = true;
      if (!holds(out, name)) out.push_back(name);
    }
    if (!any && dropped != nullptr) dropped->emplace_back(pattern);
  };
  if (sign == '-') {
    for (const std::string_view name : usual)
      if (match_list(name, wanted) != ListMatch::match) out.push_back(name);
    return joined(out);
  }
  if (sign == '+') std::ranges::for_each(usual, take);
  std::ranges::for_each(names_of(wanted), take);
  if (sign == '^') std::ranges::for_each(usual, take);
  return joined(out);
}

Result<std::string> choose_algorithms(AlgorithmKind kind, std::string_view wanted) {
  std::string out = combine_algorithms(wanted, default_algorithms(kind), supported_algorithms(kind));
  if (out.empty()) return fail(Errc::unsupported, "libssh knows none of {} {}", lists_of(kind).what, text::printable(wanted));
  return out;
}

Algorithms with_default_algorithms(Algorithms wanted) {
  const auto fill = [](std::string& list, AlgorithmKind kind) {
    if (list.empty()) list = std::string(default_algorithms(kind));
  };
  fill(wanted.kex, AlgorithmKind::kex);
  fill(wanted.ciphers, AlgorithmKind::cipher);
  fill(wanted.macs, AlgorithmKind::mac);
  fill(wanted.host_keys, AlgorithmKind::host_key);
  fill(wanted.public_key, AlgorithmKind::public_key);
  return wanted;
}

std::string host_key_offer(std::string_view wanted, const std::vector<std::string>& known_types) {
  const auto is_known = [&](std::string_view algorithm) {
    return std::ranges::find(known_types, algorithm.starts_with("rsa-sha2-") ? "ssh-rsa" : algorithm) != known_types.end();
  };
  std::vector<std::string_view> order = names_of(wanted.empty() ? default_algorithms(AlgorithmKind::host_key) : wanted);
  if (wanted.empty()) {
    for (const std::string_view name : names_of(supported_algorithms(AlgorithmKind::host_key)))
      if (name.starts_with("ecdsa-") && is_known(name)) order.push_back(name);
  }
  std::ranges::stable_partition(order, is_known);
  return joined(order);
}

}  // namespace herder::transport
