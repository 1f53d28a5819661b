// Python literals, as ast.literal_eval reads them: how Ansible types values in INI inventories and on command lines.
#pragma once

#include <optional>
#include <string_view>

#include "value/value.hpp"

namespace herder::value {

/// The value of a Python literal: numbers (1_000, 0x, 0o, 0b, floats, unary minus), strings (all quote forms, prefixes r b u,
/// escapes, implicit concatenation), None, True, False, lists, tuples (become lists), dicts, sets (become lists). Nothing when
/// `text` is not one (the caller then keeps the text). Depth is limited to 64. Complex numbers are refused.
std::optional<Value> parse_python_literal(std::string_view text);

/// repr() of a value as Python prints it: {'a': [1, 2.0, None], 'b': "it's"}.
std::string python_repr(const Value& value);
/// str(): as repr except for a top-level string.
std::string python_str(const Value& value);

}  // namespace herder::value
