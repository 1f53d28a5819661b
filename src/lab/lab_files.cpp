#include "lab/lab_files.hpp"

#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "base/text.hpp"
#include "lab/key.hpp"

namespace herder::lab {
namespace {

constexpr std::string_view comment = "# Written by `herder lab up`, which writes it again.\n";

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::string first_of(std::initializer_list<const char*> paths) {
  for (const char* path : paths)
    if (::access(path, X_OK) == 0) return path;
  return {};
}

/// Reads the secret in `path`, or makes it with `make` and writes it (0600).
template <class Make>
Result<Secret> keep_secret(const std::string& path, Make make) {
  if (exists(path)) {
    HERDER_TRY(std::string content, read_file(path, 4096));
    Secret secret(text::trim(content));
    wipe(content);
    if (!secret.empty()) return secret;
  }
  HERDER_TRY(Secret secret, make());
  HERDER_TRY_VOID(write_file_atomically(path, secret.reveal(), 0600));
  return secret;
}

/// As hexadecimal text, because a file of 32 bytes that may look like white space is a trap.
Result<Secret> keep_seed(const std::string& path) {
  HERDER_TRY(const Secret text, keep_secret(path, []() -> Result<Secret> {
    HERDER_TRY(const Secret seed, random_seed());
    return Secret(text::hex(seed.reveal()));
  }));
  return derive_seed(text, "herder lab host keys");
}

Result<> keep_client_key(const std::string& state_dir) {
  const std::string path = state_dir + "/id_ed25519";
  if (exists(path) && exists(state_dir + "/authorized_keys")) return {};
  HERDER_TRY(const Secret seed, random_seed());
  const std::string line = public_key_line(seed) + " herder-lab\n";
  HERDER_TRY_VOID(write_file_atomically(path, private_key_text(seed, "herder-lab").reveal(), 0600));
  HERDER_TRY_VOID(write_file_atomically(path + ".pub", line));
  return write_file_atomically(state_dir + "/authorized_keys", line, 0600);
}

Result<> refuse_foreign_directory(const std::string& state_dir) {
  std::error_code ignored;
  if (!exists(state_dir) || is_lab_directory(state_dir)) return {};
  if (std::filesystem::is_empty(state_dir, ignored)) return {};
  return std::unexpected(error(Errc::conflict, "{} holds something that is not a lab", state_dir)
                             .hint("name an empty or new directory with --state"));
}

std::string inventory_text(const ClientFacts& facts) {
  std::string out(comment);
  for (const std::string_view group : {"web", "db", "cache"}) {
    out += fmt::format("\n[{}]\n", group);
    for (const HostPlan& host : facts.hosts)
      if (host.group == group) out += fmt::format("{} ansible_host={}\n", host.name, host.address);
  }
  out += fmt::format("\n[all:vars]\nansible_user={}\nansible_port={}\nansible_ssh_private_key_file={}/id_ed25519\n", facts.user,
                     facts.port, facts.state_dir);
  if (!facts.python.empty()) out += fmt::format("ansible_python_interpreter={}\n", facts.python);
  out += fmt::format("ansible_ssh_common_args='-F none -o UserKnownHostsFile={}/known_hosts -o GlobalKnownHostsFile=/dev/null "
                     "-o StrictHostKeyChecking=yes'\n", facts.state_dir);
  return out;
}

std::string ssh_config_text(const ClientFacts& facts) {
  std::string out(comment);
  std::string all;
  for (const HostPlan& host : facts.hosts) {
    out += fmt::format("Host {}\n  HostName {}\n", host.name, host.address);
    all += fmt::format(" {} {}", host.name, host.address);
  }
  out += fmt::format("Match all\n  Port {}\n  User {}\n  IdentityFile {}/id_ed25519\n  IdentitiesOnly yes\n"
                     "  UserKnownHostsFile {}/known_hosts\n  GlobalKnownHostsFile /dev/null\n  StrictHostKeyChecking yes\n",
                     facts.port, facts.user, facts.state_dir, facts.state_dir);
  return out;
}

std::string known_hosts_text(const ClientFacts& facts) {
  std::string out;
  for (const HostPlan& host : facts.hosts) {
    const std::string name = facts.port == 22 ? host.address : fmt::format("[{}]:{}", host.address, facts.port);
    out += fmt::format("{} {}\n", name, facts.host_keys[host.index]);
  }
  return out;
}

}  // namespace

std::string find_sftp_server() {
  return first_of({"/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/lib/sftp-server"});
}
std::string find_shell() { return first_of({"/bin/bash", "/usr/bin/bash", "/bin/sh"}); }

std::string current_user() {
  if (const passwd* entry = ::getpwuid(::geteuid()); entry != nullptr) return entry->pw_name;
  return std::to_string(::geteuid());
}

std::string default_state_dir() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && state[0] == '/') return std::string(state) + "/herder/lab";
  return home_directory() + "/.local/state/herder/lab";
}

Result<std::string> absolute_state_dir(const std::string& given) {
  std::error_code failure;
  std::string path = std::filesystem::absolute(expand_user(given), failure).lexically_normal().string();
  if (failure) return std::unexpected(os_error(failure.value(), "find the current directory"));
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const bool odd = path.find_first_of(" \t\r\n'\"\\#%$,=;*?[]{}") != std::string::npos || !text::is_utf8(path);
  if (odd) return fail(Errc::usage, "a lab cannot be kept in '{}': its name has characters that inventories treat specially", text::printable(path));
  return path;
}

bool is_lab_directory(const std::string& state_dir) {
  return exists(state_dir + "/authorized_keys") && exists(state_dir + "/id_ed25519");
}

Result<LabRecord> read_record(const std::string& state_dir) {
  auto content = read_file(state_dir + "/lab.conf", 4096);
  if (!content && content.error().code == Errc::not_found)
    return std::unexpected(error(Errc::not_found, "there is no lab in {}", state_dir).hint("start one with 'herder lab up 20'"));
  if (!content) return std::unexpected(std::move(content).error());
  LabRecord record;
  for (const std::string_view line : text::lines(*content)) {
    const std::size_t equals = line.find('=');
    const std::string_view name = line.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : line.substr(equals + 1);
    if (name == "kind") record.kind = value == "machine" ? Kind::machine : Kind::light;
    if (name == "hosts") record.hosts = static_cast<int>(text::to_int(value).value_or(0));
    if (name == "port") record.port = static_cast<int>(text::to_int(value).value_or(0));
    if (name == "prefix") record.prefix = value;
  }
  const bool sane = record.hosts > 0 && record.hosts <= max_light_hosts && record.port > 0 && record.port < 65536;
  if (!sane) return fail(Errc::parse, "{}/lab.conf is damaged", state_dir);
  return record;
}

Result<> write_record(const std::string& state_dir, const LabRecord& record) {
  return write_file_atomically(state_dir + "/lab.conf",
                               fmt::format("kind={}\nhosts={}\nport={}\nprefix={}\n", record.kind == Kind::machine ? "machine" : "light",
                                           record.hosts, record.port, record.prefix));
}

Result<LightSettings> open_state(const std::string& state_dir, int port) {
  HERDER_TRY_VOID(refuse_foreign_directory(state_dir));
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(state_dir).parent_path(), ignored);
  HERDER_TRY_VOID(make_private_directory(state_dir));
  HERDER_TRY_VOID(keep_client_key(state_dir));
  LightSettings settings{.state_dir = state_dir,
                         .user = current_user(),
                         .shell = find_shell(),
                         .sftp_server = find_sftp_server(),
                         .authorized_keys = state_dir + "/authorized_keys",
                         .password = {},
                         .host_seed = {},
                         .port = port};
  HERDER_TRY(settings.password, keep_secret(state_dir + "/password", random_password));
  HERDER_TRY(settings.host_seed, keep_seed(state_dir + "/host_seed"));
  return settings;
}

std::vector<std::string> light_host_keys(const LightSettings& settings, const std::vector<HostPlan>& plan) {
  std::vector<std::string> keys;
  for (const HostPlan& host : plan) keys.push_back(public_key_line(derive_seed(settings.host_seed, fmt::format("host/{}", host.index))));
  return keys;
}

Result<> write_client_files(const ClientFacts& facts) {
  HERDER_TRY_VOID(write_file_atomically(facts.state_dir + "/hosts.ini", inventory_text(facts)));
  HERDER_TRY_VOID(write_file_atomically(facts.state_dir + "/ssh_config", ssh_config_text(facts)));
  return write_file_atomically(facts.state_dir + "/known_hosts", known_hosts_text(facts));
}

}  // namespace herder::lab
