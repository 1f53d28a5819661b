// For tests of this room: a directory that goes away, and a plain blocking SSH client.
#pragma once

#include <libssh/libssh.h>  // heavy: an SSH client for two tests

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file.hpp"
#include "lab/light_lab.hpp"

namespace herder::lab {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "herder-lab-XXXXXX").string();
    HERDER_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// How a command ended, as the client saw it.
struct Ran {
  std::string out;
  std::string err;
  int code = -1;
  std::string failure;  // what the client says when it got no answer; then the step: "connect: ...", "auth", "open", "exec"
};

class Client {
 public:
  explicit Client(const LightLab& lab, std::size_t host = 0) : session_(ssh_new()) {
    const int port = lab.port();
    const long seconds = 20;
    ssh_options_set(session_.get(), SSH_OPTIONS_HOST, lab.hosts()[host].address.c_str());
    ssh_options_set(session_.get(), SSH_OPTIONS_PORT, &port);
    ssh_options_set(session_.get(), SSH_OPTIONS_USER, lab.user().c_str());
    ssh_options_set(session_.get(), SSH_OPTIONS_TIMEOUT, &seconds);
    ssh_options_set(session_.get(), SSH_OPTIONS_KNOWNHOSTS, lab.known_hosts_file().c_str());
    ssh_options_set(session_.get(), SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
    if (ssh_connect(session_.get()) != SSH_OK) problem = std::string("connect: ") + ssh_get_error(session_.get());
    else if (ssh_session_is_known_server(session_.get()) != SSH_KNOWN_HOSTS_OK) problem = "host key";
  }
  Client& with_key(const LightLab& lab) {
    ssh_key key = nullptr;
    if (!problem.empty()) return *this;
    ssh_pki_import_privkey_file(lab.key_file().c_str(), nullptr, nullptr, nullptr, &key);
    if (ssh_userauth_publickey(session_.get(), nullptr, key) != SSH_AUTH_SUCCESS) problem = "auth";
    ssh_key_free(key);
    return *this;
  }
  Client& with_password(std::string_view password) {
    if (problem.empty() && ssh_userauth_password(session_.get(), nullptr, std::string(password).c_str()) != SSH_AUTH_SUCCESS) problem = "auth";
    return *this;
  }
  Ran run(const std::string& command, const std::string& input = {}) {
    if (!problem.empty()) return {.failure = problem};
    const std::unique_ptr<ssh_channel_struct, void (*)(ssh_channel)> channel(ssh_channel_new(session_.get()), ssh_channel_free);
    if (ssh_channel_open_session(channel.get()) != SSH_OK) return {.failure = "open"};
    if (ssh_channel_request_exec(channel.get(), command.c_str()) != SSH_OK) return {.failure = "exec"};
    if (!input.empty()) ssh_channel_write(channel.get(), input.data(), static_cast<std::uint32_t>(input.size()));
    ssh_channel_send_eof(channel.get());
    Ran ran;
    char bytes[16'384];
    for (const int error : {0, 1})
      for (int got = 0; (got = ssh_channel_read(channel.get(), bytes, sizeof bytes, error)) > 0;)
        (error != 0 ? ran.err : ran.out).append(bytes, static_cast<std::size_t>(got));
    ran.code = ssh_channel_get_exit_status(channel.get());
    if (ssh_is_connected(session_.get()) == 0) ran.failure = "lost";
    return ran;
  }
  [[nodiscard]] ssh_session session() const noexcept { return session_.get(); }

  std::string problem;  // empty while all is well

 private:
  struct Free {
    void operator()(ssh_session session) const { ssh_free(session); }
  };
  std::unique_ptr<ssh_session_struct, Free> session_;
};

}  // namespace herder::lab
