#include "transport/host_pattern.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"

namespace herder::transport {
namespace {

constexpr std::size_t longest_pattern = 1022;

}  // namespace

bool matches_pattern(std::string_view text, std::string_view pattern) noexcept {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;  // where the last `*` stands, and up to where it has eaten the text
  std::size_t eaten = 0;
  while (at < text.size()) {
    if (in < pattern.size() && pattern[in] == '*') {
      star = in++;
      eaten = at;
    } else if (in < pattern.size() && (pattern[in] == '?' || pattern[in] == text[at])) {
      ++in;
      ++at;
    } else if (star != std::string_view::npos) {
      in = star + 1;
      at = ++eaten;
    } else {
      return false;
    }
  }
  while (in < pattern.size() && pattern[in] == '*') ++in;
  return in == pattern.size();
}

ListMatch match_list(std::string_view text, std::string_view list, bool fold_case) {
  ListMatch found = ListMatch::none;
  std::size_t at = 0;
  while (at < list.size()) {  // nothing follows a final comma
    const std::size_t comma = std::min(list.find(',', at), list.size());
    std::string_view pattern = list.substr(at, comma - at);
    at = comma + 1;
    const bool negated = pattern.starts_with('!');
    if (negated) pattern.remove_prefix(1);
    if (pattern.size() > longest_pattern) return ListMatch::none;
    const bool hit = fold_case ? matches_pattern(text, text::lower(pattern)) : matches_pattern(text, pattern);
    if (hit && negated) return ListMatch::negated;
    if (hit) found = ListMatch::match;
  }
  return found;
}

}  // namespace herder::transport
