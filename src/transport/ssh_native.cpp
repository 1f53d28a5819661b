#include "transport/ssh_native.hpp"

#include <libssh/libssh.h>

#include "base/text.hpp"

namespace herder::transport {
namespace {

/// Once a process: OpenSSL's and libssh's tables. Never undone, since sessions may live until the very end.
bool library_ready() {
  static const bool ready = ssh_init() == SSH_OK;
  return ready;
}

Result<> set_list(ssh_session session, ssh_options_e option, const std::string& list, std::string_view what) {
  if (list.empty()) return {};
  if (ssh_options_set(session, option, list.c_str()) == SSH_OK) return {};
  return std::unexpected(error(Errc::unsupported, "libssh knows none of the {} asked for: {}", what, list)
                             .hint("change the list, or use the system's ssh for this host (connection: system_ssh)"));
}

}  // namespace

void FreeSshSession::operator()(ssh_session_struct* session) const noexcept { ssh_free(session); }
void FreeSshKey::operator()(ssh_key_struct* key) const noexcept { ssh_key_free(key); }

std::string ssh_error_text(ssh_session_struct* session) {
  constexpr std::size_t longest = 300;
  std::string line(ssh_get_error(session));
  for (char& c : line)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  if (line == "Socket error: disconnected") return "the other side closed it";
  constexpr std::string_view said = "Received SSH_MSG_DISCONNECT: ";  // then a number, a colon and the server's words
  if (line.starts_with(said) && line.find(':', said.size()) != std::string::npos)
    line = "the server says: " + line.substr(line.find(':', said.size()) + 1);
  return text::printable(text::cut(text::trim(line), longest));
}

Result<NativeSession> make_session_pattern(const Algorithms& algorithms, const std::string& host_keys, bool compression) {
  if (!library_ready()) return fail(Errc::bug, "libssh does not start");
  NativeSession session(ssh_new());
  if (!session) return fail(Errc::limit, "out of memory");
  ssh_session raw = session.get();
  const int no = 0;
  // Everything that libssh would read by itself (configuration, known_hosts, the password database) is given or pointed nowhere:
  // it would block the loop, and herder has read those files once for all hosts.
  ssh_options_set(raw, SSH_OPTIONS_PROCESS_CONFIG, &no);
  ssh_options_set(raw, SSH_OPTIONS_SSH_DIR, "/dev/null");
  ssh_options_set(raw, SSH_OPTIONS_KNOWNHOSTS, "/dev/null");
  ssh_options_set(raw, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
  ssh_options_set(raw, SSH_OPTIONS_GSSAPI_DELEGATE_CREDENTIALS, &no);
  ssh_options_set(raw, SSH_OPTIONS_COMPRESSION, compression ? "yes" : "no");
  HERDER_TRY_VOID(set_list(raw, SSH_OPTIONS_KEY_EXCHANGE, algorithms.kex, "key exchange algorithms"));
  HERDER_TRY_VOID(set_list(raw, SSH_OPTIONS_CIPHERS_C_S, algorithms.ciphers, "ciphers"));
  HERDER_TRY_VOID(set_list(raw, SSH_OPTIONS_CIPHERS_S_C, algorithms.ciphers, "ciphers"));
  HERDER_TRY_VOID(set_list(raw, SSH_OPTIONS_HMAC_C_S, algorithms.macs, "MACs"));
  HERDER_TRY_VOID(set_list(raw, SSH_OPTIONS_HMAC_S_C, algorithms.macs, "MACs"));
  HERDER_TRY_VOID(set_list(raw, SSH_OPTIONS_HOSTKEYS, host_keys, "host key algorithms"));
  HERDER_TRY_VOID(set_list(raw, SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, algorithms.public_key, "public key algorithms"));
  return session;
}

Result<NativeSession> copy_session(ssh_session_struct* pattern, const std::string& user) {
  ssh_session raw = nullptr;
  if (ssh_options_copy(pattern, &raw) != SSH_OK) return fail(Errc::limit, "out of memory");
  NativeSession session(raw);
  ssh_options_set(raw, SSH_OPTIONS_USER, user.c_str());
  ssh_set_blocking(raw, 0);
  return session;
}

std::string blob_of(ssh_key_struct* key) {
  char* base64 = nullptr;
  if (ssh_pki_export_pubkey_base64(key, &base64) != SSH_OK) return {};
  std::string blob = text::unbase64(base64).value_or(std::string());
  ssh_string_free_char(base64);
  return blob;
}

}  // namespace herder::transport
