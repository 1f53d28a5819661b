#include "lab/authorized_keys.hpp"

#include <libssh/libssh.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"

namespace herder::lab {

void AuthorizedKeys::Free::operator()(ssh_key_struct* key) const { ssh_key_free(key); }

bool AuthorizedKeys::allows(ssh_key_struct* key) {
  reload_if_changed();
  return std::ranges::any_of(keys_, [key](const auto& known) { return ssh_key_cmp(known.get(), key, SSH_KEY_CMP_PUBLIC) == 0; });
}

void AuthorizedKeys::reload_if_changed() {
  struct stat info{};
  const bool there = ::stat(path_.c_str(), &info) == 0;
  const std::int64_t changed = there ? info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec + info.st_size : 0;
  if (changed == changed_ns_) return;
  changed_ns_ = changed;
  keys_.clear();
  const auto content = read_file(path_, std::size_t{1} << 20U);
  if (!content) return;
  for (const std::string_view line : text::lines(*content)) {
    const auto words = text::split(text::trim(line), ' ');
    if (words.size() < 2) continue;
    ssh_key key = nullptr;
    const auto type = ssh_key_type_from_name(std::string(words[0]).c_str());
    if (type != SSH_KEYTYPE_UNKNOWN && ssh_pki_import_pubkey_base64(std::string(words[1]).c_str(), type, &key) == SSH_OK)
      keys_.emplace_back(key);
  }
}

}  // namespace herder::lab
