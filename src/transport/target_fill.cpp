#include "transport/target_fill.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/log.hpp"
#include "base/text.hpp"
#include "transport/host_pattern.hpp"
#include "transport/ssh_algorithms.hpp"
#include "transport/ssh_expand.hpp"
#include "transport/ssh_reasons.hpp"

namespace herder::transport {
namespace {

constexpr const char* usual_keys[] = {"id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"};

bool is_none(std::string_view word) { return text::lower(word) == "none"; }

class Filler {
 public:
  Filler(Target& target, const HostSettings& host, const FillContext& context, TargetShare& share)
      : target_(target), host_(host), context_(context), share_(share) {}

  Result<> run(const Secret* password) {
    target_.address = host_.host_name;
    target_.port = host_.port;
    target_.user = host_.user;
    const std::string family = text::lower(host_.word(Key::address_family, "any"));
    target_.family = family == "inet" ? AddressFamily::inet : family == "inet6" ? AddressFamily::inet6 : AddressFamily::any;
    HERDER_TRY_VOID(host_keys());
    times();
    target_.compression = host_.flag(Key::compression, false);
    environment();
    HERDER_TRY_VOID(credentials(password));
    algorithms();
    if (!reason_) reason_ = authority_reason();
    if (!reason_) reason_ = why_system_ssh(host_, facts_);
    if (reason_) {
      target_.method = Method::system_ssh;
      target_.system_ssh_reason = *std::move(reason_);
    }
    return {};
  }

 private:
  Result<> host_keys() {
    const std::string strict = text::lower(host_.word(Key::strict_host_key, "ask"));
    if (strict == "no" || strict == "off" || strict == "false") target_.host_keys = HostKeyPolicy::off;
    else if (strict == "accept-new" || context_.accept_new) target_.host_keys = HostKeyPolicy::accept_new;
    const bool loopback = target_.address.starts_with("127.") || target_.address == "::1" || target_.address == "localhost";
    if (loopback && host_.flag(Key::no_host_auth_for_localhost, false)) target_.host_keys = HostKeyPolicy::off;
    target_.host_key_alias = host_.host_key_alias();
    target_.hash_known_hosts = host_.flag(Key::hash_known_hosts, false);
    const std::string directory = context_.local.home + "/.ssh/";
    target_.user_known_hosts = {directory + "known_hosts", directory + "known_hosts2"};
    target_.global_known_hosts = {"/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"};
    if (const Directive* line = host_.find(Key::global_known_hosts)) target_.global_known_hosts = is_none(line->args[0]) ? std::vector<std::string>{} : line->args;
    const Directive* line = host_.find(Key::user_known_hosts);
    if (line == nullptr) return {};
    target_.user_known_hosts.clear();
    for (const std::string& file : line->args) {
      HERDER_TRY(std::string path, host_.expand_path(file, *line, context_.local));
      if (!is_none(file)) target_.user_known_hosts.push_back(std::move(path));
    }
    return {};
  }

  void times() {
    if (const auto timeout = host_.seconds(Key::connect_timeout); timeout && *timeout > 0) target_.connect_timeout = std::chrono::seconds(*timeout);
    if (const auto interval = host_.seconds(Key::alive_interval)) target_.alive_interval = std::chrono::seconds(*interval);
    target_.alive_count_max = static_cast<int>(text::to_int(host_.word(Key::alive_count, "3")).value_or(3));
  }

  void environment() {
    for (const std::string& pattern : host_.send_env)
      for (const std::string& name : context_.variable_names)
        if (matches_pattern(name, pattern) && std::ranges::find(target_.send_env, name) == target_.send_env.end()) target_.send_env.push_back(name);
    for (const std::string& assignment : host_.set_env) {
      const std::size_t equals = assignment.find('=');
      target_.set_env.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
    }
  }

  /// Files that the user names are kept even when they are missing, so that the failure names them; of ssh's usual ones those that exist.
  Result<> identities(Credentials& made) {
    for (const Directive* line : host_.identity_files) {
      if (is_none(line->args[0])) continue;
      HERDER_TRY(std::string path, host_.expand_path(line->args[0], *line, context_.local));
      const bool there = share_.exists(path);
      if (there) facts_.identity_files.push_back(path);
      facts_.has_key_file = facts_.has_key_file || there;
      made.identity_files.push_back(std::move(path));
    }
    if (host_.identity_files.empty()) {
      for (const char* name : usual_keys) {
        const bool token = std::string_view(name).ends_with("_sk");
        std::string path = context_.local.home + "/.ssh/" + name;
        if (!share_.exists(path)) continue;
        if (token && made.agent_socket.empty()) continue;
        facts_.has_key_file = true;
        made.identity_files.push_back(std::move(path));
      }
    }
    for (const Directive* line : host_.certificate_files) {
      HERDER_TRY(std::string path, host_.expand_path(line->args[0], *line, context_.local));
      made.certificate_files.push_back(std::move(path));
    }
    return {};
  }

  Result<std::string> agent() {
    const Directive* line = host_.find(Key::identity_agent);
    if (line == nullptr || line->args[0] == "SSH_AUTH_SOCK") return context_.agent_socket;
    if (is_none(line->args[0])) return std::string();
    if (line->args[0].starts_with("$") && !line->args[0].starts_with("${")) {
      const char* value = std::getenv(line->args[0].c_str() + 1);
      return std::string(value == nullptr ? "" : value);
    }
    return host_.expand_path(line->args[0], *line, context_.local);
  }

  /// PreferredAuthentications without the methods that are switched off; empty where nothing was said.
  std::vector<std::string> methods() {
    std::vector<std::string> out;
    const bool key = text::lower(host_.word(Key::public_key_auth, "yes")) != "no" && text::lower(host_.word(Key::public_key_auth, "yes")) != "false";
    const bool password = host_.flag(Key::password_auth, true);
    const bool questions = host_.flag(Key::kbdint_auth, true);
    if (host_.find(Key::preferred) == nullptr && key && password && questions) return out;
    for (const std::string_view method : text::split(host_.word(Key::preferred, "publickey,keyboard-interactive,password"), ',')) {
      if ((method == "publickey" && !key) || (method == "password" && !password) || (method == "keyboard-interactive" && !questions)) continue;
      out.emplace_back(method);
    }
    if (out.empty()) out.emplace_back("none");  // nothing is allowed, which is not the same as nothing said
    return out;
  }

  Result<> credentials(const Secret* password) {
    Credentials made;
    HERDER_TRY(made.agent_socket, agent());
    HERDER_TRY_VOID(identities(made));
    made.identities_only = host_.flag(Key::identities_only, false);
    made.preferred = methods();
    if (password != nullptr) made.password = password->clone();
    if (context_.passphrase) made.passphrase = context_.passphrase->clone();
    facts_.has_agent = !made.agent_socket.empty();
    facts_.has_password = !made.password.empty();
    facts_.has_kerberos_ticket = context_.kerberos_ticket;
    target_.credentials = share_.credentials(std::move(made));
    return {};
  }

  void algorithms() {
    struct Wanted {
      Key key;
      AlgorithmKind kind;
      std::string Algorithms::*list;
    };
    constexpr Wanted all[] = {{Key::kex, AlgorithmKind::kex, &Algorithms::kex},
                              {Key::ciphers, AlgorithmKind::cipher, &Algorithms::ciphers},
                              {Key::macs, AlgorithmKind::mac, &Algorithms::macs},
                              {Key::host_key_algorithms, AlgorithmKind::host_key, &Algorithms::host_keys},
                              {Key::public_key_algorithms, AlgorithmKind::public_key, &Algorithms::public_key}};
    for (const Wanted& one : all) {
      const Directive* line = host_.find(one.key);
      if (line == nullptr) continue;
      auto list = choose_algorithms(one.kind, line->args[0]);
      if (list) target_.algorithms.*one.list = *std::move(list);
      else if (!reason_) reason_ = list.error().what + " (" + text::printable(line->place()) + ")";
    }
  }

  /// libssh's client cannot check host certificates (0.10.6), so a host that has nothing else goes to the system's ssh.
  std::optional<std::string> authority_reason() {
    if (target_.host_keys == HostKeyPolicy::off) return std::nullopt;
    const auto known = context_.known_hosts->open(target_.user_known_hosts, target_.global_known_hosts);
    if (!known->has_authorities()) return std::nullopt;
    const std::string name = target_.host_key_alias.empty() ? target_.address : target_.host_key_alias;
    const int port = target_.host_key_alias.empty() ? target_.port : 0;
    if (!known->has_cert_authority(name, port) || !known->known_types(name, port).empty()) return std::nullopt;
    return "only a @cert-authority in known_hosts vouches for " + text::printable(known_hosts_name(name, port));
  }

  Target& target_;
  const HostSettings& host_;
  const FillContext& context_;
  TargetShare& share_;
  ReasonFacts facts_;
  std::optional<std::string> reason_;
};

}  // namespace

Result<> fill_target(Target& target, const HostSettings& host, const Secret* password, const FillContext& context, TargetShare& share) {
  return Filler(target, host, context, share).run(password);
}

}  // namespace herder::transport
