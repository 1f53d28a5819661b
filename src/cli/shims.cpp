// herder shims install: links by whose names herder stands in for other programs.
#include <cerrno>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/common_options.hpp"
#include "cli/parsed.hpp"

namespace herder::cli {
namespace {

constexpr Option options[] = {
    {.name = "force", .help = "replace other files of these names, too"},
};
constexpr OptionSet sets[] = {{"Shims", options}, global_set};
constexpr Operand operands[] = {
    {.name = "DIR", .arg = Arg::directory, .help = "where to put the links; made when missing, and to be put first in PATH"},
};
constexpr Example examples[] = {
    {"shims install ~/herder-shims", "then: PATH=~/herder-shims:$PATH ansible all -m ping"},
};

Result<std::string> own_path() {
  char buffer[4096];
  const ssize_t size = ::readlink("/proc/self/exe", buffer, sizeof buffer);
  if (size <= 0) return std::unexpected(os_error(errno, "find out where herder is"));
  return std::string(buffer, static_cast<std::size_t>(size));
}

/// What is in the way at `path`: nothing, a link to some herder, or something else.
enum class There : std::uint8_t { nothing, ours, other };

There look(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return There::nothing;
  if (!S_ISLNK(info.st_mode)) return There::other;
  char buffer[4096];
  const ssize_t size = ::readlink(path.c_str(), buffer, sizeof buffer);
  const std::string_view target(buffer, size > 0 ? static_cast<std::size_t>(size) : 0);
  return target.substr(target.rfind('/') + 1) == "herder" ? There::ours : There::other;
}

Result<> make_link(const std::string& target, const std::string& path) {
  // Beside and renamed: the name is never missing meanwhile.
  const std::string beside = fmt::format("{}.{}", path, ::getpid());
  if (::symlink(target.c_str(), beside.c_str()) != 0) return std::unexpected(os_error(errno, fmt::format("make {}", text::printable_line(beside))));
  if (::rename(beside.c_str(), path.c_str()) == 0) return {};
  const int number = errno;
  ::unlink(beside.c_str());
  return std::unexpected(os_error(number, fmt::format("make {}", text::printable_line(path))));
}

Result<> install(const std::string& directory, bool force, Io& io) {
  HERDER_TRY(const std::string target, own_path());
  HERDER_TRY_VOID(make_directories(directory));
  for (const Command* shim : shims()) {
    const std::string path = directory + "/" + std::string(shim->name);
    if (look(path) == There::other && !force)
      return std::unexpected(error(Errc::conflict, "{} is there already and is not herder's", text::printable_line(path))
                                 .hint("choose another directory, or replace it with --force"));
  }
  for (const Command* shim : shims()) {
    const std::string path = directory + "/" + std::string(shim->name);
    HERDER_TRY_VOID(make_link(target, path));
    if (io.verbosity >= 0) io.out.write(fmt::format("{} -> {}\n", text::printable_line(path), text::printable_line(target)));
  }
  return {};
}

Result<Action> prepare_install(const Parsed& parsed) {
  return Action([directory = expand_user(parsed.operand("DIR")), force = parsed.flag("force")](Io& io) {
    const auto done = install(directory, force, io);
    return done ? exit_code::ok : report_error(done.error(), io);
  });
}

}  // namespace

extern constinit const Command shims_install_command{
    .name = "shims install",
    .summary = "make links by which herder stands in for other programs",
    .about = "Called by such a name, herder takes that program's options, gives its output and ends with its codes. What it does not do yet it\n"
             "says. Files that are not links to herder are left alone.",
    .sets = sets,
    .operands = operands,
    .examples = examples,
    .prepare = prepare_install,
};

}  // namespace herder::cli
