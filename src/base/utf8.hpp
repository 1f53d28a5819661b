// One step of UTF-8 decoding and encoding, for the text helpers and the redactor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace herder::utf8 {

struct Step {
  char32_t code = 0;
  unsigned size = 0;  // bytes taken, 1 to 4; 0: what is there is no UTF-8
};

/// The code point at the front of `text`, which must not be empty. Overlong forms, surrogates and codes above U+10FFFF are not
/// UTF-8 (RFC 3629 section 3).
Step decode(std::string_view text) noexcept;

/// Appends `code` as UTF-8; a surrogate or a code above U+10FFFF becomes U+FFFD.
void append(std::string& out, char32_t code);

}  // namespace herder::utf8
