#include "transport/target_share.hpp"

#include <openssl/sha.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"

namespace herder::transport {
namespace {

constexpr std::size_t most_warnings = 50;

void add(std::string& key, std::string_view part) { key += std::to_string(part.size()) + ":" + std::string(part); }

void add(std::string& key, const std::vector<std::string>& parts) {
  key += std::to_string(parts.size()) + "[";
  for (const std::string& part : parts) add(key, part);
}

/// Stands for a secret in a key without being it.
std::string digest_of(const std::string& salt, const Secret& secret) {
  if (secret.empty()) return {};
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, salt.data(), salt.size());
  SHA256_Update(&context, secret.reveal().data(), secret.reveal().size());
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256_Final(reinterpret_cast<unsigned char*>(digest.data()), &context);
  return digest;
}

}  // namespace

TargetShare::TargetShare() : salt_(16, '\0') { HERDER_ASSERT(::getrandom(salt_.data(), salt_.size(), 0) == static_cast<ssize_t>(salt_.size())); }

std::string TargetShare::key_of(const Credentials& of) const {
  std::string key;
  add(key, of.identity_files);
  add(key, of.certificate_files);
  add(key, of.preferred);
  add(key, of.agent_socket);
  add(key, digest_of(salt_, of.password));
  add(key, digest_of(salt_, of.passphrase));
  key += of.identities_only ? '1' : '0';
  return key;
}

std::shared_ptr<const Credentials> TargetShare::credentials(Credentials wanted) {
  const std::string key = key_of(wanted);
  const std::lock_guard guard(lock_);
  auto& place = credentials_[key];
  if (!place) place = std::make_shared<const Credentials>(std::move(wanted));
  return place;
}

std::shared_ptr<const Target> TargetShare::jump(Target wanted) {
  std::string key;
  for (const std::string* part : {&wanted.address, &wanted.user, &wanted.proxy_command, &wanted.host_key_alias, &wanted.algorithms.kex,
                                  &wanted.algorithms.ciphers, &wanted.algorithms.macs, &wanted.algorithms.host_keys, &wanted.algorithms.public_key})
    add(key, *part);
  add(key, wanted.user_known_hosts);
  add(key, wanted.global_known_hosts);
  key += fmt::format("{} {} {} {} {} {} {} {} {}", wanted.port, static_cast<int>(wanted.method), static_cast<int>(wanted.family),
                     static_cast<int>(wanted.host_keys), wanted.hash_known_hosts, wanted.compression, wanted.connect_timeout.count(),
                     wanted.alive_interval.count(), wanted.alive_count_max);
  key += fmt::format(" {}", static_cast<const void*>(wanted.credentials.get()));  // already shared
  const std::lock_guard guard(lock_);
  auto& place = jumps_[key];
  if (!place) place = std::make_shared<const Target>(std::move(wanted));
  return place;
}

Result<SharedArgs> TargetShare::args(const std::string& text, const std::string& source) {
  const std::lock_guard guard(lock_);
  const auto known = args_.find({text, source});
  if (known != args_.end()) return known->second;
  auto parsed = parse_ssh_args(text, source);
  Result<SharedArgs> shared = parsed ? Result<SharedArgs>(std::make_shared<const SshArgs>(*std::move(parsed))) : std::unexpected(parsed.error());
  return args_.emplace(std::pair(text, source), std::move(shared)).first->second;
}

Result<std::shared_ptr<const SshConfig>> TargetShare::config(const std::string& path, const LocalFacts& local) {
  const std::lock_guard guard(lock_);
  const auto known = configs_.find(path);
  if (known != configs_.end()) return known->second;
  const bool none = text::lower(path) == "none";
  auto loaded = SshConfig::load({.user_file = none ? "" : path, .system_file = "", .home = local.home, .must_exist = !none}, local);
  return configs_.emplace(path, std::move(loaded)).first->second;
}

bool TargetShare::exists(const std::string& path) {
  const std::lock_guard guard(lock_);
  const auto [place, fresh] = exists_.try_emplace(path, false);
  if (fresh) place->second = ::access(path.c_str(), F_OK) == 0;
  return place->second;
}

void TargetShare::warn(Error warning) {
  const std::lock_guard guard(lock_);
  if (warnings_.size() < most_warnings && warned_.insert(warning.what).second) warnings_.push_back(std::move(warning));
}

std::vector<Error> TargetShare::take_warnings() {
  const std::lock_guard guard(lock_);
  return std::exchange(warnings_, {});
}

}  // namespace herder::transport
