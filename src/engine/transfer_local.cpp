// The local side of a copy: walking a tree, hashing, totals.
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "base/text.hpp"
#include "base/units.hpp"
#include "engine/transfer.hpp"

namespace herder::engine {
namespace {

constexpr std::size_t most_entries = 10'000'000;

Result<TreeEntry> look(const std::string& path, std::string relative, bool follow) {
  struct stat status{};
  if ((follow ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status)) != 0)
    return std::unexpected(os_error(errno, fmt::format("look at '{}'", path)));
  TreeEntry entry{.path = std::move(relative), .mode = static_cast<std::uint32_t>(status.st_mode & 07777U),
                  .mtime = static_cast<std::uint32_t>(status.st_mtim.tv_sec), .size = 0, .link = {}};
  if (S_ISREG(status.st_mode)) {
    entry.size = static_cast<std::uint64_t>(status.st_size);
  } else if (S_ISDIR(status.st_mode)) {
    entry.type = EntryType::directory;
  } else if (S_ISLNK(status.st_mode)) {
    entry.type = EntryType::link;
    std::error_code failure;
    entry.link = std::filesystem::read_symlink(path, failure).string();
    if (failure) return std::unexpected(os_error(failure.value(), fmt::format("read the link '{}'", path)));
  } else {
    return std::unexpected(error(Errc::usage, "'{}' is neither a file, a directory nor a link", path).hint("leave sockets, pipes and devices out"));
  }
  return entry;
}

Result<> walk(const std::string& path, const std::string& relative, LocalTree& tree) {
  std::error_code failure;
  std::vector<std::string> names;
  for (auto it = std::filesystem::directory_iterator(path, failure); !failure && it != std::filesystem::directory_iterator(); it.increment(failure))
    names.push_back(it->path().filename().string());
  if (failure) return std::unexpected(os_error(failure.value(), fmt::format("list '{}'", path)));
  std::ranges::sort(names);
  for (const std::string& name : names) {
    const std::string below = relative.empty() ? name : relative + "/" + name;
    HERDER_TRY(TreeEntry entry, look(path + "/" + name, below, false));
    if (tree.entries.size() >= most_entries) return fail(Errc::limit, "'{}' has more than {} entries", tree.root, most_entries);
    const bool directory = entry.type == EntryType::directory;
    tree.bytes += entry.size;
    tree.entries.push_back(std::move(entry));
    if (directory) HERDER_TRY_VOID(walk(path + "/" + name, below, tree));
  }
  return {};
}

}  // namespace

Result<LocalTree> scan_local(const std::string& path, bool recursive) {
  LocalTree tree{.root = path, .name = {}, .entries = {}};
  std::string_view trimmed = path;
  while (trimmed.size() > 1 && trimmed.ends_with('/')) trimmed.remove_suffix(1);
  tree.name = std::string(trimmed.substr(trimmed.rfind('/') + 1));
  if (tree.name == "." || tree.name == "..") tree.name = std::filesystem::weakly_canonical(path).filename().string();
  HERDER_TRY(TreeEntry root, look(path, "", true));
  const bool directory = root.type == EntryType::directory;
  if (directory && !recursive)
    return std::unexpected(error(Errc::usage, "'{}' is a directory", path).hint("copy a whole tree with --recursive (-r)"));
  tree.bytes = root.size;
  tree.entries.push_back(std::move(root));
  if (directory) HERDER_TRY_VOID(walk(path, "", tree));
  return tree;
}

std::string TransferTotals::text() const {
  std::string out = fmt::format("{} file{} ({}) copied", files, files == 1 ? "" : "s", format_size(static_cast<std::int64_t>(bytes)));
  if (unchanged > 0) out += fmt::format(", {} unchanged", unchanged);
  if (skipped > 0) out += fmt::format(", {} skipped (links, special files)", skipped);
  return out;
}

Result<std::string> sha256_of_file(int fd) {
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  std::string buffer(std::size_t{256} << 10U, '\0');
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(fd, buffer.data(), buffer.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(os_error(errno, "read a file to hash it"));
    if (got == 0) break;
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(got));
    at += got;
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), digest, &length);
  return text::hex({reinterpret_cast<const char*>(digest), length});
}

}  // namespace herder::engine
