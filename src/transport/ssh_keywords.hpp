// The keywords of ssh_config as a table: what each takes, and what herder does about it. Source: ssh_config(5) of OpenSSH 9.2 with
// Debian's additions, and the later keywords that do no harm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace herder::transport {

enum class Key : std::uint8_t {
  // structure of the file
  host, match, include, ignore_unknown,
  // what herder acts on
  host_name, port, user, identity_file, certificate_file, identities_only, identity_agent, proxy_jump, proxy_command,
  user_known_hosts, global_known_hosts, host_key_alias, strict_host_key, hash_known_hosts, no_host_auth_for_localhost,
  connect_timeout, alive_interval, alive_count, kex, ciphers, macs, host_key_algorithms, public_key_algorithms, preferred,
  password_auth, kbdint_auth, public_key_auth, send_env, set_env, compression, batch_mode, address_family,
  // what only the system's ssh can do (ssh_reasons.cpp says when)
  canonicalize, gssapi_auth, gssapi_kex, gssapi_delegate, hostbased_auth, pkcs11_provider, security_key_provider, tunnel,
  known_hosts_command, revoked_host_keys, verify_dns, proxy_fdpass, bind_address, bind_interface, required_rsa_size,
  permit_local_command, refuse_connection,
  // understood and left aside, with a word to the user or without
  forward_agent, forward_x11, remote_command, harmless,
  count
};

/// What follows a keyword.
enum class Form : std::uint8_t {
  one,         // one word
  flag,        // yes, no, true, false
  choice,      // one word of Keyword::choices
  port,        // 1..65535
  number,      // 0..INT_MAX
  time,        // seconds, "1h30m", "none"
  names,       // words; "none" only alone
  env,         // SendEnv: variable names
  assignments, // SetEnv: NAME=VALUE
  algorithms,  // a comma-separated list, perhaps behind + - ^
  line,        // the rest of the line as it is
  jump,        // ProxyJump
  any,         // one word or more
  structure,   // Host, Match, Include, IgnoreUnknown
  deprecated,  // passed over by ssh too
};

struct Keyword {
  std::string_view name;  // lower case
  Key key;
  Form form;
  std::string_view choices = "";  // blank-separated, lower case
};

/// The keyword in lower case, or nullptr.
const Keyword* find_keyword(std::string_view lower_name) noexcept;
/// Its name as people write it in texts ("identityfile"); for aliases the first name.
std::string_view keyword_name(Key key) noexcept;
/// A known keyword that is like `lower_name`, for "did you mean"; "" when none is.
std::string nearest_keyword(std::string_view lower_name);

/// One line of a configuration (or one -o option) in effect: keyword and arguments, checked.
struct Directive {
  Key key = Key::harmless;
  std::string keyword;             // as written, in lower case
  std::vector<std::string> args;   // unquoted
  std::string rest;                // what follows the keyword, for Form::line and Form::jump
  std::string file;                // where it stands; "command line", "ansible_ssh_common_args" for options
  int line = 0;
  bool from_user = true;           // the user's own file or option, not the system's file

  [[nodiscard]] Where where() const { return {.file = line > 0 ? file : "", .line = line}; }
  /// "/home/u/.ssh/config:7", or what gave the option.
  [[nodiscard]] std::string place() const;
};

/// Checks what follows `keyword`. Errors: parse, with what is allowed.
Result<> check_arguments(const Keyword& keyword, const Directive& directive);

/// yes and true against no and false, any case. Checked before: anything else counts as no.
bool is_yes(std::string_view word);
/// Seconds of a time in ssh's form ("90", "1m30", "2h", "none" is -1); nothing when it is none.
std::optional<std::int64_t> ssh_time_seconds(std::string_view text);

}  // namespace herder::transport
