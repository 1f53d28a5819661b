#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "engine/transfer_remote.hpp"

namespace herder::engine {
namespace {

using transport::DirectoryEntry;
using transport::FileAttributes;
using transport::Sftp;
using transport::SftpOpen;

constexpr int most_depth = 128;
constexpr std::uint32_t most_file_mode = 0777;  // no set-user-id bits from a host

/// A local directory that is entered one component at a time and without following links.
Result<UniqueFd> enter(int parent, const std::string& name) {
  if (::mkdirat(parent, name.c_str(), 0755) != 0 && errno != EEXIST)
    return std::unexpected(os_error(errno, fmt::format("make the directory '{}'", text::printable(name))));
  UniqueFd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return std::unexpected(os_error(errno, fmt::format("open the directory '{}'", text::printable(name))));
  return fd;
}

class Download {
 public:
  Download(transport::Session& session, Sftp& sftp, TransferOptions options, Deadline deadline)
      : session_(&session), sftp_(&sftp), options_(options), deadline_(std::move(deadline)) {}

  Async<Result<TransferTotals>> run(std::string source, int folder) {
    while (source.size() > 1 && source.ends_with('/')) source.pop_back();
    HERDER_CO_TRY(const FileAttributes root, co_await sftp_->stat(source, deadline_));
    // The local name comes from what the user wrote, never from the host.
    std::string name = source.substr(source.rfind('/') + 1);
    if (name.empty() || name == "." || name == "..") name = "root";
    if (root.is_directory()) {
      if (!options_.recursive)
        co_return std::unexpected(error(Errc::usage, "'{}' is a directory on the host", source).hint("fetch a whole tree with --recursive (-r)"));
      HERDER_CO_TRY(UniqueFd into, enter(folder, name));
      HERDER_CO_TRY_VOID(co_await tree(source, std::move(into), 0));
    } else if (root.is_regular() || !root.mode) {
      HERDER_CO_TRY_VOID(co_await file(source, folder, name, root, deadline_));
    } else {
      co_return fail(Errc::unsupported, "'{}' on the host is neither a file nor a directory", source);
    }
    if (options_.checksum) HERDER_CO_TRY_VOID(co_await verify());
    co_return totals_;
  }

 private:
  Async<Result<>> tree(std::string path, UniqueFd into, int depth) {
    if (depth > most_depth) co_return fail(Errc::limit, "directories on the host are more than {} deep", most_depth);
    HERDER_CO_TRY(const std::vector<DirectoryEntry> entries, co_await sftp_->list(path, deadline_));
    Jobs jobs(most_files, deadline_);
    for (const DirectoryEntry& entry : entries) {
      if (!entry.attributes.is_regular()) continue;
      co_await jobs.add(file(path + "/" + entry.name, into.get(), entry.name, entry.attributes, jobs.deadline()));
      if (jobs.failed()) break;
    }
    HERDER_CO_TRY_VOID(co_await jobs.finish());
    for (const DirectoryEntry& entry : entries) {
      if (entry.attributes.is_directory()) {
        HERDER_CO_TRY(UniqueFd below, enter(into.get(), entry.name));
        HERDER_CO_TRY_VOID(co_await tree(path + "/" + entry.name, std::move(below), depth + 1));
      } else if (!entry.attributes.is_regular()) {
        ++totals_.skipped;
      }
    }
    co_return Result<>{};
  }

  static bool same(int folder, const std::string& name, const FileAttributes& there) {
    struct stat here{};
    return ::fstatat(folder, name.c_str(), &here, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(here.st_mode) &&
           there.size == static_cast<std::uint64_t>(here.st_size) && there.mtime == static_cast<std::uint32_t>(here.st_mtim.tv_sec);
  }

  Async<Result<>> file(std::string path, int folder, std::string name, FileAttributes there, Deadline deadline) {
    if (!options_.checksum && same(folder, name, there)) {
      ++totals_.unchanged;
      co_return Result<>{};
    }
    const std::string temporary = fmt::format(".herder-{}-{}.tmp", ::getpid(), ++files_begun_);
    UniqueFd out(::openat(folder, temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!out) co_return std::unexpected(os_error(errno, fmt::format("make a file for '{}'", text::printable(name))));
    Result<> got = co_await receive(path, out.get(), there, deadline);
    if (got) got = finish(out.get(), folder, temporary, name, there);
    if (!got) {
      ::unlinkat(folder, temporary.c_str(), 0);
      co_return std::unexpected(with_via(got.error(), "fetching {}", path));
    }
    if (options_.checksum) {
      HERDER_CO_TRY(wanted_[path], sha256_of_file(out.get()));
    }
    ++totals_.files;
    struct stat status{};
    if (::fstat(out.get(), &status) == 0) totals_.bytes += static_cast<std::uint64_t>(status.st_size);
    co_return Result<>{};
  }

  Result<> finish(int fd, int folder, const std::string& temporary, const std::string& name, const FileAttributes& there) {
    const timespec time{.tv_sec = there.mtime.value_or(0), .tv_nsec = 0};
    const timespec times[2] = {time, time};
    if (there.mtime && ::futimens(fd, times) != 0) return std::unexpected(os_error(errno, "set the time of the file"));
    const std::uint32_t mode = options_.mode != 0 ? options_.mode : there.mode.value_or(0644) & most_file_mode;
    if (::fchmod(fd, mode) != 0) return std::unexpected(os_error(errno, "set the mode of the file"));
    if (::renameat(folder, temporary.c_str(), folder, name.c_str()) != 0)
      return std::unexpected(os_error(errno, fmt::format("rename the file to '{}'", text::printable(name))));
    return {};
  }

  /// Whole files whose size is known are asked for in many pieces at a time; then, and for files in /proc that say 0, on to the end.
  Async<Result<>> receive(std::string path, int fd, FileAttributes there, Deadline deadline) {
    HERDER_CO_TRY(const std::string handle, co_await sftp_->open_file(path, SftpOpen::read, 0, deadline));
    const std::uint64_t size = there.size.value_or(0);
    Jobs pieces(most_pieces, deadline);
    for (std::uint64_t at = 0; at < size && !pieces.failed(); at += Sftp::piece_bytes)
      co_await pieces.add(receive_piece(handle, fd, at, std::min<std::uint64_t>(Sftp::piece_bytes, size - at), pieces.deadline()));
    Result<> got = co_await pieces.finish();
    for (std::uint64_t at = size; got;) {
      auto more = co_await sftp_->read(handle, at, Sftp::piece_bytes, deadline);
      if (!more) got = std::unexpected(more.error());
      if (!more || more->empty()) break;
      got = put(fd, *more, at);
      at += more->size();
    }
    HERDER_CO_TRY_VOID(co_await sftp_->close_handle(handle, deadline));
    co_return got;
  }

  Async<Result<>> receive_piece(std::string handle, int fd, std::uint64_t at, std::uint64_t size, Deadline deadline) {
    while (size > 0) {
      HERDER_CO_TRY(const std::string bytes, co_await sftp_->read(handle, at, static_cast<std::uint32_t>(size), deadline));
      if (bytes.empty()) co_return fail(Errc::conflict, "the file on the host became shorter while it was fetched");
      HERDER_CO_TRY_VOID(put(fd, bytes, at));
      at += bytes.size();
      size -= bytes.size();
    }
    co_return Result<>{};
  }

  static Result<> put(int fd, std::string_view bytes, std::uint64_t at) {
    while (!bytes.empty()) {
      const ssize_t done = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return std::unexpected(os_error(errno, "write the local file"));
      at += static_cast<std::uint64_t>(done);
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    return {};
  }

  Async<Result<>> verify() {
    std::vector<std::string> paths;
    for (const auto& [path, wanted] : wanted_) paths.push_back(path);
    HERDER_CO_TRY(const auto there, co_await remote_checksums(*session_, std::move(paths), deadline_));
    for (const auto& [path, wanted] : wanted_) {
      const auto it = there.find(path);
      if (it == there.end() || it->second != wanted) co_return fail(Errc::io, "'{}' is not what was fetched (SHA-256 differs)", path);
    }
    co_return Result<>{};
  }

  transport::Session* session_;
  Sftp* sftp_;
  TransferOptions options_;
  Deadline deadline_;
  TransferTotals totals_;
  std::uint64_t files_begun_ = 0;
  std::map<std::string, std::string> wanted_;
};

Result<UniqueFd> open_folder(const std::string& folder) {
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) return std::unexpected(os_error(errno, fmt::format("make the directory '{}'", folder)));
  UniqueFd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) return std::unexpected(os_error(errno, fmt::format("open the directory '{}'", folder)));
  return fd;
}

}  // namespace

Async<Result<TransferTotals>> download(transport::Session& session, std::string source, std::string folder, TransferOptions options,
                                       Deadline deadline) {
  HERDER_CO_TRY(const UniqueFd into, open_folder(folder));
  HERDER_CO_TRY(const std::unique_ptr<Sftp> sftp, co_await Sftp::open(session, deadline));
  Download work(session, *sftp, options, deadline);
  auto totals = co_await work.run(std::move(source), into.get());
  co_await sftp->close();
  co_return totals;
}

}  // namespace herder::engine
