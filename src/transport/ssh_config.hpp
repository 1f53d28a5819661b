// ~/.ssh/config and /etc/ssh/ssh_config: read once for a run, asked for every host. What comes out is what `ssh -G` says.
//
// An SshConfig is immutable; resolve() may be called from any thread. It is quick (a few microseconds, whatever the number of Host
// sections, as long as they name hosts without wildcards) unless the configuration holds `Match exec`: then it runs programs and
// waits for them (runs_programs()), and belongs on a worker thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "transport/ssh_config_tree.hpp"

namespace herder::transport {

/// What tokens, conditions and paths refer to on this machine.
struct LocalFacts {
  std::string user;       // login name
  std::string user_id;
  std::string home;
  std::string host_name;  // gethostname()
  std::string shell = "/bin/sh";  // runs Match exec
  /// The environment of this process.
  static LocalFacts of_this_process();
};

/// The settings of one host. Points into the SshConfig and the options it was made from: both must outlive it.
class HostSettings {
 public:
  std::string original;   // the name asked for
  std::string host_name;  // after HostName, lower case, numeric addresses in their usual form
  int port = 22;
  std::string user;       // of the login over there
  std::vector<const Directive*> identity_files;  // as written; empty: ssh's default files
  std::vector<const Directive*> certificate_files;
  std::vector<std::string> send_env;             // names and patterns, after removals
  std::vector<std::string> set_env;              // NAME=VALUE, one of each name

  /// The line that decided about `key`; nullptr when none spoke of it.
  [[nodiscard]] const Directive* find(Key key) const noexcept { return first_[static_cast<std::size_t>(key)]; }
  /// Its first argument, or `otherwise`.
  [[nodiscard]] std::string_view word(Key key, std::string_view otherwise = "") const noexcept;
  [[nodiscard]] bool flag(Key key, bool otherwise) const;
  /// Seconds of a time setting; nothing when unset or "none".
  [[nodiscard]] std::optional<std::int64_t> seconds(Key key) const;
  /// HostKeyAlias in lower case, "" for none.
  [[nodiscard]] std::string host_key_alias() const;

  /// With the tokens and ${VARIABLES} that most file names may hold: %% %C %d %h %i %k %L %l %n %p %r %u, and ~. Errors: parse (unknown
  /// token, variable without value), citing `from`.
  [[nodiscard]] Result<std::string> expand_path(std::string_view text, const Directive& from, const LocalFacts& local) const;
  /// With the tokens of ProxyCommand and ProxyJump: %% %h %n %p %r.
  [[nodiscard]] Result<std::string> expand_proxy(std::string_view text, const Directive& from) const;

 private:
  friend class Resolver;
  std::array<const Directive*, static_cast<std::size_t>(Key::count)> first_{};
};

class SshConfig {
 public:
  /// Reads the files of `places`. Blocking. Errors: as read_ssh_config().
  static Result<std::shared_ptr<const SshConfig>> load(const SshConfigPlaces& places, LocalFacts local);
  SshConfig(std::vector<Section> sections, LocalFacts local);
  ~SshConfig();
  SshConfig(const SshConfig&) = delete;
  SshConfig& operator=(const SshConfig&) = delete;

  /// The settings of `host`, under options that beat the files (the first of a kind counts). Errors: denied (`host` or a user in
  /// `options` cannot be one), parse (a token cannot be expanded), timeout (Match exec took more than 10 s).
  Result<HostSettings> resolve(std::string_view host, std::span<const Directive> options = {}) const;

  /// Whether resolve() may start programs.
  [[nodiscard]] bool runs_programs() const noexcept { return runs_programs_; }
  [[nodiscard]] const LocalFacts& local() const noexcept { return local_; }

 private:
  friend class Resolver;
  /// Sections that may apply to a host of this name, in order.
  [[nodiscard]] std::vector<int> candidates(const std::string& host) const;
  Result<bool> program_says_yes(const std::string& command) const;

  struct Programs;  // what Match exec answered, by command
  std::vector<Section> sections_;
  LocalFacts local_;
  std::unordered_map<std::string_view, std::vector<int>> by_name_;  // Host sections that name hosts without wildcards
  std::vector<int> others_;
  bool wants_final_pass_ = false;
  bool runs_programs_ = false;
  std::unique_ptr<Programs> programs_;
};

}  // namespace herder::transport
