// Private keys, parsed once for a whole run: importing costs, and an encrypted key costs a bcrypt (tens of milliseconds).
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/secret.hpp"
#include "transport/ssh_native.hpp"
#include "transport/target.hpp"

namespace herder::transport {

/// An identity file and its certificates, or why it cannot be used. Immutable; libssh signs with it on several threads at a time.
struct IdentityKey {
  std::string path;
  std::string type;                  // "ssh-ed25519"; empty when unknown
  std::string blob;                  // public half; from PATH.pub when the private half cannot be read; may be empty
  NativeKey key;                     // null when unusable
  std::vector<NativeKey> certified;  // the key with a certificate each, to be tried first
  std::string problem;               // "is encrypted and no passphrase is given"
  bool missing = false;
};

/// Every identity file that a run has met. Thread-safe; load() blocks (files, bcrypt): call it on a worker thread.
class SshKeyStore {
 public:
  using Keys = std::vector<std::shared_ptr<const IdentityKey>>;

  /// The identity files of `credentials`, in order.
  Keys load(const Credentials& credentials);

 private:
  struct Slot {
    std::once_flag once;
    std::shared_ptr<const IdentityKey> key;
  };
  std::shared_ptr<const IdentityKey> load_one(const std::string& path, const Credentials& credentials);

  std::mutex lock_;  // guards slots_, not what they point to
  std::unordered_map<std::string, std::shared_ptr<Slot>> slots_;
};

/// Whether a certificate was made for a public key (both as blobs): its parameters follow the certificate's nonce.
bool certifies(std::string_view certificate_blob, std::string_view key_blob) noexcept;

}  // namespace herder::transport
