#include "transport/known_hosts.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "base/text.hpp"
#include "transport/key_blob.hpp"
#include "transport/known_hosts_file.hpp"

namespace herder::transport {
namespace {

using Files = std::vector<std::shared_ptr<KnownHostsFile>>;

constexpr int standard_port = 22;

bool same_key(const KnownHostsFile::Entry& entry, std::string_view blob, std::string_view encoded) {
  if (entry.key == encoded) return true;
  if (entry.type != type_of_blob(blob)) return false;
  const auto decoded = text::unbase64(entry.key);  // the same bytes may be written in more than one way
  return decoded && *decoded == blob;
}

/// Puts the line that made a decision into the verdict.
void cite(HostKeyVerdict& verdict, HostKeyState state, const KnownHostsFile& file, const KnownHostsFile::Entry& entry) {
  verdict.state = state;
  verdict.file = file.path();
  verdict.line = entry.line;
  verdict.listed_type = std::string(entry.type);
}

/// The decision for one name. Revocation beats everything, then a match, then a plain key that differs, then an authority.
HostKeyVerdict decide(const Files& files, const std::string& name, std::string_view blob) {
  const std::string encoded = text::base64(blob);
  const std::string_view type = type_of_blob(blob);
  HostKeyVerdict verdict;
  for (const auto& file : files) {
    for (const auto& entry : file->find(name)) {
      const bool same = same_key(entry, blob, encoded);
      if (entry.marker == KeyMarker::revoked) {
        if (same && verdict.state != HostKeyState::revoked) cite(verdict, HostKeyState::revoked, *file, entry);
      } else if (entry.marker == KeyMarker::cert_authority) {
        verdict.cert_authority = true;
        if (verdict.state == HostKeyState::unknown) cite(verdict, HostKeyState::only_cert_authority, *file, entry);
      } else if (verdict.state == HostKeyState::match || verdict.state == HostKeyState::revoked) {
        continue;
      } else if (same) {
        cite(verdict, HostKeyState::match, *file, entry);
      } else if (verdict.state != HostKeyState::changed || (entry.type == type && verdict.listed_type != type)) {
        cite(verdict, HostKeyState::changed, *file, entry);
      }
    }
  }
  return verdict;
}

bool nothing_listed(HostKeyState state) noexcept { return state == HostKeyState::unknown || state == HostKeyState::only_cert_authority; }

}  // namespace

std::string known_hosts_name(std::string_view host, int port) {
  std::string name = text::lower(host);
  if (port == 0 || port == standard_port) return name;
  return "[" + name + "]:" + std::to_string(port);
}

HostKeyVerdict KnownHosts::verify(std::string_view host, int port, std::string_view key_blob) const {
  const std::string name = known_hosts_name(host, port);
  const std::string bare = known_hosts_name(host, 0);
  HostKeyVerdict verdict = decide(files_, name, key_blob);
  if (name == bare || !nothing_listed(verdict.state)) return verdict;
  HostKeyVerdict without_port = decide(files_, bare, key_blob);
  // A key that differs from the bare name's may belong to another server on the same machine.
  if (without_port.state == HostKeyState::changed) without_port = {.cert_authority = without_port.cert_authority};
  if (without_port.state == HostKeyState::unknown) {
    verdict.cert_authority = verdict.cert_authority || without_port.cert_authority;
    return verdict;
  }
  if (without_port.state == HostKeyState::only_cert_authority && verdict.state == HostKeyState::only_cert_authority) return verdict;
  without_port.cert_authority = without_port.cert_authority || verdict.cert_authority;
  return without_port;
}

std::vector<std::string> KnownHosts::known_types(std::string_view host, int port) const {
  std::vector<std::string> types;
  const std::string bare = known_hosts_name(host, 0);
  for (std::string name = known_hosts_name(host, port);; name = bare) {
    for (const auto& file : files_)
      for (const auto& entry : file->find(name))
        if (entry.marker == KeyMarker::none && std::ranges::find(types, entry.type) == types.end()) types.emplace_back(entry.type);
    if (!types.empty() || name == bare) return types;
  }
}

bool KnownHosts::has_cert_authority(std::string_view host, int port) const {
  const std::string names[] = {known_hosts_name(host, port), known_hosts_name(host, 0)};
  return std::ranges::any_of(files_, [&](const auto& file) {
    return file->authority_for(names[0]) || (names[0] != names[1] && file->authority_for(names[1]));
  });
}

bool KnownHosts::has_authorities() const {
  return std::ranges::any_of(files_, [](const auto& file) { return file->has_authorities(); });
}

Result<> KnownHosts::accept(std::string_view host, int port, std::string_view key_blob, bool hashed) {
  if (!writable_) return fail(Errc::not_found, "there is no user known_hosts file to write the key of {} to", text::printable(host));
  return files_.front()->add(known_hosts_name(host, port), key_blob, hashed);
}

std::vector<Error> KnownHosts::warnings() const {
  std::vector<Error> all;
  for (const auto& file : files_) {
    auto some = file->warnings();
    std::ranges::move(some, std::back_inserter(all));
  }
  return all;
}

std::size_t KnownHosts::hashed_lines() const {
  std::size_t sum = 0;
  for (const auto& file : files_) sum += file->hashed_lines();
  return sum;
}

std::string KnownHosts::writes_to() const { return writable_ ? files_.front()->path() : ""; }

struct KnownHostsStore::State {
  std::mutex lock;  // guards both; held while a file is read, so that nobody reads it twice
  std::map<std::string, std::shared_ptr<KnownHostsFile>> files;
  std::map<std::pair<std::vector<std::string>, std::vector<std::string>>, std::shared_ptr<KnownHosts>> views;

  std::shared_ptr<KnownHostsFile> file(const std::string& path) {
    auto& slot = files[path];
    if (!slot) slot = std::make_shared<KnownHostsFile>(path);
    return slot;
  }
};

KnownHostsStore::KnownHostsStore() : state_(std::make_unique<State>()) {}
KnownHostsStore::~KnownHostsStore() = default;

std::shared_ptr<KnownHosts> KnownHostsStore::open(const std::vector<std::string>& user_files, const std::vector<std::string>& global_files) {
  const std::lock_guard guard(state_->lock);
  auto& view = state_->views[{user_files, global_files}];
  if (!view) {
    Files files;
    for (const auto& path : user_files) files.push_back(state_->file(path));
    for (const auto& path : global_files) files.push_back(state_->file(path));
    view = std::make_shared<KnownHosts>(std::move(files), !user_files.empty());
  }
  return view;
}

}  // namespace herder::transport
