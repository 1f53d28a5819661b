#include "transport/ssh_scripted_server_test.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <libssh/libssh.h>
#include <libssh/server.h>

#include <fstream>

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace herder::transport {

ScriptedServer::ScriptedServer(ServerScript script) : script_(std::move(script)) {
  run_program({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory_ / "host"});
  listener_.reset(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::listen(listener_.get(), 8);
  socklen_t size = sizeof address;
  ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  const std::string key = read_file(directory_ / "host.pub").value();
  std::ofstream(directory_ / "known_hosts") << fmt::format("[127.0.0.1]:{} {}", port_, key);
  thread_ = std::jthread([this] { serve(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
}

Target ScriptedServer::target() const {
  Target target;
  target.name = "scripted";
  target.address = "127.0.0.1";
  target.port = port_;
  target.user = "tester";
  target.user_known_hosts = {directory_ / "known_hosts"};
  target.connect_timeout = std::chrono::seconds(60);
  return target;
}

void ScriptedServer::serve() {
  ssh_bind bound = ssh_bind_new();
  const int off = 0;
  ssh_bind_options_set(bound, SSH_BIND_OPTIONS_PROCESS_CONFIG, &off);
  ssh_bind_options_set(bound, SSH_BIND_OPTIONS_HOSTKEY, (directory_ / "host").c_str());
  while (!stopping_) {
    const int fd = ::accept(listener_.get(), nullptr, nullptr);
    if (fd < 0) break;
    ssh_session session = ssh_new();
    if (ssh_bind_accept_fd(bound, session, fd) == SSH_OK && ssh_handle_key_exchange(session) == SSH_OK && authenticate(session)) {
      while (ssh_message message = ssh_message_get(session)) ssh_message_free(message);  // until the client goes
    }
    ssh_disconnect(session);
    ssh_free(session);
    ::close(fd);
  }
  ssh_bind_free(bound);
}

bool ScriptedServer::authenticate(void* raw) {
  ssh_session session = static_cast<ssh_session>(raw);
  int methods = script_.password.empty() ? 0 : SSH_AUTH_METHOD_PASSWORD;
  if (!script_.questions.empty() && !script_.both) methods |= SSH_AUTH_METHOD_INTERACTIVE;
  const auto accept = [](ssh_message message) {
    ssh_message_auth_reply_success(message, 0);
    ssh_message_free(message);
    return true;
  };
  while (ssh_message message = ssh_message_get(session)) {
    const int subtype = ssh_message_subtype(message);
    if (ssh_message_type(message) == SSH_REQUEST_SERVICE) {
      ssh_message_service_reply_success(message);
    } else if (ssh_message_type(message) != SSH_REQUEST_AUTH) {
      ssh_message_reply_default(message);
    } else if (subtype == SSH_AUTH_METHOD_PASSWORD && (methods & SSH_AUTH_METHOD_PASSWORD) != 0) {
      note("password");
      if (script_.password == ssh_message_auth_password(message)) {
        if (!script_.both) return accept(message);
        methods = SSH_AUTH_METHOD_INTERACTIVE;
        ssh_message_auth_set_methods(message, methods);
        ssh_message_auth_reply_success(message, 1);
      } else {
        ssh_message_auth_set_methods(message, methods);
        ssh_message_reply_default(message);
      }
    } else if (subtype == SSH_AUTH_METHOD_INTERACTIVE && (methods & SSH_AUTH_METHOD_INTERACTIVE) != 0) {
      if (ssh_message_auth_kbdint_is_response(message) == 0) {
        note("questions");
        std::vector<const char*> prompts;
        std::vector<char> echo(script_.questions.size(), 0);
        for (const auto& [question, answer] : script_.questions) prompts.push_back(question.c_str());
        ssh_message_auth_interactive_request(message, "", "", static_cast<unsigned>(prompts.size()), prompts.data(), echo.data());
      } else {
        bool right = ssh_userauth_kbdint_getnanswers(session) == static_cast<int>(script_.questions.size());
        for (unsigned i = 0; right && i < script_.questions.size(); ++i) {
          const char* given = ssh_userauth_kbdint_getanswer(session, i);
          right = given != nullptr && script_.questions[i].second == given;
        }
        if (right) return accept(message);
        ssh_message_auth_set_methods(message, methods);
        ssh_message_reply_default(message);
      }
    } else {
      note(subtype == SSH_AUTH_METHOD_NONE ? "none" : subtype == SSH_AUTH_METHOD_PUBLICKEY ? "publickey" : "other");
      ssh_message_auth_set_methods(message, methods);
      ssh_message_reply_default(message);
    }
    ssh_message_free(message);
  }
  return false;
}

}  // namespace herder::transport
