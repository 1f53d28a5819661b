#include "transport/ansible_cfg.hpp"

#include <cstdlib>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/text.hpp"

namespace herder::transport {
namespace {

constexpr std::size_t most_bytes = std::size_t{4} << 20U;

std::string working_directory() {
  char* raw = ::getcwd(nullptr, 0);
  std::string out = raw == nullptr ? "" : raw;
  std::free(raw);
  return out;
}

bool is_directory(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Result<AnsibleConfig> AnsibleConfig::find() {
  std::vector<std::string> places;
  std::optional<Error> warning;
  const std::string here = working_directory();
  if (const char* named = std::getenv("ANSIBLE_CONFIG"); named != nullptr) {
    std::string path = expand_user(named);
    if (!path.starts_with('/')) path = here + "/" + path;
    places.push_back(is_directory(path) ? path + "/ansible.cfg" : path);
  }
  const std::string local = here + "/ansible.cfg";
  struct stat info{};
  if (!here.empty() && ::stat(here.c_str(), &info) == 0) {
    const bool others_write = (info.st_mode & S_IWOTH) != 0;
    if (!others_write) places.push_back(local);
    else if (::access(local.c_str(), F_OK) == 0)
      warning = error(Errc::denied, "{} is not read: everybody can write to that directory", text::printable(local))
                    .hint("chmod o-w " + text::shell_quote(here) + ", or name the file in ANSIBLE_CONFIG");
  }
  places.push_back(expand_user("~/.ansible.cfg"));
  places.emplace_back("/etc/ansible/ansible.cfg");
  for (const std::string& place : places) {
    if (::access(place.c_str(), R_OK) != 0 || is_directory(place)) continue;
    HERDER_TRY(AnsibleConfig out, read(place));
    if (std::getenv("ANSIBLE_CONFIG") == nullptr || place != places.front()) out.warning_ = std::move(warning);
    return out;
  }
  AnsibleConfig none;
  none.warning_ = std::move(warning);
  return none;
}

Result<AnsibleConfig> AnsibleConfig::read(const std::string& path) {
  HERDER_TRY(const std::string content, read_file(path, most_bytes), "ansible.cfg");
  AnsibleConfig out;
  out.path_ = path;
  HERDER_TRY(out.file_, value::IniFile::parse(content, {.file = path}), "reading the configuration");
  return out;
}

std::optional<std::string> AnsibleConfig::get(std::string_view section, std::string_view key) const {
  const Value* found = file_ ? file_->find(section, key) : nullptr;
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return std::string(found->as_string());
}

std::string AnsibleConfig::resolve(std::string_view path) const {
  std::string out = expand_user(text::trim(path));
  if (out.empty() || out[0] == '/') return out;
  return path_.substr(0, path_.rfind('/') + 1) + out;
}

std::vector<std::string> AnsibleConfig::inventory() const {
  std::vector<std::string> out;
  const auto value = get("defaults", "inventory");
  if (!value) return out;
  for (const std::string_view part : text::split(*value, ','))
    if (!text::trim(part).empty()) out.push_back(resolve(part));
  return out;
}

Result<std::optional<std::size_t>> AnsibleConfig::forks() const {
  const auto value = get("defaults", "forks");
  if (!value) return std::optional<std::size_t>{};
  HERDER_TRY(const std::int64_t forks, to_number({.text = *value, .from = "ansible.cfg [defaults] forks", .where = {.file = path_}}, 1, 100'000));
  return std::optional(static_cast<std::size_t>(forks));
}

ConfigLookup AnsibleConfig::lookup() const {
  if (!file_) return {};
  return [copy = *this](std::string_view section, std::string_view key) {
    auto value = copy.get(section, key);
    if (value && key == "private_key_file" && !value->empty()) value = copy.resolve(*value);
    return value;
  };
}

}  // namespace herder::transport
