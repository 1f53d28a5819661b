#include "inventory/path.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.hpp"
#include "base/text.hpp"

namespace herder::inventory {
namespace {

bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::string expand_variables(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t dollar = path.find('$');
    out += path.substr(0, dollar);
    if (dollar == std::string_view::npos) break;
    path.remove_prefix(dollar);
    const bool braces = path.starts_with("${");
    std::size_t end = braces ? 2 : 1;
    while (end < path.size() && is_name(path[end])) ++end;
    const std::string name(path.substr(braces ? 2 : 1, end - (braces ? 2 : 1)));
    const bool closed = !braces || (end < path.size() && path[end] == '}');
    if (braces && closed) ++end;
    const char* value = closed && !name.empty() ? ::getenv(name.c_str()) : nullptr;
    out += value != nullptr ? std::string_view(value) : path.substr(0, end);
    path.remove_prefix(end);
  }
  return out;
}

}  // namespace

PathKind path_kind(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return PathKind::none;
  return S_ISDIR(info.st_mode) ? PathKind::directory : PathKind::file;
}

std::string full_path(std::string_view path) {
  std::error_code ignored;
  std::filesystem::path full(expand_user(expand_variables(path)));
  if (full.is_relative()) full = std::filesystem::current_path(ignored) / full;
  std::string text = full.lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

std::string real_directory(const std::string& path) {
  const PathKind kind = path_kind(path);
  if (kind == PathKind::none) return {};
  const std::filesystem::path full(full_path(path));
  std::error_code failure;
  const auto real = std::filesystem::canonical(kind == PathKind::directory ? full : full.parent_path(), failure);
  return failure ? std::string() : real.string();
}

std::string_view extension_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || name.find_first_not_of('.') > dot) return {};
  return name.substr(dot);
}

std::string find_program(std::string_view name) {
  const char* path = ::getenv("PATH");
  for (const std::string_view directory : text::split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
    if (directory.empty() || directory[0] != '/') continue;
    std::string candidate = std::string(directory) + '/' + std::string(name);
    if (path_kind(candidate) == PathKind::file && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace herder::inventory
