// Text of a host's, cut as the host likes: the known secrets never come out, and the cuts make no difference.
#include <cstddef>
#include <cstdint>

#include "base/error.hpp"
#include "base/redact.hpp"

namespace {

// Without '*', so that a mark cannot complete one; the second is a part of the first.
constexpr const char* secrets[] = {"abab\\n'\"%41 b", "abab", "+a b/\n-c"};

herder::Redactor& known() {
  static herder::Redactor redactor;
  if (redactor.empty())
    for (const char* secret : secrets) redactor.add(secret);
  return redactor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::size_t step = data[0] % 16U + 1U;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = known().redact(text);
  for (const char* secret : secrets) HERDER_ASSERT(whole.find(secret) == std::string::npos);

  herder::Redactor::Stream stream(known());
  std::string pieces;
  for (std::size_t at = 0; at < text.size(); at += step) pieces += stream.feed(text.substr(at, step));
  pieces += stream.finish();
  HERDER_ASSERT(pieces == whole);
  return 0;
}
