#include "transport/keeper/protocol.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.hpp"
#include "base/text.hpp"

namespace herder::transport::keeper {
namespace {

constexpr int most_jumps_deep = 8;

void pack_texts(wire::Packer& out, const std::vector<std::string>& texts) {
  out.number(texts.size());
  for (const std::string& text : texts) out.text(text);
}

std::vector<std::string> unpack_texts(wire::Unpacker& in) {
  std::vector<std::string> out;
  for (std::uint64_t left = in.count(); left > 0 && in.ok(); --left) out.emplace_back(in.text());
  return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

void pack_pairs(wire::Packer& out, const Pairs& pairs) {
  out.number(pairs.size());
  for (const auto& [name, value] : pairs) out.text(name).text(value);
}

Pairs unpack_pairs(wire::Unpacker& in) {
  Pairs out;
  for (std::uint64_t left = in.count(2); left > 0 && in.ok(); --left) {
    std::string name(in.text());
    out.emplace_back(std::move(name), std::string(in.text()));
  }
  return out;
}

}  // namespace

void pack_error(wire::Packer& out, const Error& failure) {
  out.number(static_cast<std::uint64_t>(failure.code)).text(failure.what).text(failure.help);
  out.text(failure.where.file).signed_number(failure.where.line).signed_number(failure.where.column);
  pack_texts(out, failure.via);
}

Error unpack_error(wire::Unpacker& in) {
  Error out;
  const std::uint64_t code = in.number();
  out.code = code <= static_cast<std::uint64_t>(Errc::bug) ? static_cast<Errc>(code) : Errc::bug;
  out.what = in.text();
  out.help = in.text();
  out.where.file = in.text();
  out.where.line = static_cast<int>(in.signed_number());
  out.where.column = static_cast<int>(in.signed_number());
  out.via = unpack_texts(in);
  return out;
}

void pack_exit(wire::Packer& out, const Exit& exit) {
  out.truth(exit.code.has_value()).signed_number(exit.code.value_or(0)).text(exit.signal);
}

Exit unpack_exit(wire::Unpacker& in) {
  Exit out;
  const bool known = in.truth();
  const auto code = static_cast<int>(in.signed_number());
  if (known) out.code = code;
  out.signal = in.text();
  return out;
}

void pack_command(wire::Packer& out, const Command& command) {
  out.text(command.line).text(command.subsystem).truth(command.pty);
  pack_pairs(out, command.env);
}

Command unpack_command(wire::Unpacker& in) {
  Command out;
  out.line = in.text();
  out.subsystem = in.text();
  out.pty = in.truth();
  out.env = unpack_pairs(in);
  return out;
}

void pack_credentials(wire::Packer& out, const Credentials& credentials) {
  pack_texts(out, credentials.identity_files);
  pack_texts(out, credentials.certificate_files);
  out.truth(credentials.identities_only).text(credentials.agent_socket);
  out.text(credentials.password.reveal()).text(credentials.passphrase.reveal());
  pack_texts(out, credentials.preferred);
}

std::shared_ptr<const Credentials> unpack_credentials(wire::Unpacker& in) {
  auto out = std::make_shared<Credentials>();
  out->identity_files = unpack_texts(in);
  out->certificate_files = unpack_texts(in);
  out->identities_only = in.truth();
  out->agent_socket = in.text();
  out->password = Secret(in.text());
  out->passphrase = Secret(in.text());
  out->preferred = unpack_texts(in);
  return out;
}

void pack_target(wire::Packer& out, const Target& target) {
  out.number(static_cast<std::uint64_t>(target.method)).text(target.system_ssh_reason);
  pack_texts(out, target.system_ssh_options);
  out.text(target.address).signed_number(target.port).text(target.user);
  for (const std::string* list : {&target.algorithms.kex, &target.algorithms.ciphers, &target.algorithms.macs,
                                  &target.algorithms.host_keys, &target.algorithms.public_key})
    out.text(*list);
  out.number(static_cast<std::uint64_t>(target.host_keys)).text(target.host_key_alias);
  pack_texts(out, target.user_known_hosts);
  pack_texts(out, target.global_known_hosts);
  out.truth(target.hash_known_hosts).number(static_cast<std::uint64_t>(target.family));
  out.text(target.proxy_command);
  out.signed_number(target.connect_timeout.count()).signed_number(target.alive_interval.count());
  out.signed_number(target.alive_count_max).truth(target.compression);
  pack_texts(out, target.send_env);
  pack_pairs(out, target.set_env);
  out.number(target.jumps.size());
  for (const auto& jump : target.jumps) {
    out.text(jump->name).truth(jump->credentials != nullptr && jump->credentials != target.credentials);
    if (jump->credentials != nullptr && jump->credentials != target.credentials) pack_credentials(out, *jump->credentials);
    pack_target(out, *jump);
  }
}

std::shared_ptr<const Target> unpack_target(wire::Unpacker& in, const std::shared_ptr<const Credentials>& credentials, int depth) {
  if (depth > most_jumps_deep) return nullptr;
  auto out = std::make_shared<Target>();
  const std::uint64_t method = in.number();
  if (method > static_cast<std::uint64_t>(Method::local)) return nullptr;
  out->method = static_cast<Method>(method);
  out->credentials = credentials;
  out->system_ssh_reason = in.text();
  out->system_ssh_options = unpack_texts(in);
  out->address = in.text();
  out->port = static_cast<int>(in.signed_number());
  out->user = in.text();
  for (std::string* list : {&out->algorithms.kex, &out->algorithms.ciphers, &out->algorithms.macs, &out->algorithms.host_keys,
                            &out->algorithms.public_key})
    *list = in.text();
  const std::uint64_t policy = in.number();
  if (policy > static_cast<std::uint64_t>(HostKeyPolicy::off)) return nullptr;
  out->host_keys = static_cast<HostKeyPolicy>(policy);
  out->host_key_alias = in.text();
  out->user_known_hosts = unpack_texts(in);
  out->global_known_hosts = unpack_texts(in);
  out->hash_known_hosts = in.truth();
  const std::uint64_t family = in.number();
  if (family > static_cast<std::uint64_t>(AddressFamily::inet6)) return nullptr;
  out->family = static_cast<AddressFamily>(family);
  out->proxy_command = in.text();
  out->connect_timeout = Duration(in.signed_number());
  out->alive_interval = Duration(in.signed_number());
  out->alive_count_max = static_cast<int>(in.signed_number());
  out->compression = in.truth();
  out->send_env = unpack_texts(in);
  out->set_env = unpack_pairs(in);
  for (std::uint64_t left = in.count(); left > 0 && in.ok(); --left) {
    const std::string name(in.text());
    const bool own = in.truth();
    auto jump = unpack_target(in, own ? unpack_credentials(in) : credentials, depth + 1);
    if (!jump) return nullptr;
    auto named = std::make_shared<Target>(*jump);
    named->name = name;
    out->jumps.push_back(std::move(named));
  }
  return in.ok() ? out : nullptr;
}

Result<std::string> socket_path() {
  std::string directory;
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime == '/') directory = std::string(runtime) + "/herder";
  else directory = fmt::format("/tmp/herder-{}", ::getuid());
  HERDER_TRY_VOID(make_private_directory(directory), "preparing the keeper's directory");
  struct stat self{};
  if (::stat("/proc/self/exe", &self) != 0) return std::unexpected(os_error(errno, "look at this program"));
  // Another build gets a keeper of its own.
  const std::string build = text::hex(std::string_view(reinterpret_cast<const char*>(&self.st_mtim), sizeof self.st_mtim)).substr(0, 24);
  return fmt::format("{}/keeper-{:x}-{}", directory, static_cast<std::uint64_t>(self.st_ino), build);
}

}  // namespace herder::transport::keeper
