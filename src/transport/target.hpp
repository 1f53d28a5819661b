// How one host is reached: the answer of inventory variables, ssh_config and command line together (target_from.hpp makes it).
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace herder::transport {

enum class Method : std::uint8_t {
  ssh,         // libssh inside herder
  system_ssh,  // the system's `ssh` program, for what libssh lacks (the reason is in Target::system_ssh_reason)
  local,       // fork and exec on this machine
};

enum class HostKeyPolicy : std::uint8_t {
  strict,      // unknown and changed keys are refused
  accept_new,  // unknown keys are taken and written down; changed keys are refused
  off,         // unknown keys are taken and not written down; changed keys only warn. Never a default.
};

enum class AddressFamily : std::uint8_t { any, inet, inet6 };

/// What proves who we are. Shared by the many targets that have the same; immutable once made. Secrets inside are wiped at the end.
struct Credentials {
  std::vector<std::string> identity_files;      // private keys in the order in which they are tried
  std::vector<std::string> certificate_files;   // CertificateFile; KEY-cert.pub beside a key is found anyway
  bool identities_only = false;                 // no agent keys except those named
  std::string agent_socket;                     // empty: no agent
  Secret password;                              // for password and keyboard-interactive
  Secret passphrase;                            // for encrypted identity files
  std::vector<std::string> preferred;           // PreferredAuthentications; empty: publickey, keyboard-interactive, password
};

/// Algorithm lists in OpenSSH's syntax after resolving + - ^; empty: herder's own default (ssh_algorithms.hpp).
struct Algorithms {
  std::string kex;
  std::string ciphers;
  std::string macs;
  std::string host_keys;
  std::string public_key;  // PubkeyAcceptedAlgorithms
};

struct Target {
  std::string name;  // the inventory's name: for people and reports
  Method method = Method::ssh;
  std::string system_ssh_reason;
  std::vector<std::string> system_ssh_options;  // passed on to the system's ssh, "-o", "GSSAPIAuthentication=yes"

  std::string address;  // host name or numeric address to connect to; for system_ssh the name that it is to be given
  AddressFamily family = AddressFamily::any;
  int port = 22;
  std::string user;
  std::shared_ptr<const Credentials> credentials;
  Algorithms algorithms;

  HostKeyPolicy host_keys = HostKeyPolicy::strict;
  std::string host_key_alias;                       // looked up instead of the address
  std::vector<std::string> user_known_hosts;        // the first one is written to by accept_new
  std::vector<std::string> global_known_hosts;
  bool hash_known_hosts = false;                    // accept_new hides names

  std::vector<std::shared_ptr<const Target>> jumps;  // ProxyJump, first hop first; for system_ssh only to know that there are some
  std::string proxy_command;                         // expanded, run by /bin/sh; "" for none

  Duration connect_timeout = std::chrono::seconds(10);
  Duration alive_interval = std::chrono::seconds(15);  // ServerAliveInterval; 0: off
  int alive_count_max = 3;
  bool compression = false;
  std::vector<std::string> send_env;                               // names of variables passed on (SendEnv)
  std::vector<std::pair<std::string, std::string>> set_env;        // SetEnv

};

}  // namespace herder::transport
