// JSON as ansible-inventory prints it: sorted keys, four spaces, UTF-8 as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "value/value.hpp"

namespace herder::inventory {

/// What becomes of texts that must not be taken for templates (Mark::untrusted): as they are, or {"__ansible_unsafe": text}, which
/// Ansible reads back.
enum class UnsafeText : std::uint8_t { plain, wrapped };

void append_json_string(std::string& out, std::string_view text);

/// Appends `value`; its inner lines are indented by `level` steps more than none. Vaulted texts become {"__ansible_vault": text},
/// secret ones "********".
void append_json(std::string& out, const Value& value, unsigned level, UnsafeText unsafe);

/// A map key as JSON has it: text as it is; None, numbers and bools as json.dumps writes them.
std::string json_key(const Value& key);

inline void append_indent(std::string& out, unsigned level) { out.append(std::size_t{level} * 4, ' '); }

}  // namespace herder::inventory
