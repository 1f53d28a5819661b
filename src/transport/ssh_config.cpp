#include "transport/ssh_config.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <future>
#include <mutex>
#include <thread>

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "transport/host_pattern.hpp"
#include "transport/ssh_expand.hpp"
#include "transport/ssh_jump.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;

constexpr auto program_patience = 10s;
constexpr auto program_step = 2ms;
constexpr std::size_t most_identities = 100;

bool names_hosts_only(const std::vector<std::string>& patterns) {
  return std::ranges::none_of(patterns, [](const std::string& pattern) { return pattern.find_first_of("*?!") != std::string::npos; });
}

/// Whether a Host line speaks of `host`: any pattern that matches, unless one behind '!' comes to match too.
bool host_matches(const std::vector<std::string>& patterns, const std::string& host) {
  bool found = false;
  for (const std::string& pattern : patterns) {
    const bool negated = pattern[0] == '!';
    if (!matches_pattern(host, std::string_view(pattern).substr(negated ? 1 : 0))) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/// Runs `shell -c command` without input and output, in a group of its own, for at most program_patience.
Result<int> run_shell(const std::string& shell, const std::string& command) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  std::string words[3] = {shell, "-c", command};
  char* argv[] = {words[0].data(), words[1].data(), words[2].data(), nullptr};
  pid_t child = -1;
  const int failure = ::posix_spawn(&child, shell.c_str(), &actions, &attributes, argv, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::posix_spawnattr_destroy(&attributes);
  if (failure != 0) return std::unexpected(os_error(failure, "run '" + text::printable(shell) + "'"));
  const auto until = std::chrono::steady_clock::now() + program_patience;
  int status = 0;
  for (;;) {
    const pid_t done = ::waitpid(child, &status, WNOHANG);
    if (done == child) return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    if (done < 0 && errno != EINTR) return std::unexpected(os_error(errno, "wait for a program"));
    if (std::chrono::steady_clock::now() >= until) break;
    std::this_thread::sleep_for(program_step);
  }
  ::kill(-child, SIGKILL);
  ::waitpid(child, &status, 0);
  return fail(Errc::timeout, "'{}' took more than 10 s", text::printable(command));
}

}  // namespace

LocalFacts LocalFacts::of_this_process() {
  LocalFacts out;
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    out.user = found->pw_name;
    out.home = found->pw_dir;  // ssh does not look at HOME
  }
  out.user_id = std::to_string(::getuid());
  if (out.home.empty()) out.home = home_directory();
  if (out.user.empty()) out.user = out.user_id;
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) == 0) out.host_name = name;
  const char* shell = std::getenv("SHELL");
  if (shell != nullptr && shell[0] == '/') out.shell = shell;
  return out;
}

std::string_view HostSettings::word(Key key, std::string_view otherwise) const noexcept {
  const Directive* line = find(key);
  return line == nullptr || line->args.empty() ? otherwise : std::string_view(line->args[0]);
}

bool HostSettings::flag(Key key, bool otherwise) const {
  const Directive* line = find(key);
  return line == nullptr || line->args.empty() ? otherwise : is_yes(line->args[0]);
}

std::optional<std::int64_t> HostSettings::seconds(Key key) const {
  const Directive* line = find(key);
  if (line == nullptr) return std::nullopt;
  const auto span = ssh_time_seconds(line->args[0]);
  return span && *span >= 0 ? span : std::nullopt;
}

std::string HostSettings::host_key_alias() const { return text::lower(word(Key::host_key_alias)); }

namespace {

/// The tokens of conditions and file names for a host that is, so far, known as `host`.
Tokens path_tokens(const LocalFacts& local, const std::string& host, const std::string& original, const std::string& alias, int port,
                   const std::string& user) {
  const std::string shown_port = std::to_string(port);
  return {{'C', connection_hash(local.host_name, host, shown_port, user)},
          {'d', local.home},
          {'h', host},
          {'i', local.user_id},
          {'k', alias.empty() ? original : alias},
          {'L', local.host_name.substr(0, local.host_name.find('.'))},
          {'l', local.host_name},
          {'n', original},
          {'p', shown_port},
          {'r', user},
          {'u', local.user}};
}

}  // namespace

Result<std::string> HostSettings::expand_path(std::string_view text, const Directive& from, const LocalFacts& local) const {
  if (text.find_first_of("%$") == std::string_view::npos) return expand_tilde(text, local.home);
  const Tokens tokens = path_tokens(local, host_name, original, host_key_alias(), port, user);
  auto out = expand_tokens(expand_tilde(text, local.home), tokens, true);
  if (!out) return std::unexpected(std::move(out.error().at(from.where())));
  return out;
}

Result<std::string> HostSettings::expand_proxy(std::string_view text, const Directive& from) const {
  const Tokens tokens{{'h', host_name}, {'n', original}, {'p', std::to_string(port)}, {'r', user}};
  auto out = expand_tokens(text, tokens, false);
  if (!out) return std::unexpected(std::move(out.error().at(from.where())));
  return out;
}

/// Goes through the sections for one host.
class Resolver {
 public:
  Resolver(const SshConfig& config, std::string_view host) : config_(config), original_(host), host_(host), active_(config.sections_.size(), 0) {
    settings_.original = original_;
  }

  Result<HostSettings> run(std::span<const Directive> options) {
    for (const Directive& option : options) HERDER_TRY_VOID(apply(option));
    if (const Directive* user = settings_.find(Key::user)) HERDER_TRY_VOID(check_user_name(user->args[0]), "{}", user->place());
    HERDER_TRY_VOID(pass());
    HERDER_TRY_VOID(take_host_name());
    const std::string canonicalize = text::lower(settings_.word(Key::canonicalize, "no"));
    if (config_.wants_final_pass_ || (canonicalize != "no" && canonicalize != "false")) {
      final_ = true;
      std::ranges::fill(active_, 0);
      HERDER_TRY_VOID(pass());
    }
    settings_.host_name = host_;
    settings_.port = port();
    settings_.user = user();
    return std::move(settings_);
  }

 private:
  Result<> pass() {
    for (const int index : config_.candidates(host_)) {
      const Section& section = config_.sections_[static_cast<std::size_t>(index)];
      HERDER_TRY(const bool applies, decide(section));
      active_[static_cast<std::size_t>(index)] = applies ? 1 : 0;
      if (!applies) continue;
      for (const Directive& directive : section.directives) HERDER_TRY_VOID(apply(directive));
    }
    return {};
  }

  Result<bool> decide(const Section& section) {
    if (section.continues >= 0) return active_[static_cast<std::size_t>(section.continues)] != 0;
    if (section.parent >= 0 && active_[static_cast<std::size_t>(section.parent)] == 0) return false;
    switch (section.kind) {
      case Section::Kind::always: return true;
      case Section::Kind::host: return host_matches(section.patterns, host_);
      case Section::Kind::match: break;
      case Section::Kind::never: return false;
    }
    for (const Criterion& criterion : section.criteria) {
      auto holds = decide(criterion);
      if (!holds) {
        holds.error().where = {.file = section.file, .line = section.line};
        return holds;
      }
      if (*holds == criterion.negated) return false;
    }
    return true;
  }

  Result<bool> decide(const Criterion& criterion) {
    switch (criterion.what) {
      case Criterion::What::all: return true;
      case Criterion::What::canonical:
      case Criterion::What::final: return final_;
      case Criterion::What::original_host: return match_list(text::lower(original_), criterion.argument, true) == ListMatch::match;
      case Criterion::What::user: return match_list(user(), criterion.argument) == ListMatch::match;
      case Criterion::What::local_user: return match_list(config_.local_.user, criterion.argument) == ListMatch::match;
      case Criterion::What::host: {
        HERDER_TRY(const std::string name, current_host());
        return match_list(text::lower(name), criterion.argument, true) == ListMatch::match;
      }
      case Criterion::What::exec: break;
    }
    HERDER_TRY(const std::string name, current_host());
    std::string alias(settings_.word(Key::host_key_alias));
    if (alias.empty()) alias = name;
    HERDER_TRY(const std::string command,
               expand_tokens(criterion.argument, path_tokens(config_.local_, name, original_, alias, port(), user()), false));
    return config_.program_says_yes(command);
  }

  /// The host name as conditions see it while the files are still being read.
  Result<std::string> current_host() {
    const Directive* name = settings_.find(Key::host_name);
    if (final_ || name == nullptr) return host_;
    return expand_name(*name);
  }

  Result<std::string> expand_name(const Directive& name) {
    auto out = expand_tokens(name.args[0], {{'h', host_}}, false);
    if (!out) out.error().where = name.where();
    return out;
  }

  Result<> take_host_name() {
    if (const Directive* name = settings_.find(Key::host_name)) {
      HERDER_TRY(host_, expand_name(*name));
    }
    const std::string address = canonical_address(host_);
    host_ = address.empty() ? text::lower(host_) : address;
    return {};
  }

  Result<> apply(const Directive& line) {
    const Directive*& slot = settings_.first_[static_cast<std::size_t>(line.key)];
    switch (line.key) {
      case Key::identity_file: return append(settings_.identity_files, line);
      case Key::certificate_file: return append(settings_.certificate_files, line);
      case Key::send_env: send_env(line); return {};
      case Key::set_env:
        if (settings_.set_env.empty()) set_env(line);
        return {};
      case Key::proxy_command:  // whichever of the two speaks first silences the other, but "ProxyJump none" only other ProxyJumps
        if (!jumps() && slot == nullptr) slot = &line;
        return {};
      case Key::proxy_jump:
        if (settings_.find(Key::proxy_command) == nullptr && slot == nullptr) slot = &line;
        return {};
      case Key::connect_timeout:
      case Key::alive_interval:
        if (slot == nullptr && line.args[0] != "none") slot = &line;  // "none" is as good as not said, and later lines still count
        return {};
      default:
        if (slot == nullptr) slot = &line;
        return {};
    }
  }

  [[nodiscard]] bool jumps() const {
    const Directive* line = settings_.find(Key::proxy_jump);
    return line != nullptr && text::lower(text::trim(line->rest.substr(0, line->rest.find('#')))) != "none";
  }

  static Result<> append(std::vector<const Directive*>& list, const Directive& line) {
    for (const Directive* other : list)
      if (other->args[0] == line.args[0] && other->from_user == line.from_user) return {};
    if (list.size() >= most_identities)
      return std::unexpected(error(Errc::limit, "more than {} {}s for one host", most_identities, line.keyword).at(line.where()));
    list.push_back(&line);
    return {};
  }

  void send_env(const Directive& line) {
    for (const std::string& name : line.args) {
      if (name[0] != '-') {
        if (std::ranges::find(settings_.send_env, name) == settings_.send_env.end() || !final_) settings_.send_env.push_back(name);
        continue;
      }
      const std::string_view gone = std::string_view(name).substr(1);
      std::erase_if(settings_.send_env, [&](const std::string& other) { return matches_pattern(other, gone); });
    }
  }

  void set_env(const Directive& line) {
    for (const std::string& assignment : line.args) {
      const auto same_name = [&](const std::string& other) { return other.substr(0, other.find('=')) == assignment.substr(0, assignment.find('=')); };
      if (std::ranges::none_of(settings_.set_env, same_name)) settings_.set_env.push_back(assignment);
    }
  }

  [[nodiscard]] int port() const { return static_cast<int>(text::to_int(settings_.word(Key::port, "22")).value_or(22)); }
  [[nodiscard]] std::string user() const { return std::string(settings_.word(Key::user, config_.local_.user)); }

  const SshConfig& config_;
  std::string original_;
  std::string host_;  // what Host lines are compared with
  bool final_ = false;
  std::vector<char> active_;  // by section
  HostSettings settings_;
};

struct SshConfig::Programs {
  std::mutex lock;
  std::unordered_map<std::string, std::shared_future<Result<int>>> answers;
};

Result<std::shared_ptr<const SshConfig>> SshConfig::load(const SshConfigPlaces& places, LocalFacts local) {
  HERDER_TRY(std::vector<Section> sections, read_ssh_config(places));
  return std::make_shared<const SshConfig>(std::move(sections), std::move(local));
}

SshConfig::SshConfig(std::vector<Section> sections, LocalFacts local)
    : sections_(std::move(sections)), local_(std::move(local)), programs_(std::make_unique<Programs>()) {
  // A section that names hosts without wildcards, and what an Include brings into it, is only looked at for those hosts.
  std::vector<int> anchors;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const Section& section = sections_[i];
    for (const Criterion& criterion : section.criteria) {
      wants_final_pass_ = wants_final_pass_ || criterion.what == Criterion::What::final;
      runs_programs_ = runs_programs_ || criterion.what == Criterion::What::exec;
    }
    const int owner = section.continues >= 0 ? section.continues : section.parent;
    int anchor = owner >= 0 ? anchors[static_cast<std::size_t>(owner)] : -1;
    if (section.kind == Section::Kind::host && names_hosts_only(section.patterns)) anchor = static_cast<int>(i);
    anchors.push_back(anchor);
    if (anchor < 0) {
      others_.push_back(static_cast<int>(i));
      continue;
    }
    for (const std::string& name : sections_[static_cast<std::size_t>(anchor)].patterns) {
      auto& list = by_name_[name];
      if (list.empty() || list.back() != static_cast<int>(i)) list.push_back(static_cast<int>(i));
    }
  }
}

SshConfig::~SshConfig() = default;

std::vector<int> SshConfig::candidates(const std::string& host) const {
  const auto named = by_name_.find(host);
  if (named == by_name_.end()) return others_;
  std::vector<int> out;
  out.reserve(others_.size() + named->second.size());
  std::ranges::merge(others_, named->second, std::back_inserter(out));
  return out;
}

Result<HostSettings> SshConfig::resolve(std::string_view host, std::span<const Directive> options) const {
  HERDER_TRY_VOID(check_host_name(host));
  return Resolver(*this, host).run(options);
}

Result<bool> SshConfig::program_says_yes(const std::string& command) const {
  std::promise<Result<int>> answer;
  std::shared_future<Result<int>> known;
  {
    const std::lock_guard guard(programs_->lock);
    auto& slot = programs_->answers[command];
    if (slot.valid()) known = slot;
    else slot = answer.get_future().share();
  }
  if (!known.valid()) {
    answer.set_value(run_shell(local_.shell, command));
    const std::lock_guard guard(programs_->lock);
    known = programs_->answers[command];
  }
  const Result<int>& code = known.get();
  if (!code) return std::unexpected(with_via(code.error(), "Match exec"));
  return *code == 0;
}

}  // namespace herder::transport
