#include "report/printable_stream.hpp"

#include <algorithm>
#include <utility>

namespace herder::report {

std::size_t open_utf8_tail(std::string_view text) noexcept {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto byte = static_cast<unsigned char>(text[text.size() - back]);
    if ((byte & 0xC0U) == 0x80U) continue;  // a continuation byte: look further back
    const std::size_t length = byte >= 0xF0U ? 4 : byte >= 0xE0U ? 3 : byte >= 0xC0U ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

std::string WholeCharacters::feed(std::string_view piece) {
  std::string all = std::move(held_);
  all += piece;
  std::size_t keep = all.size() - open_utf8_tail(all);
  if (keep == all.size() && all.ends_with('\r')) --keep;
  held_ = all.substr(keep);
  all.resize(keep);
  std::string out;
  out.reserve(all.size());
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i] != '\r' || i + 1 == all.size() || all[i + 1] != '\n') out += all[i];
  return out;
}

std::string WholeCharacters::finish() { return std::exchange(held_, {}); }

}  // namespace herder::report
