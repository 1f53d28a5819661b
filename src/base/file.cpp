#include "base/file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "base/units.hpp"

namespace herder {
namespace {

constexpr std::size_t read_step_bytes = std::size_t{64} << 10U;
constexpr long passwd_buffer_bytes = 16384;
constexpr int name_tries = 16;

std::string shown(const std::string& path) { return "'" + text::printable(path) + "'"; }

Result<> write_all(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t wrote = ::write(fd, content.data(), content.size());
    if (wrote < 0) {
      if (errno == EINTR) continue;
      return std::unexpected(os_error(errno, "write " + shown(path)));
    }
    content.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// A new file beside `path` that nobody else opened, mode 0600 until its content is whole.
Result<UniqueFd> open_beside(const std::string& path, std::string& temporary) {
  const auto slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  for (int attempt = 0; attempt < name_tries; ++attempt) {
    unsigned char noise[6] = {};
    if (::getrandom(noise, sizeof noise, 0) != sizeof noise) return std::unexpected(os_error(errno, "read random bytes"));
    const std::string suffix = text::hex({reinterpret_cast<const char*>(noise), sizeof noise});
    temporary = folder_of(path) + "/." + std::string(text::cut(name, 200)) + "." + suffix;
    UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd) return fd;
    if (errno != EEXIST) return std::unexpected(os_error(errno, "create a file beside " + shown(path)));
  }
  return fail(Errc::io, "cannot create a file beside {}: every name tried exists", shown(path));
}

/// The home directory in the password database; `name` empty: the caller's.
std::string home_in_database(const std::string& name) {
  std::vector<char> buffer(static_cast<std::size_t>(std::max(passwd_buffer_bytes, ::sysconf(_SC_GETPW_R_SIZE_MAX))));
  passwd entry{};
  passwd* found = nullptr;
  const int failure = name.empty() ? ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found)
                                   : ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (failure != 0 || found == nullptr || found->pw_dir == nullptr) return {};
  return found->pw_dir;
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return std::unexpected(os_error(errno, "open " + shown(path)));
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return std::unexpected(os_error(errno, "look at " + shown(path)));
  if (S_ISDIR(info.st_mode)) return fail(Errc::io, "cannot read {}: it is a directory", shown(path));
  const auto too_large = [&] {
    return fail(Errc::limit, "{} is larger than {}", shown(path), format_size(static_cast<std::int64_t>(max_bytes)));
  };
  const auto expected = static_cast<std::size_t>(std::max<off_t>(0, info.st_size));
  if (S_ISREG(info.st_mode) && expected > max_bytes) return too_large();

  std::string content;  // pipes and /proc files say 0 bytes, files may grow meanwhile: read until the end, whatever the size said
  std::size_t filled = 0;
  content.resize(std::min(expected, max_bytes) + 1);
  for (;;) {
    if (filled == content.size()) {
      if (filled > max_bytes) return too_large();
      content.resize(std::min(max_bytes + 1, filled + std::max(filled, read_step_bytes)));
    }
    const ssize_t got = ::read(fd.get(), content.data() + filled, content.size() - filled);
    if (got == 0) break;
    if (got < 0 && errno != EINTR) return std::unexpected(os_error(errno, "read " + shown(path)));
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  if (filled > max_bytes) return too_large();
  content.resize(filled);
  return content;
}

Result<> write_file_atomically(const std::string& path, std::string_view content, unsigned mode) {
  std::string temporary;
  HERDER_TRY(UniqueFd fd, open_beside(path, temporary));
  const auto finish = [&]() -> Result<> {
    HERDER_TRY_VOID(write_all(fd.get(), content, path));
    if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0) return std::unexpected(os_error(errno, "set the mode of " + shown(path)));
    if (::fsync(fd.get()) != 0) return std::unexpected(os_error(errno, "sync " + shown(path)));
    if (::rename(temporary.c_str(), path.c_str()) != 0) return std::unexpected(os_error(errno, "replace " + shown(path)));
    return {};
  };
  if (auto done = finish(); !done) {
    ::unlink(temporary.c_str());
    return done;
  }
  // The rename is on disk once its directory is; file systems that cannot sync one (EINVAL) need no help.
  const std::string folder = folder_of(path);
  const UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory && ::fsync(directory.get()) != 0 && errno != EINVAL) return std::unexpected(os_error(errno, "sync " + shown(folder)));
  return {};
}

std::string home_directory() {
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] != '\0') return home;
  std::string found = home_in_database("");
  return found.empty() ? "/" : found;
}

std::string expand_user(std::string_view path) {
  if (path.empty() || path[0] != '~') return std::string(path);
  const auto slash = std::min(path.find('/'), path.size());
  const std::string user(path.substr(1, slash - 1));
  std::string home = user.empty() ? home_directory() : home_in_database(user);
  if (home.empty()) return std::string(path);
  if (home.ends_with('/') && slash < path.size()) home.pop_back();
  return home + std::string(path.substr(slash));
}

Result<> make_private_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return std::unexpected(os_error(errno, "make directory " + shown(path)));
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd && (errno == ELOOP || errno == ENOTDIR)) {
    return std::unexpected(error(Errc::denied, "{} is a link or a file, not a directory of ours", shown(path)).hint("remove it, or choose another place"));
  }
  if (!fd) return std::unexpected(os_error(errno, "open directory " + shown(path)));
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return std::unexpected(os_error(errno, "look at " + shown(path)));
  if (info.st_uid != ::geteuid()) return fail(Errc::denied, "{} belongs to user id {}, not to us", shown(path), info.st_uid);
  if ((info.st_mode & 0022U) != 0) {
    return std::unexpected(error(Errc::denied, "{} can be written by others (mode {:04o})", shown(path), info.st_mode & 07777U)
                               .hint("chmod 700 it, or remove it"));
  }
  if ((info.st_mode & 0777U) != 0700 && ::fchmod(fd.get(), 0700) != 0) return std::unexpected(os_error(errno, "chmod " + shown(path)));
  return {};
}

void UniqueFd::reset(int fd) noexcept {
  if (fd_ >= 0) ::close(fd_);  // never repeated on EINTR: Linux has released the descriptor by then
  fd_ = fd;
}

Result<> make_directories(const std::string& path, unsigned mode) {
  for (std::size_t slash = path.find('/', 1); true; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    struct stat there{};
    const bool is_directory = ::stat(part.c_str(), &there) == 0 && S_ISDIR(there.st_mode);
    if (!is_directory && ::mkdir(part.c_str(), mode) != 0) return std::unexpected(os_error(errno, "create directory " + shown(part)));
    if (slash == std::string::npos) return {};
  }
}

}  // namespace herder
