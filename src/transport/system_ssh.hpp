// Hosts that the system's `ssh` reaches, for what libssh lacks (FIDO keys without agent, GSSAPI, PKCS#11, host certificates, odd options).
//
// A session is one `ssh` that holds the connection (ControlMaster, its socket in a private directory) and one `ssh` a command that
// uses it. Every process of a session ends with it, and with herder. Costs about 10 MB and two processes a session.
#pragma once

#include <memory>

#include "transport/session.hpp"

namespace herder::transport {

/// Targets need `address` and `system_ssh_options` (ssh reads ssh_config by itself), and a password where one is wanted: it reaches ssh
/// through SSH_ASKPASS and a pipe in the private directory, never through a command line, a file or the environment. A password
/// for a host behind a jump host is refused, since the jump host would be given it as well.
/// Errors of connecting: denied (login or host key refused), unreachable, timeout, not_found (no ssh here), each with ssh's last word.
std::unique_ptr<Connector> make_system_ssh_connector();

}  // namespace herder::transport
