// What exec and ping do once their arguments are read.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/error_format.hpp"
#include "cli/exec_args.hpp"
#include "cli/fleet.hpp"
#include "cli/io.hpp"
#include "cli/secrets.hpp"

namespace herder::cli {
namespace {

constexpr std::size_t most_script_bytes = 64 << 20;

/// A pipe or terminal is copied to an unlinked file first: every host reads it from the start.
Result<UniqueFd> spool(int from) {
  const char* directory = std::getenv("TMPDIR");
  std::string path = fmt::format("{}/herder-input-XXXXXX", directory != nullptr && *directory == '/' ? directory : "/tmp");
  UniqueFd file(::mkostemp(path.data(), O_CLOEXEC));
  if (!file) return std::unexpected(os_error(errno, fmt::format("make the temporary file {}", path)));
  ::unlink(path.c_str());
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(from, buffer, sizeof buffer);
    if (got == 0) return file;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(os_error(errno, "read standard input"));
    for (ssize_t done = 0; done < got;) {
      const ssize_t put = ::write(file.get(), buffer + done, static_cast<std::size_t>(got - done));
      if (put < 0 && errno != EINTR) return std::unexpected(os_error(errno, "keep standard input in a temporary file"));
      if (put > 0) done += put;
    }
  }
}

Result<std::shared_ptr<const engine::InputFile>> open_input(const std::string& path) {
  if (path.empty()) return nullptr;
  UniqueFd fd(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::unexpected(os_error(errno, fmt::format("open '{}'", path)));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return std::unexpected(os_error(errno, fmt::format("look at '{}'", path)));
  if (S_ISDIR(status.st_mode)) return fail(Errc::usage, "--stdin: '{}' is a directory", path);
  if (!S_ISREG(status.st_mode)) {
    HERDER_TRY(fd, spool(fd.get()));
    ::fstat(fd.get(), &status);
  }
  return std::make_shared<engine::InputFile>(std::move(fd), static_cast<std::uint64_t>(status.st_size));
}

Result<engine::ExecPlan> plan_from(const ExecArgs& args) {
  engine::ExecPlan plan;
  plan.kind = args.kind;
  plan.command = args.kind == "ping" ? "true" : args.command;
  if (!args.script.empty()) {
    HERDER_TRY(std::string content, read_file(args.script, most_script_bytes), "reading the script");
    plan.script = engine::Script{.content = std::move(content), .arguments = args.words};
    plan.command = args.script;
  }
  plan.env = args.env;
  plan.chdir = args.chdir;
  HERDER_TRY(plan.become, become_from(args.become));
  HERDER_TRY(plan.input, open_input(args.stdin_file));
  plan.forks = args.fleet.forks;
  if (args.fleet.serial) plan.serial = {*args.fleet.serial};
  plan.timeout = args.fleet.timeout.value_or(Duration::zero());
  plan.retries = args.fleet.retries;
  plan.max_fail = args.fleet.max_fail;
  return plan;
}

}  // namespace

Result<std::shared_ptr<const Secret>> password_from(bool ask, const std::string& file, std::string_view prompt) {
  if (!ask && file.empty()) return nullptr;
  HERDER_TRY(Secret secret, ask ? ask_secret(prompt) : secret_from_file(file));
  return std::make_shared<const Secret>(std::move(secret));
}

Result<std::optional<engine::Become>> become_from(const BecomeArgs& args) {
  if (!args.become) return std::nullopt;
  engine::Become out{.method = args.method == "su" ? engine::BecomeMethod::su : engine::BecomeMethod::sudo, .user = args.user, .password = {}};
  HERDER_TRY(out.password, password_from(args.ask_pass, args.password_file, "become password: "));
  return out;
}

int run_exec(const ExecArgs& args, Io& io) {
  auto plan = plan_from(args);
  auto fleet = plan ? choose_fleet(args.pattern, args.inventory, args.connection) : Result<Fleet>(std::unexpected(plan.error()));
  if (fleet) return run_and_report(*std::move(plan), *std::move(fleet), args.connection, args.report, io);
  io.err.write(format_error(fleet.error(), {.color = io.color_err, .verbosity = io.verbosity}));
  return fleet.error().code == Errc::usage || fleet.error().code == Errc::parse ? exit_code::usage : exit_code::herder;
}

}  // namespace herder::cli
