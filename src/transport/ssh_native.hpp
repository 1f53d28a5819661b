// libssh's objects with an owner each. libssh's own headers stay in .cpp files.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "transport/target.hpp"

struct ssh_session_struct;
struct ssh_channel_struct;
struct ssh_key_struct;

namespace herder::transport {

struct FreeSshSession {
  void operator()(ssh_session_struct* session) const noexcept;
};
struct FreeSshKey {
  void operator()(ssh_key_struct* key) const noexcept;
};
using NativeSession = std::unique_ptr<ssh_session_struct, FreeSshSession>;
using NativeKey = std::unique_ptr<ssh_key_struct, FreeSshKey>;

/// What libssh says about its last failure, fit for people: printable, one line, at most 300 bytes. Parts of it come from the host.
std::string ssh_error_text(ssh_session_struct* session);

/// A session with all options of a target but its user, its socket and the order of host keys: parsed once, copied for each host.
/// `host_keys` is the list to offer. Errors: unsupported (nothing in a list is known to libssh).
Result<NativeSession> make_session_pattern(const Algorithms& algorithms, const std::string& host_keys, bool compression);

/// A new session with the options of `pattern`, which logs in as `user`.
Result<NativeSession> copy_session(ssh_session_struct* pattern, const std::string& user);

/// The public half of a key as the protocol carries it (RFC 4253 section 6.6); with its certificate when it has one.
std::string blob_of(ssh_key_struct* key);

}  // namespace herder::transport
