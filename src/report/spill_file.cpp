#include "report/spill_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include "base/text.hpp"

namespace herder::report {
namespace {

std::string choose_directory(const std::string& wanted) {
  if (!wanted.empty()) return wanted;
  const char* set = std::getenv("TMPDIR");
  if (set != nullptr && *set != 0) return set;
  return ::access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp";
}

Error spill_error(int number, const std::string& directory) {
  Error why = os_error(number, fmt::format("keep the hosts' output in {}", text::printable(directory)));
  why.help = "free some space there, set TMPDIR to another directory, or keep less with --output-limit";
  return why;
}

}  // namespace

Result<> SpillFile::open() {
  directory_ = choose_directory(directory_);
  fd_.reset(::open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600));
  if (fd_) return {};
  // Some file systems (overlay of old kernels, NFS) have no nameless files: make one with a name and take that away.
  std::string name = directory_ + "/.herder-XXXXXX";
  fd_.reset(::mkostemp(name.data(), O_CLOEXEC));
  if (!fd_) return std::unexpected(spill_error(errno, directory_));
  ::unlink(name.c_str());
  return {};
}

Result<> SpillFile::write(std::uint64_t offset, std::string_view bytes) {
  if (!fd_) HERDER_TRY_VOID(open());
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(spill_error(errno, directory_));
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  if (offset > size_) size_ = offset;
  return {};
}

Result<> SpillFile::read(std::uint64_t offset, char* to, std::size_t size) const {
  while (size > 0) {
    const ssize_t got = ::pread(fd_.get(), to, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(os_error(errno, "read the hosts' output back"));
    if (got == 0) return fail(Errc::io, "the hosts' output ends before it should");
    to += got;
    offset += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  return {};
}

}  // namespace herder::report
