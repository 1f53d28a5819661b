// What all hosts of one light lab share. Immutable once the lab runs.
#pragma once

#include <string>
#include <vector>

#include "base/secret.hpp"

namespace herder::lab {

struct LightSettings {
  std::string state_dir;        // absolute; hosts/NAME is a host's home, bin/ stands first in its PATH
  std::string user;             // the only login name: who runs the lab
  std::string shell;            // for sessions without a command
  std::string sftp_server;      // empty: there is none on this machine
  std::string authorized_keys;  // file with the public keys that may log in, read again when it changes
  Secret password;              // the one password that may log in
  Secret host_seed;             // makes the host keys
  int port = 22022;

  [[nodiscard]] std::string home_of(const std::string& host) const { return state_dir + "/hosts/" + host; }
};

/// Programs of this machine; empty when missing.
std::string find_sftp_server();
std::string find_shell();

}  // namespace herder::lab
