// Which characters Python's repr() shows as they are.
#pragma once

namespace herder::value {

/// str.isprintable() of one code point, as of Unicode 14 (Python 3.11).
bool python_printable(char32_t code) noexcept;

}  // namespace herder::value
