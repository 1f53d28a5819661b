#include "transport/ssh_keys.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <libssh/libssh.h>
#include <openssl/sha.h>

#include "base/file.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "transport/key_blob.hpp"

namespace herder::transport {
namespace {

constexpr std::size_t largest_key_file = 1U << 20U;
constexpr std::size_t length_size = 4;

std::uint32_t length_at(std::string_view blob, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(blob[at + i])); };
  return (byte(0) << 24U) | (byte(1) << 16U) | (byte(2) << 8U) | byte(3);
}

/// What follows the first string of a blob; empty when there is none.
std::string_view after_string(std::string_view blob) noexcept {
  if (blob.size() < length_size || blob.size() - length_size < length_at(blob, 0)) return {};
  return blob.substr(length_size + length_at(blob, 0));
}

/// Group and others must not be able to read a private key, as in ssh; only checked for files of ours.
bool too_open(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && info.st_uid == ::geteuid() && (info.st_mode & 077U) != 0;
}

/// The public key in the text of an OpenSSH .pub file, as a blob.
std::string public_blob(std::string_view text) {
  const auto words = text::split(text::trim(text), ' ');
  return words.size() < 2 ? std::string() : text::unbase64(words[1]).value_or(std::string());
}

std::string base64_body(std::string_view text) {
  std::string body;
  for (const std::string_view line : text::lines(text))
    if (!line.starts_with("-----")) body += text::trim(line);
  return text::unbase64(body).value_or(std::string());
}

/// From the format alone, since libssh only says that it could not read the file.
bool is_encrypted(std::string_view text) {
  if (text.contains("ENCRYPTED")) return true;  // PEM and PKCS#8 say so in clear
  if (!text.contains("BEGIN OPENSSH PRIVATE KEY")) return false;
  constexpr std::string_view magic("openssh-key-v1\0", 15);
  const std::string body = base64_body(text);
  const std::string_view rest = std::string_view(body).substr(std::min(magic.size(), body.size()));
  return body.starts_with(magic) && rest.substr(0, length_size + 4) != std::string_view("\0\0\0\4none", 8);
}

bool is_hardware_key(std::string_view text) { return base64_body(text).contains("sk-"); }

void import_private(IdentityKey& into, const std::string& text, const Secret& passphrase) {
  const bool encrypted = is_encrypted(text);
  if (encrypted && passphrase.empty()) {
    into.problem = "is encrypted and no passphrase is given";
    return;
  }
  std::string secret(passphrase.reveal());
  ssh_key raw = nullptr;
  const int rc = ssh_pki_import_privkey_base64(text.c_str(), encrypted ? secret.c_str() : nullptr, nullptr, nullptr, &raw);
  wipe(secret);
  if (rc != SSH_OK) {
    into.problem = encrypted               ? "does not open with the passphrase given"
                   : is_hardware_key(text) ? "is a key of a security token; load it into ssh-agent (ssh-add)"
                                           : "is not a private key that libssh can read";
    return;
  }
  into.key.reset(raw);
  into.type = ssh_key_type_to_char(ssh_key_type(raw));
  into.blob = blob_of(raw);
}

void add_certificate(IdentityKey& into, const std::string& path) {
  ssh_key raw = nullptr;
  if (ssh_pki_import_cert_file(path.c_str(), &raw) != SSH_OK) {
    log::warn("ssh.certificate", {{"file", path}, {"problem", "not a certificate that libssh can read"}});
    return;
  }
  const NativeKey certificate(raw);
  if (!certifies(blob_of(raw), into.blob)) return;
  NativeKey both(ssh_key_dup(into.key.get()));
  if (both && ssh_pki_copy_cert_to_privkey(raw, both.get()) == SSH_OK) into.certified.push_back(std::move(both));
}

std::shared_ptr<const IdentityKey> read_identity(const std::string& path, const Credentials& credentials) {
  auto made = std::make_shared<IdentityKey>();
  made->path = path;
  Result<std::string> text = read_file(path, largest_key_file);
  if (!text) {
    made->missing = text.error().code == Errc::not_found;
    made->problem = made->missing ? "does not exist" : text.error().what;
  } else if (too_open(path)) {
    made->problem = "can be read by others; run: chmod 600 " + text::shell_quote(path);
  } else {
    import_private(*made, *text, credentials.passphrase);
  }
  if (text) wipe(*text);
  if (!made->key) {
    if (const auto half = read_file(path + ".pub", largest_key_file)) made->blob = public_blob(*half);
    made->type = std::string(type_of_blob(made->blob));
    return made;
  }
  for (const std::string& certificate : credentials.certificate_files) add_certificate(*made, certificate);
  const std::string beside = path + "-cert.pub";
  if (::access(beside.c_str(), R_OK) == 0) add_certificate(*made, beside);
  return made;
}

/// Slots are found by file, certificates and passphrase; the passphrase goes in as a hash, so that the map holds no secret.
std::string slot_name(const std::string& path, const Credentials& credentials) {
  std::string name = path;
  for (const std::string& certificate : credentials.certificate_files) name += '\0' + certificate;
  unsigned char hash[SHA256_DIGEST_LENGTH];
  const std::string_view secret = credentials.passphrase.reveal();
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), hash);
  name += '\0';
  name.append(reinterpret_cast<const char*>(hash), sizeof hash);
  return name;
}

}  // namespace

bool certifies(std::string_view certificate_blob, std::string_view key_blob) noexcept {
  const std::string_view parameters = after_string(key_blob);
  const std::string_view after_nonce = after_string(after_string(certificate_blob));
  return !parameters.empty() && after_nonce.starts_with(parameters);
}

std::shared_ptr<const IdentityKey> SshKeyStore::load_one(const std::string& path, const Credentials& credentials) {
  std::shared_ptr<Slot> slot;
  {
    const std::lock_guard guard(lock_);
    std::shared_ptr<Slot>& place = slots_[slot_name(path, credentials)];
    if (!place) place = std::make_shared<Slot>();
    slot = place;
  }
  std::call_once(slot->once, [&] { slot->key = read_identity(path, credentials); });
  return slot->key;
}

SshKeyStore::Keys SshKeyStore::load(const Credentials& credentials) {
  Keys keys;
  for (const std::string& path : credentials.identity_files) keys.push_back(load_one(expand_user(path), credentials));
  return keys;
}

}  // namespace herder::transport
