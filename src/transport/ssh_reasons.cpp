#include "transport/ssh_reasons.hpp"

#include <algorithm>
#include <cstdlib>

#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "transport/key_blob.hpp"

namespace herder::transport {
namespace {

constexpr std::size_t most_key_bytes = std::size_t{64} << 10U;
constexpr int rsa_bits_usual = 1024;  // OpenSSH's least; more is a demand that libssh would not enforce on host keys

std::string shown(const Directive& line) {
  std::string what = line.keyword;
  if (!line.rest.empty()) what += " " + line.rest;
  else for (const std::string& arg : line.args) what += " " + arg;
  return text::printable(what) + " (" + text::printable(line.place()) + ")";
}

bool says_no(const Directive& line) {
  const std::string word = line.args.empty() ? text::lower(line.rest) : text::lower(line.args[0]);
  return word == "no" || word == "false" || word == "none" || word.empty();
}

/// Keywords that mean the system's ssh whenever they are not "no" or "none".
constexpr Key plain_reasons[] = {Key::pkcs11_provider, Key::tunnel,        Key::known_hosts_command, Key::revoked_host_keys, Key::bind_address,
                                 Key::bind_interface,  Key::hostbased_auth, Key::gssapi_kex,          Key::gssapi_delegate,   Key::proxy_fdpass,
                                 Key::permit_local_command, Key::canonicalize, Key::refuse_connection};

/// GSSAPIAuthentication yes stands in Debian's and Red Hat's system-wide files, so there it counts only where nothing else can work.
std::optional<std::string> gssapi_reason(const HostSettings& host, const ReasonFacts& facts) {
  const Directive* line = host.find(Key::gssapi_auth);
  if (line == nullptr || says_no(*line)) return std::nullopt;
  const bool nothing_else = !facts.has_agent && !facts.has_key_file && !facts.has_password;
  if (line->from_user || (nothing_else && facts.has_kerberos_ticket)) return shown(*line);
  return std::nullopt;
}

/// libssh uses keys in FIDO tokens only through an agent.
std::optional<std::string> token_reason(const ReasonFacts& facts) {
  if (facts.has_agent || facts.has_password) return std::nullopt;
  for (const std::string& path : facts.identity_files)
    if (identity_file_type(path).starts_with("sk-")) return "identity file " + text::printable(path) + " belongs to a security token, and there is no agent";
  return std::nullopt;
}

/// The first string of a private key file in OpenSSH's form that looks like a key type.
std::string type_in_private_key(std::string_view content) {
  constexpr std::string_view begin = "-----BEGIN OPENSSH PRIVATE KEY-----";
  constexpr std::string_view magic{"openssh-key-v1\0", 15};
  const std::size_t from = content.find(begin);
  const std::size_t to = content.find("-----END", from == std::string_view::npos ? 0 : from + begin.size());
  if (from == std::string_view::npos || to == std::string_view::npos) return {};
  const auto blob = text::unbase64(content.substr(from + begin.size(), to - from - begin.size()));
  if (!blob || !blob->starts_with(magic)) return {};
  std::string_view rest = std::string_view(*blob).substr(magic.size());
  for (int field = 0; field < 3; ++field) {  // cipher, kdf, kdf options
    const std::string_view one = type_of_blob(rest);
    if (rest.size() < 4 + one.size()) return {};
    rest.remove_prefix(4 + one.size());
  }
  if (rest.size() < 8) return {};
  rest.remove_prefix(4);  // number of keys
  return std::string(type_of_blob(type_of_blob(rest)));
}

}  // namespace

std::string identity_file_type(const std::string& path) {
  if (const auto content = read_file(path + ".pub", most_key_bytes)) return std::string(content->substr(0, content->find_first_of(" \t\n")));
  const auto content = read_file(path, most_key_bytes);
  return content ? type_in_private_key(*content) : std::string();
}

bool kerberos_ticket_exists() {
  const char* cache = std::getenv("KRB5CCNAME");
  if (cache != nullptr && *cache != '\0') return true;
  return ::access(("/tmp/krb5cc_" + std::to_string(::getuid())).c_str(), R_OK) == 0;
}

std::optional<std::string> why_system_ssh(const HostSettings& host, const ReasonFacts& facts) {
  for (const Key key : plain_reasons) {
    const Directive* line = host.find(key);
    if (line != nullptr && !says_no(*line)) return shown(*line);
  }
  if (const Directive* dns = host.find(Key::verify_dns); dns != nullptr && is_yes(dns->args[0])) return shown(*dns);
  if (const Directive* size = host.find(Key::required_rsa_size); size != nullptr && text::to_int(size->args[0]).value_or(0) > rsa_bits_usual)
    return shown(*size);
  if (const Directive* token = host.find(Key::security_key_provider); token != nullptr && !says_no(*token) && token->args[0] != "internal")
    return shown(*token);
  if (auto gssapi = gssapi_reason(host, facts)) return gssapi;
  return token_reason(facts);
}

std::vector<std::string> without_effect(const HostSettings& host) {
  std::vector<std::string> out;
  for (const Key key : {Key::forward_agent, Key::forward_x11, Key::remote_command}) {
    const Directive* line = host.find(key);
    if (line != nullptr && !says_no(*line)) out.push_back(shown(*line));
  }
  return out;
}

}  // namespace herder::transport
