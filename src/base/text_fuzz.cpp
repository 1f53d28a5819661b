// The text helpers that meet foreign bytes.
#include <cstddef>
#include <cstdint>

#include "base/error.hpp"
#include "base/text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace text = herder::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  const std::string shown = text::printable(bytes);
  HERDER_ASSERT(text::is_utf8(shown));
  HERDER_ASSERT(text::printable(shown) == shown);
  HERDER_ASSERT(shown.find('\x1b') == std::string::npos && shown.find('\x7f') == std::string::npos);
  HERDER_ASSERT(text::columns(bytes) <= size);

  const auto back = text::shell_split(text::shell_quote(bytes));
  HERDER_ASSERT(back && back->size() == 1 && back->front() == bytes);
  if (const auto words = text::shell_split(bytes)) {
    std::string line;
    for (const std::string& word : *words) line += text::shell_quote(word) + " ";
    HERDER_ASSERT(text::shell_split(line) == words);
  }
  HERDER_ASSERT(text::unbase64(text::base64(bytes)) == bytes);
  if (const auto plain = text::unbase64(bytes)) HERDER_ASSERT(text::unbase64(text::base64(*plain)) == plain);
  const auto half = size / 2;
  (void)text::glob_match(bytes.substr(0, half), bytes.substr(half));
  HERDER_ASSERT(text::cut(bytes, half).size() <= half);
  return 0;
}
