// What counts as a name, and as an integer, in Python's eyes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "value/value.hpp"

namespace herder::inventory {

/// Python's \w outside ASCII, roughly: blanks, punctuation and symbol blocks are out, everything else is in.
bool is_word_code(char32_t code) noexcept;

/// A name that templates can use: ASCII letters, digits and _, no digit first, and none of true false none True False None not.
bool is_variable_name(std::string_view name) noexcept;

/// A group name that needs no quoting in templates: letters (of any script), digits and _, no digit first.
bool is_group_name(std::string_view name) noexcept;

/// Python's int(value): integers, bools, floats (cut), texts of decimal digits with sign, blanks around and _ between digits.
/// Nothing for the rest and for what does not fit 64 bits.
std::optional<std::int64_t> python_int(const Value& value);

}  // namespace herder::inventory
