// Paths as people write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace herder::inventory {

enum class PathKind : std::uint8_t { none, file, directory };

/// What is there, following links.
PathKind path_kind(const std::string& path);

/// Absolute, with ~, $NAME and ${NAME} replaced (unset names stay) and without "." and ".." (links are not followed).
std::string full_path(std::string_view path);

/// The real directory of a source or playbook path: itself or the one it lies in; empty when there is none.
std::string real_directory(const std::string& path);

/// ".yml" of "a/b.yml"; leading dots belong to the name.
std::string_view extension_of(std::string_view path);

/// The first `name` in PATH that may be executed, or empty.
std::string find_program(std::string_view name);

}  // namespace herder::inventory
