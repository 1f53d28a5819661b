#include "transport/local.hpp"

#include <unistd.h>

#include <array>

#include "transport/local_process.hpp"

namespace herder::transport {
namespace {

constexpr std::array sftp_servers{"/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server"};

Result<std::vector<std::string>> argv_of(const Command& command) {
  if (command.subsystem.empty()) return std::vector<std::string>{"/bin/sh", "-c", command.line};
  if (command.subsystem == "sftp")
    for (const char* path : sftp_servers)
      if (::access(path, X_OK) == 0) return std::vector<std::string>{path};
  return std::unexpected(error(Errc::unsupported, "no subsystem '{}' on this machine", command.subsystem)
                             .hint("install openssh-sftp-server"));
}

class LocalSession final : public Session {
 public:
  Async<Result<std::unique_ptr<Process>>> start(Command command, Deadline deadline) override {
    HERDER_CO_TRY_VOID(deadline.check());
    if (command.pty) co_return fail(Errc::unsupported, "connection 'local' has no pseudo-terminals");
    HERDER_CO_TRY(std::vector<std::string> argv, argv_of(command));
    HERDER_CO_TRY(std::unique_ptr<LocalProcess> process,
                  LocalProcess::spawn({.argv = std::move(argv), .env = std::move(command.env)}));
    co_return std::unique_ptr<Process>(std::move(process));
  }
  [[nodiscard]] bool alive() const override { return true; }
  [[nodiscard]] std::string describe() const override { return "local"; }
  Async<void> close(Deadline) override { co_return; }
};

class LocalConnector final : public Connector {
 public:
  Async<Result<std::shared_ptr<Session>>> connect(std::shared_ptr<const Target>, Deadline) override {
    co_return std::make_shared<LocalSession>();
  }
};

}  // namespace

std::unique_ptr<Connector> make_local_connector() { return std::make_unique<LocalConnector>(); }

}  // namespace herder::transport
