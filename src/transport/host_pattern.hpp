// Host patterns as OpenSSH reads them in ssh_config and known_hosts: `*` any text, `?` one character, nothing else is special.
#pragma once

#include <cstdint>
#include <string_view>

namespace herder::transport {

/// Whole text against one pattern, byte by byte. Linear in practice, at worst |text| * |pattern|.
bool matches_pattern(std::string_view text, std::string_view pattern) noexcept;

enum class ListMatch : std::uint8_t { none, match, negated };

/// Text against a comma-separated list of patterns. A pattern behind `!` that matches ends the search with `negated`, wherever it
/// stands; otherwise any that matches is a match. `fold_case` compares in lower case (text must be lower already). A pattern of 1023
/// characters or more ends the search with `none`. Source: PATTERNS in ssh_config(5), compared with ssh-keygen -F.
ListMatch match_list(std::string_view text, std::string_view list, bool fold_case = false);

}  // namespace herder::transport
