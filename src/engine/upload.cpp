#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.hpp"
#include "engine/transfer_remote.hpp"

namespace herder::engine {
namespace {

using transport::FileAttributes;
using transport::Sftp;
using transport::SftpOpen;

std::string temporary_name(const std::string& path) {
  unsigned char bytes[6];
  HERDER_ASSERT(::getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
  const std::size_t slash = path.rfind('/') + 1;
  return fmt::format("{}.herder-{}.tmp", path.substr(0, slash), text::hex({reinterpret_cast<const char*>(bytes), sizeof bytes}));
}

class Upload {
 public:
  Upload(transport::Session& session, Sftp& sftp, const LocalTree& tree, TransferOptions options, Deadline deadline)
      : session_(&session), sftp_(&sftp), tree_(&tree), options_(options), deadline_(std::move(deadline)) {}

  Async<Result<TransferTotals>> run(std::string destination) {
    HERDER_CO_TRY(base_, co_await place(std::move(destination)));
    HERDER_CO_TRY_VOID(co_await make_directories());
    if (options_.checksum) {
      HERDER_CO_TRY(there_, co_await checksums());
    }
    Jobs jobs(most_files, deadline_);
    for (const TreeEntry& entry : tree_->entries) {
      if (entry.type == EntryType::directory) continue;
      co_await jobs.add(entry.type == EntryType::link ? copy_link(&entry, jobs.deadline()) : copy_file(&entry, jobs.deadline()));
      if (jobs.failed()) break;
    }
    HERDER_CO_TRY_VOID(co_await jobs.finish());
    if (options_.checksum) HERDER_CO_TRY_VOID(co_await verify());
    HERDER_CO_TRY_VOID(co_await finish_directories());
    co_return totals_;
  }

 private:
  [[nodiscard]] std::string remote(const TreeEntry& entry) const { return entry.path.empty() ? base_ : base_ + "/" + entry.path; }
  [[nodiscard]] std::string local(const TreeEntry& entry) const { return entry.path.empty() ? tree_->root : tree_->root + "/" + entry.path; }
  [[nodiscard]] std::uint32_t mode_of(const TreeEntry& entry) const { return options_.mode != 0 ? options_.mode : entry.mode; }

  /// Into an existing directory, else exactly there.
  Async<Result<std::string>> place(std::string destination) {
    const bool into = destination.ends_with('/');
    while (destination.size() > 1 && destination.ends_with('/')) destination.pop_back();
    const auto found = co_await sftp_->stat(destination.empty() ? "." : destination, deadline_);
    if (!found && found.error().code != Errc::not_found) co_return std::unexpected(found.error());
    if (found && found->is_directory()) co_return destination.empty() ? tree_->name : destination + (destination == "/" ? "" : "/") + tree_->name;
    if (into) co_return std::unexpected(error(Errc::not_found, "there is no directory '{}' on the host", destination).hint("make it first, or leave the final '/' out"));
    co_return destination;
  }

  Async<Result<>> make_directories() {
    for (const TreeEntry& entry : tree_->entries) {
      if (entry.type != EntryType::directory) continue;
      const std::string path = remote(entry);
      const auto found = co_await sftp_->stat(path, deadline_);
      if (found && found->is_directory()) continue;
      if (found) co_return fail(Errc::conflict, "'{}' on the host is no directory", path);
      if (found.error().code != Errc::not_found) co_return std::unexpected(found.error());
      HERDER_CO_TRY_VOID(co_await sftp_->make_directory(path, 0700, deadline_));
    }
    co_return Result<>{};
  }

  /// Children first, so that a directory without write permission does not stand in its own way, nor its time be changed.
  Async<Result<>> finish_directories() {
    for (auto entry = tree_->entries.rbegin(); entry != tree_->entries.rend(); ++entry)
      if (entry->type == EntryType::directory)
        HERDER_CO_TRY_VOID(co_await sftp_->set_attributes(remote(*entry), {.size = {}, .mode = entry->mode, .mtime = entry->mtime}, deadline_));
    co_return Result<>{};
  }

  Async<Result<std::map<std::string, std::string>>> checksums() {
    std::vector<std::string> paths;
    for (const TreeEntry& entry : tree_->entries)
      if (entry.type == EntryType::file) paths.push_back(remote(entry));
    co_return co_await remote_checksums(*session_, std::move(paths), deadline_);
  }

  Async<Result<>> verify() {
    HERDER_CO_TRY(const auto now, co_await checksums());
    for (const auto& [path, wanted] : wanted_) {
      const auto it = now.find(path);
      if (it == now.end() || it->second != wanted) co_return fail(Errc::io, "'{}' on the host is not what was sent (SHA-256 differs)", path);
    }
    co_return Result<>{};
  }

  Async<Result<>> copy_link(const TreeEntry* entry, Deadline deadline) {
    const std::string path = remote(*entry);
    const auto found = co_await sftp_->lstat(path, deadline);
    if (found) {
      if (found->is_directory()) co_return fail(Errc::conflict, "'{}' on the host is a directory", path);
      HERDER_CO_TRY_VOID(co_await sftp_->remove(path, deadline));
    }
    HERDER_CO_TRY_VOID(co_await sftp_->make_link(path, entry->link, deadline));
    ++totals_.files;
    co_return Result<>{};
  }

  Async<Result<bool>> is_there(const TreeEntry* entry, int fd, Deadline deadline) {
    const std::string path = remote(*entry);
    if (options_.checksum) {
      HERDER_CO_TRY(std::string wanted, sha256_of_file(fd));
      const auto it = there_.find(path);
      const bool same = it != there_.end() && it->second == wanted;
      wanted_[path] = std::move(wanted);
      if (!same) co_return false;
    }
    const auto found = co_await sftp_->stat(path, deadline);
    if (!found) co_return false;
    if (found->is_directory()) co_return fail(Errc::conflict, "'{}' on the host is a directory", path);
    if (!options_.checksum && (found->size != entry->size || found->mtime != entry->mtime)) co_return false;
    if ((found->mode.value_or(0) & 07777U) != mode_of(*entry) || found->mtime != entry->mtime)
      HERDER_CO_TRY_VOID(co_await sftp_->set_attributes(path, {.size = {}, .mode = mode_of(*entry), .mtime = entry->mtime}, deadline));
    co_return true;
  }

  Async<Result<>> copy_file(const TreeEntry* entry, Deadline deadline) {
    const UniqueFd fd(::open(local(*entry).c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) co_return std::unexpected(os_error(errno, fmt::format("open '{}'", local(*entry))));
    HERDER_CO_TRY(const bool there, co_await is_there(entry, fd.get(), deadline));
    if (there) {
      ++totals_.unchanged;
      co_return Result<>{};
    }
    const std::string temporary = temporary_name(remote(*entry));
    Result<> sent = co_await send(*entry, fd.get(), temporary, deadline);
    if (sent) sent = co_await sftp_->rename(temporary, remote(*entry), deadline);
    if (!sent) {
      (void)co_await sftp_->remove(temporary, Deadline::after(std::chrono::seconds(5)));
      co_return std::unexpected(with_via(sent.error(), "copying {} to {}", local(*entry), remote(*entry)));
    }
    ++totals_.files;
    totals_.bytes += entry->size;
    co_return Result<>{};
  }

  Async<Result<>> send(const TreeEntry& entry, int fd, std::string temporary, Deadline deadline) {
    HERDER_CO_TRY(const std::string handle, co_await sftp_->open_file(temporary, SftpOpen::write_new, 0600, deadline));
    Jobs pieces(most_pieces, deadline);
    std::uint64_t at = 0;
    for (; at < entry.size && !pieces.failed(); at += Sftp::piece_bytes)
      co_await pieces.add(send_piece(handle, fd, at, std::min<std::uint64_t>(Sftp::piece_bytes, entry.size - at), pieces.deadline()));
    const Result<> sent = co_await pieces.finish();
    HERDER_CO_TRY_VOID(co_await sftp_->close_handle(handle, deadline));
    if (!sent) co_return sent;
    co_return co_await sftp_->set_attributes(temporary, {.size = {}, .mode = mode_of(entry), .mtime = entry.mtime}, deadline);
  }

  Async<Result<>> send_piece(std::string handle, int fd, std::uint64_t at, std::uint64_t size, Deadline deadline) {
    std::string bytes(size, '\0');
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (got < 0) co_return std::unexpected(os_error(errno, "read the local file"));
    if (static_cast<std::uint64_t>(got) != size) co_return fail(Errc::conflict, "the local file became shorter while it was copied");
    co_return co_await sftp_->write(handle, at, bytes, deadline);
  }

  transport::Session* session_;
  Sftp* sftp_;
  const LocalTree* tree_;
  TransferOptions options_;
  Deadline deadline_;
  std::string base_;
  TransferTotals totals_;
  std::map<std::string, std::string> there_;   // checksums before
  std::map<std::string, std::string> wanted_;  // and as they must be after
};

}  // namespace

Async<Result<TransferTotals>> upload(transport::Session& session, const LocalTree& tree, std::string destination, TransferOptions options,
                                     Deadline deadline) {
  HERDER_CO_TRY(const std::unique_ptr<Sftp> sftp, co_await Sftp::open(session, deadline));
  Upload work(session, *sftp, tree, options, deadline);
  auto totals = co_await work.run(std::move(destination));
  co_await sftp->close();
  co_return totals;
}

}  // namespace herder::engine
