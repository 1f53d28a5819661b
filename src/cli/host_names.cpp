#include <cstdlib>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/complete.hpp"
#include "inventory/loader.hpp"

namespace herder::cli {
namespace {

constexpr int deepest = 3;  // directories in directories

/// A source that can be read without running anything: a list, a file without execute bits, a directory of those.
bool runs_nothing(const std::string& source, int depth = 0) {
  struct stat info{};
  if (source.find(',') != std::string::npos) return true;
  if (::stat(source.c_str(), &info) != 0 || depth > deepest) return false;
  if (S_ISREG(info.st_mode)) return (info.st_mode & 0111U) == 0;
  if (!S_ISDIR(info.st_mode)) return false;
  DIR* open = ::opendir(source.c_str());
  if (open == nullptr) return false;
  bool good = true;
  while (const dirent* entry = ::readdir(open))
    if (entry->d_name[0] != '.') good = good && runs_nothing(source + "/" + entry->d_name, depth + 1);
  ::closedir(open);
  return good;
}

std::vector<std::string> sources_or_default(const std::vector<std::string>& given) {
  if (!given.empty()) return given;
  for (const char* name : {"HERDER_INVENTORY", "ANSIBLE_INVENTORY"})
    if (const char* value = std::getenv(name); value != nullptr && *value != 0) return {value};
  constexpr const char* usual = "/etc/ansible/hosts";
  return ::access(usual, R_OK) == 0 ? std::vector<std::string>{usual} : std::vector<std::string>{};
}

}  // namespace

std::vector<std::string> host_names(const std::vector<std::string>& sources) {
  std::vector<std::string> safe;
  for (const std::string& source : sources_or_default(sources))
    if (runs_nothing(source)) safe.push_back(source);
  const auto loaded = inventory::load(safe);
  std::vector<std::string> out{"all", "localhost"};
  if (!loaded) return out;
  const inventory::Inventory& all = *loaded->inventory;
  for (std::size_t i = 1; i < all.group_count(); ++i) out.emplace_back(all.name(static_cast<inventory::GroupId>(i)));
  for (std::size_t i = 0; i < all.host_count(); ++i) out.emplace_back(all.name(static_cast<inventory::HostId>(i)));
  return out;
}

}  // namespace herder::cli
