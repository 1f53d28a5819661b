// When a host goes through the system's `ssh`: settings that libssh has no equivalent for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "transport/ssh_config.hpp"

namespace herder::transport {

/// What a reason depends on beside the settings themselves.
struct ReasonFacts {
  bool has_password = false;
  bool has_agent = false;
  bool has_key_file = false;                // a usable one exists
  bool has_kerberos_ticket = false;
  std::vector<std::string> identity_files;  // that exist, named by the user
};

/// Why libssh will not do, in words for people ("PKCS11Provider /usr/lib/x.so (/home/u/.ssh/config:7)"); nothing when it will.
std::optional<std::string> why_system_ssh(const HostSettings& host, const ReasonFacts& facts);

/// True when a Kerberos ticket cache is there to be used (KRB5CCNAME, or the usual file).
bool kerberos_ticket_exists();

/// The key type of an identity file, from FILE.pub or the public part of FILE; "" when that cannot be told. Blocking, small.
std::string identity_file_type(const std::string& path);

/// Settings that are understood and have no effect here, for a debug log: "forwardx11 (/etc/ssh/ssh_config:20)".
std::vector<std::string> without_effect(const HostSettings& host);

}  // namespace herder::transport
