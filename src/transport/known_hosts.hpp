// Which keys hosts have, from known_hosts files: what OpenSSH's client decides from the same files (its hostfile.c), but read once for a
// whole run and indexed by name.
//
// Ownership and threads: a KnownHostsStore lives as long as the run and owns the files; KnownHosts is a shared view on some of them
// (a target's UserKnownHostsFile and GlobalKnownHostsFile), everything on it may be called from any thread. Only open() and accept()
// touch the disk: call them on a worker thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace herder::transport {

class KnownHostsFile;

enum class HostKeyState : std::uint8_t {
  match,                // the key is listed for the host
  unknown,              // nothing is listed for the host
  changed,              // other keys are listed for the host (of whatever type), this one is not
  revoked,              // the key is marked @revoked for the host
  only_cert_authority,  // nothing is listed but a @cert-authority, which cannot vouch for a plain key
};

/// A decision and the line that made it (none for `unknown`): for `changed` a line with a key of the same type if there is one.
struct HostKeyVerdict {
  HostKeyState state = HostKeyState::unknown;
  std::string file{};
  int line = 0;
  std::string listed_type{};    // of the key in that line
  bool cert_authority = false;  // some @cert-authority line covers the host, whatever the state
};

class KnownHosts {
 public:
  /// The most hashed lines whose test is quick enough for a loop thread (about half a millisecond); see hashed_lines().
  static constexpr std::size_t few_hashed_lines = 2000;

  KnownHosts(std::vector<std::shared_ptr<KnownHostsFile>> files, bool writable) : files_(std::move(files)), writable_(writable) {}

  /// `host` is the name or numeric address connected to, or a HostKeyAlias with port 0. With a port other than 22 the name
  /// "[host]:port" is looked up, and when nothing is listed there, a matching key under the bare name counts too, as in ssh.
  /// O(1) for plain names; wildcard lines are gone through; hashed lines cost two SHA-1 blocks each the first time a name is asked for.
  [[nodiscard]] HostKeyVerdict verify(std::string_view host, int port, std::string_view key_blob) const;

  /// Key types listed for the host, in the order of the files, without duplicates: ask the server for these first. Names of key
  /// types, not of signature algorithms: "ssh-rsa" stands for rsa-sha2-512 and rsa-sha2-256 too.
  [[nodiscard]] std::vector<std::string> known_types(std::string_view host, int port) const;

  /// Whether a @cert-authority line covers the host. libssh cannot check host certificates; the system's ssh can.
  [[nodiscard]] bool has_cert_authority(std::string_view host, int port) const;

  /// Whether any @cert-authority line is there at all. O(number of files).
  [[nodiscard]] bool has_authorities() const;

  /// Lists a key that the user wants to trust, in the first user file, and in memory. `hashed` hides the name (HashKnownHosts). A
  /// key that is listed already is not written again, also when another process wrote it meanwhile. Takes a lock (flock) on the file, for at
  /// most 5 s; makes the file (0600) and its directory (0700) where missing. Devices such as /dev/null are not written to.
  /// Errors: io, denied, timeout (another process holds the lock), not_found (no user file is configured); the key is then
  /// remembered for this run all the same.
  Result<> accept(std::string_view host, int port, std::string_view key_blob, bool hashed);

  /// Lines that were passed over, unreadable files: one each with place, in file order. Empty or small.
  [[nodiscard]] std::vector<Error> warnings() const;
  [[nodiscard]] std::size_t hashed_lines() const;
  /// For texts: the file that accept() writes to; "" for none.
  [[nodiscard]] std::string writes_to() const;

 private:
  std::vector<std::shared_ptr<KnownHostsFile>> files_;  // in the order of decision: user's, then the system's
  bool writable_;                                       // the first file is a user's
};

/// Every known_hosts file that a run has met, read once. Thread-safe.
class KnownHostsStore {
 public:
  KnownHostsStore();
  ~KnownHostsStore();
  KnownHostsStore(const KnownHostsStore&) = delete;
  KnownHostsStore& operator=(const KnownHostsStore&) = delete;

  /// The view on these files (expanded paths). Missing files are empty. The same lists give the same view. Reads files that were not met
  /// before: 100,000 plain lines took 0.2 s in a dev build.
  std::shared_ptr<KnownHosts> open(const std::vector<std::string>& user_files, const std::vector<std::string>& global_files);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The name under which known_hosts lists a host: lower case, "[host]:port" unless the port is 22 or 0.
std::string known_hosts_name(std::string_view host, int port);

}  // namespace herder::transport
