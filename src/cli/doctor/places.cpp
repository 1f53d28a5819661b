// Directories that herder works in.
#include <cerrno>

#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/doctor/finding.hpp"

namespace herder::cli::doctor {
namespace {

constexpr std::uint64_t little_space = std::uint64_t{1} << 30U;
constexpr std::uint64_t no_space = std::uint64_t{64} << 20U;

}  // namespace

Finding check_temporary(const std::string& directory) {
  const std::string check = "temporary files";
  struct stat info{};
  if (::stat(directory.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return {Level::fix, check, directory + " is not a directory", "make it (mode 1777), or set TMPDIR to another one"};
  if (::access(directory.c_str(), W_OK | X_OK) != 0) return {Level::fix, check, directory + " cannot be written", "set TMPDIR to a directory that can"};
  const bool shared = (info.st_mode & S_IWOTH) != 0;
  if (shared && (info.st_mode & S_ISVTX) == 0)
    return {Level::fix, check, fmt::format("everybody may remove anybody's files in {}", directory), "chmod 1777 " + text::shell_quote(directory)};
  struct statvfs mount{};
  if (::statvfs(directory.c_str(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0)
    return {Level::note, check, fmt::format("programs cannot be started from {} (mounted noexec)", directory),
            "--script on the local connection needs a place where they can: set TMPDIR"};
  return {Level::ok, check, directory + " is fine", ""};
}

std::uint64_t free_bytes_of(const std::string& directory) {
  struct statvfs mount{};
  if (::statvfs(directory.c_str(), &mount) != 0) return 0;
  return std::uint64_t{mount.f_bavail} * mount.f_frsize;
}

Finding check_space(const std::string& directory, std::uint64_t free_bytes) {
  const std::string what = fmt::format("{} free in {} for what hosts print", format_size(static_cast<std::int64_t>(free_bytes)), directory);
  if (free_bytes < no_space) return {Level::fix, "disk space", what, "free some, or set TMPDIR to a directory with more"};
  if (free_bytes < little_space) return {Level::note, "disk space", what, "large outputs of large fleets need more; set TMPDIR, or lower --output-limit"};
  return {Level::ok, "disk space", what, ""};
}

Finding check_run_directory(const std::string& directory) {
  const std::string check = "run directory";
  struct stat info{};
  if (::lstat(directory.c_str(), &info) != 0) {
    const std::string parent = directory.substr(0, directory.rfind('/'));
    if (::access(parent.c_str(), W_OK | X_OK) == 0) return {Level::ok, check, directory + " will be made when it is needed", ""};
    return {Level::fix, check, fmt::format("{} cannot be made: {} cannot be written", directory, parent), "set XDG_RUNTIME_DIR to a private directory"};
  }
  if (!S_ISDIR(info.st_mode)) return {Level::fix, check, directory + " is not a directory", "find out who made it, and remove it"};
  if (info.st_uid != ::geteuid()) return {Level::fix, check, fmt::format("{} belongs to user id {}", directory, info.st_uid), "find out who made it, and have it removed"};
  if ((info.st_mode & 0077U) != 0)
    return {Level::fix, check, fmt::format("{} is open to others (mode {:04o})", directory, info.st_mode & 07777U), "chmod 700 " + text::shell_quote(directory)};
  return {Level::ok, check, directory + " is private", ""};
}

Finding check_inventory(const std::string& sources) {
  const std::string check = "inventory";
  if (sources.empty()) {
    if (::access("/etc/ansible/hosts", R_OK) == 0) return {Level::ok, check, "/etc/ansible/hosts", ""};
    return {Level::note, check, "no inventory is set and there is no /etc/ansible/hosts", "give one with -i, or set HERDER_INVENTORY"};
  }
  if (sources.find(',') == std::string::npos && ::access(expand_user(sources).c_str(), R_OK) != 0)
    return {Level::fix, check, fmt::format("{} cannot be read", sources), "correct HERDER_INVENTORY (or ANSIBLE_INVENTORY)"};
  return {Level::ok, check, sources, ""};
}

Finding check_working_directory(const std::string& directory) {
  const std::string check = "working directory";
  struct stat info{};
  if (::stat(directory.c_str(), &info) != 0) return {Level::fix, check, "the working directory is gone", "change to another one"};
  if ((info.st_mode & S_IWOTH) != 0 && ::access((directory + "/ansible.cfg").c_str(), F_OK) == 0)
    return {Level::note, check, "everybody may write here, so ansible.cfg in it is not to be trusted", "work in a directory of your own"};
  return {Level::ok, check, directory, ""};
}

}  // namespace herder::cli::doctor
