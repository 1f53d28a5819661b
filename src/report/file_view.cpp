#include "report/file_view.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "report/sink.hpp"

namespace herder::report {
namespace {

constexpr std::size_t longest_name = 200;  // file systems take 255 bytes; the rest is for suffixes

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("._-@:+,=").find(c) != std::string_view::npos;
}

/// FNV-1a: tells long names apart; they come from the user's own inventory, so nobody makes collisions.
std::uint64_t name_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

}  // namespace

std::string file_name_for(std::string_view host) {
  std::string out;
  for (const char c : host) {
    const bool leading = out.empty() && (c == '.' || c == '-');
    if (is_plain(c) && !leading) out += c;
    else out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  if (out.empty()) return "%";
  if (out.size() > longest_name) out = fmt::format("{}%{:016x}", out.substr(0, longest_name), name_hash(host));
  return out;
}

void FileView::begin(const Run&) {
  directory_ = expand_user(directory_);
  if (auto made = make_directories(directory_); !made) failure_ = std::move(made).error();
}

Result<> FileView::write(const Run& run, const std::string& name, OutputId id) const {
  // Beside and renamed, so that a reader never sees a part. Not synced: thousands of these are no database.
  const std::string path = directory_ + "/" + name;
  const std::string beside = directory_ + "/." + name + ".part";
  ::unlink(beside.c_str());
  UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!fd) return std::unexpected(os_error(errno, fmt::format("write {}", text::printable(path))));
  {
    FdSink sink(fd.get(), text::printable(path));
    HERDER_TRY_VOID(run.store->read(id, [&sink](std::string_view piece) -> Result<> {
      sink.raw(piece);
      return {};
    }));
    sink.flush();
    if (sink.failure()) {
      ::unlink(beside.c_str());
      return std::unexpected(*sink.failure());
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return std::unexpected(os_error(errno, fmt::format("rename to {}", text::printable(path))));
  return {};
}

void FileView::result(const Run& run, const HostResult& result) {
  if (failure_) return;
  const std::string name = file_name_for(run.name(result.host));
  auto written = write(run, name + ".out", result.out);
  if (written) written = write(run, name + ".err", result.err);
  if (!written) failure_ = std::move(written).error();
}

}  // namespace herder::report
