// Any bytes: the first line is a pattern with a leading byte of flags, the second a replacement, the rest text. Everything ends
// without harm, and what PythonRegex accepts PCRE2 can compile (its refusals are "the regular expression '...' cannot ...").
#include <algorithm>
#include <cstdlib>

#include "value/python_regex.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace herder::value;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty() || input.size() > 400) return 0;
  const auto flags = static_cast<RegexFlags>(input[0] & 0x1f);
  input.remove_prefix(1);
  const auto line = [&] {
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view out = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    return out;
  };
  const std::string_view pattern = line();
  const std::string_view replacement = line();
  const auto regex = PythonRegex::compile(pattern, flags);
  if (!regex) {
    if (regex.error().what.starts_with("the regular expression '")) std::abort();
    return 0;
  }
  const auto all = regex->find_all(input, 100);
  if (all)
    for (const RegexMatch& match : *all)
      if (match.span().end > input.size() || match.span().begin > match.span().end) std::abort();
  (void)regex->sub(replacement, input, 10);
  (void)regex->fullmatch(input);
  return 0;
}
