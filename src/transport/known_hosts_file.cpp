#include "transport/known_hosts_file.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.hpp"
#include "transport/host_pattern.hpp"
#include "transport/key_blob.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t no_link = UINT32_MAX;
constexpr std::size_t most_warnings = 100;
constexpr auto lock_patience = 5s;
constexpr auto lock_step = 10ms;

bool is_plain_list(std::string_view hosts) noexcept {
  if (hosts.find_first_of("*?!") != std::string_view::npos) return false;
  return hosts.size() < 1000;  // longer ones may hold a name that match_list() refuses
}

/// Waits for the lock on an open file, at most lock_patience: the holder writes one line and goes.
Result<> lock_file(int fd, const std::string& path) {
  const auto until = std::chrono::steady_clock::now() + lock_patience;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return std::unexpected(os_error(errno, "lock '" + text::printable(path) + "'"));
    if (std::chrono::steady_clock::now() >= until)
      return fail(Errc::timeout, "another process holds the lock on '{}' for more than 5 s", text::printable(path));
    std::this_thread::sleep_for(lock_step);
  }
  return {};
}

/// Opens for reading and appending, and makes the file and the directory it is in.
Result<UniqueFd> open_for_append(const std::string& path) {
  constexpr int flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
  UniqueFd fd(::open(path.c_str(), flags, 0600));
  const auto slash = path.rfind('/');
  if (!fd && errno == ENOENT && slash != std::string::npos && slash > 0) {
    if (::mkdir(path.substr(0, slash).c_str(), 0700) == 0) fd.reset(::open(path.c_str(), flags, 0600));
    else errno = ENOENT;
  }
  if (!fd) return std::unexpected(os_error(errno, "write '" + text::printable(path) + "'"));
  return fd;
}

}  // namespace

KnownHostsFile::KnownHostsFile(std::string path) : path_(std::move(path)) {
  struct stat info{};
  if (::stat(path_.c_str(), &info) != 0 && (errno == ENOENT || errno == ENOTDIR)) return;
  if (info.st_mode != 0 && !S_ISREG(info.st_mode)) return;  // /dev/null and the like
  auto content = read_file(path_);
  if (!content) {
    warnings_.push_back(std::move(content).error());
    return;
  }
  size_read_ = content->size();
  take_in(*std::move(content));
}

KnownHostsFile::KnownHostsFile(std::string path, std::string content) : path_(std::move(path)) {
  size_read_ = content.size();
  take_in(std::move(content));
}

void KnownHostsFile::take_in(std::string content) {
  texts_.push_back(std::move(content));
  const std::string_view all = texts_.back();
  const auto lines = static_cast<std::size_t>(std::ranges::count(all, '\n')) + 1;
  entries_.reserve(entries_.size() + lines);
  plain_.reserve(plain_.size() + lines);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = std::min(all.find('\n', at), all.size());
    index_line(all.substr(at, end - at), ++lines_);
    at = end + 1;
  }
}

void KnownHostsFile::index_line(std::string_view line, int number) {
  const auto parsed = parse_known_hosts_line(line);
  if (!parsed) {
    if (warnings_.size() < most_warnings) {
      Error warning = parsed.error();
      warning.where = Where{.file = path_, .line = number, .column = 0, .text = std::string(text::cut(line, 200))};
      warnings_.push_back(std::move(warning));
    }
    return;
  }
  if (!parsed->has_value()) return;
  const KnownHostsLine& found = **parsed;
  const auto place = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({.marker = found.marker, .line = number, .hosts = found.hosts, .type = found.type, .key = found.key});
  if (found.marker == KeyMarker::cert_authority) authorities_.push_back(place);
  if (found.hosts.starts_with('|')) {
    hashed_.push_back({.name = *HashedName::parse(found.hosts), .entry = place});
    return;
  }
  // Names are compared in lower case. The text is ours, so it is lowered where it stands.
  char* letters = const_cast<char*>(found.hosts.data());
  for (std::size_t i = 0; i < found.hosts.size(); ++i)
    if (letters[i] >= 'A' && letters[i] <= 'Z') letters[i] = static_cast<char>(letters[i] - 'A' + 'a');
  if (!is_plain_list(found.hosts)) {
    patterns_.push_back(place);
    return;
  }
  for (const std::string_view name : text::split(found.hosts, ',')) {
    const auto link = static_cast<std::uint32_t>(links_.size());
    const auto [slot, fresh] = plain_.try_emplace(name, link);
    links_.emplace_back(place, fresh ? no_link : slot->second);
    slot->second = link;
  }
}

std::vector<KnownHostsFile::Entry> KnownHostsFile::find(const std::string& name) const {
  const std::shared_lock guard(index_lock_);
  std::vector<std::uint32_t> places;
  if (const auto slot = plain_.find(name); slot != plain_.end())
    for (std::uint32_t link = slot->second; link != no_link; link = links_[link].second) places.push_back(links_[link].first);
  for (const std::uint32_t place : patterns_)
    if (match_list(name, entries_[place].hosts) == ListMatch::match) places.push_back(place);
  if (!hashed_.empty()) {
    const std::lock_guard tested_guard(tested_lock_);
    Tested& tested = tested_[name];
    for (; tested.lines < hashed_.size(); ++tested.lines)
      if (hashed_[tested.lines].name.matches(name)) tested.entries.push_back(hashed_[tested.lines].entry);
    places.insert(places.end(), tested.entries.begin(), tested.entries.end());
  }
  std::ranges::sort(places);
  places.erase(std::unique(places.begin(), places.end()), places.end());  // "a,a" names a host twice
  std::vector<Entry> out;
  out.reserve(places.size());
  for (const std::uint32_t place : places) out.push_back(entries_[place]);
  return out;
}

bool KnownHostsFile::authority_for(const std::string& name) const {
  const std::shared_lock guard(index_lock_);
  return std::ranges::any_of(authorities_, [&](std::uint32_t place) {
    const std::string_view hosts = entries_[place].hosts;
    if (hosts.starts_with('|')) return HashedName::parse(hosts)->matches(name);
    return match_list(name, hosts) == ListMatch::match;
  });
}

bool KnownHostsFile::has_authorities() const {
  const std::shared_lock guard(index_lock_);
  return !authorities_.empty();
}

std::vector<Error> KnownHostsFile::warnings() const {
  const std::shared_lock guard(index_lock_);
  return warnings_;
}

std::size_t KnownHostsFile::hashed_lines() const {
  const std::shared_lock guard(index_lock_);
  return hashed_.size();
}

bool KnownHostsFile::lists(const std::string& name, std::string_view key) const {
  return std::ranges::any_of(find(name), [&](const Entry& entry) { return entry.marker == KeyMarker::none && entry.key == key; });
}

void KnownHostsFile::remember(const std::string& line, bool written) {
  const std::unique_lock guard(index_lock_);
  texts_.push_back(line);
  if (written) ++lines_;
  index_line(texts_.back(), written ? lines_ : 0);
}

Result<> KnownHostsFile::add(const std::string& name, std::string_view key_blob, bool hashed) {
  HERDER_TRY_VOID(check_key_blob(key_blob), "the key of {}", text::printable(name));
  if (name.empty() || name[0] == '|' || name[0] == '@' || name[0] == '#' || name.find_first_of(" \t\r\n,*?!") != std::string::npos || name.find('\0') != std::string::npos)
    return fail(Errc::usage, "'{}' cannot be a name in known_hosts", text::printable(name));
  const std::string key = text::base64(key_blob);
  const std::lock_guard one_writer(append_lock_);
  if (lists(name, key)) return {};
  std::string shown = name;
  if (hashed) {
    HERDER_TRY(shown, HashedName::make(name));
  }
  const std::string line = shown + " " + std::string(type_of_blob(key_blob)) + " " + key;
  auto wrote = write_line(name, line, key);
  if (!wrote) remember(line, false);
  return wrote;
}

Result<> KnownHostsFile::write_line(const std::string& name, const std::string& line, std::string_view key) {
  struct stat info{};
  if (::stat(path_.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {  // a device: nothing is kept there
    remember(line, false);
    return {};
  }
  HERDER_TRY(const UniqueFd fd, open_for_append(path_));
  HERDER_TRY_VOID(lock_file(fd.get(), path_));
  HERDER_TRY_VOID(read_news(fd.get()));
  if (lists(name, key)) return {};
  char last = '\n';
  if (size_read_ > 0 && ::pread(fd.get(), &last, 1, static_cast<off_t>(size_read_ - 1)) != 1)
    return std::unexpected(os_error(errno, "read '" + text::printable(path_) + "'"));
  const std::string bytes = (last == '\n' ? "" : "\n") + line + "\n";
  const ssize_t wrote = ::write(fd.get(), bytes.data(), bytes.size());
  if (wrote != static_cast<ssize_t>(bytes.size())) {
    const Error failure = os_error(wrote < 0 ? errno : ENOSPC, "write '" + text::printable(path_) + "'");
    if (wrote > 0 && ::ftruncate(fd.get(), static_cast<off_t>(size_read_)) != 0) size_read_ += static_cast<std::size_t>(wrote);
    return std::unexpected(failure);
  }
  size_read_ += bytes.size();
  remember(line, true);
  return {};
}

Result<> KnownHostsFile::read_news(int fd) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return std::unexpected(os_error(errno, "look at '" + text::printable(path_) + "'"));
  const auto size = static_cast<std::size_t>(std::max<off_t>(0, info.st_size));
  std::string news(size > size_read_ ? size - size_read_ : 0, '\0');
  const off_t from = static_cast<off_t>(size_read_);
  size_read_ = size;  // it may also have become shorter: somebody took lines out, which this run keeps
  if (news.empty()) return {};
  if (::pread(fd, news.data(), news.size(), from) != static_cast<ssize_t>(news.size()))
    return std::unexpected(os_error(errno == 0 ? EIO : errno, "read '" + text::printable(path_) + "'"));
  if (news.starts_with('\n')) news.erase(0, 1);  // ends a last line that had no end when it was read
  const std::unique_lock guard(index_lock_);
  take_in(std::move(news));
  return {};
}

}  // namespace herder::transport
