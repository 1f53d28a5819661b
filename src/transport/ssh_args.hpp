// Command lines of ssh, as people put them into ansible_ssh_common_args, ANSIBLE_SSH_ARGS and ProxyCommand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "transport/ssh_jump.hpp"
#include "transport/ssh_keywords.hpp"

namespace herder::transport {

struct SshArgs {
  std::vector<Directive> options;        // -o, -i, -l, -p, -J, -C ... in the order given
  std::optional<std::string> config;     // -F
  std::vector<std::string> others;       // words that are no options: a destination, a command
  std::string forward_to;                // -W
  std::vector<std::string> left_aside;   // options that have no equivalent here and that the user should know of: "-L 80:x:80"
};

/// Takes apart the words behind "ssh". `source` is what to call their place ("ansible_ssh_common_args"). Switches that change nothing
/// for a command without a terminal (-q, -v, -T, -t, -x ...) are passed over. Errors: parse (unknown option, missing value, a bad -o).
Result<SshArgs> parse_ssh_args(const std::vector<std::string>& words, const std::string& source);

/// The same from one text, split as a POSIX shell would. Errors also: parse (open quote).
Result<SshArgs> parse_ssh_args(std::string_view text, const std::string& source);

/// A ProxyCommand that only is `ssh [options] -W %h:%p [user@]host`: the same as ProxyJump, but for its options. Many hosts behind one
/// bastion then share one connection to it in place of a process each. Nothing when it is something else.
struct ProxyBySsh {
  Destination host;
  SshArgs args;
};
std::optional<ProxyBySsh> as_jump(const std::string& proxy_command, const std::string& source);

/// A directive as an argument for ssh's -o: "identityfile \"a b\"".
std::string option_text(const Directive& directive);

}  // namespace herder::transport
