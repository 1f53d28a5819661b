// Foreign text in pieces: a piece may end inside a character, or between \r and \n.
#pragma once

#include <string>
#include <string_view>

namespace herder::report {

/// Takes bytes from a host piece by piece and gives them on in pieces that can be made printable one by one: characters stay whole,
/// \r\n becomes \n, overlong lines stay as they are.
class WholeCharacters {
 public:
  std::string feed(std::string_view piece);
  /// What is left: bytes of a character that never ended.
  std::string finish();

 private:
  std::string held_;
};

/// How many bytes at the end of `text` could be the start of a UTF-8 character that goes on (0 to 3).
std::size_t open_utf8_tail(std::string_view text) noexcept;

}  // namespace herder::report
