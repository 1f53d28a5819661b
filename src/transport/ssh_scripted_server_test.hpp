// An SSH server (libssh's server side, on a thread) that authenticates as a test tells it and runs nothing.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "transport/ssh_server_test.hpp"

namespace herder::transport {

struct ServerScript {
  std::string password;                                       // accepted by the method password; empty: method off
  std::vector<std::pair<std::string, std::string>> questions;  // of keyboard-interactive, with the right answers; empty: method off
  bool both = false;                                          // the password alone is not enough: then the questions
};

class ScriptedServer {
 public:
  explicit ScriptedServer(ServerScript script);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  /// With the host key listed.
  [[nodiscard]] Target target() const;
  [[nodiscard]] std::vector<std::string> attempts() const {
    const std::lock_guard guard(lock_);
    return attempts_;
  }

 private:
  void serve();
  bool authenticate(void* session);

  TestDirectory directory_;
  ServerScript script_;
  UniqueFd listener_;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  void note(std::string_view attempt) {
    const std::lock_guard guard(lock_);
    attempts_.emplace_back(attempt);
  }
  mutable std::mutex lock_;
  std::vector<std::string> attempts_;  // guarded by lock_
  std::jthread thread_;
};

}  // namespace herder::transport
