// Any bytes: parsing ends, and what was read prints and reads back the same.
#include <cstdlib>

#include "value/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace herder::value;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = parse_json(text, {.file = "fuzz.json", .python_extensions = false});
  if (!value) return 0;
  const JsonStyle style{.indent = static_cast<int>(size % 3), .ascii = size % 2 == 0, .spaces = size % 5 != 0};
  const std::string printed = print_json(*value, style);
  const auto back = parse_json(printed);  // a number beyond the doubles became Infinity
  if (!back || !(*back == *value) || back->hash() != value->hash()) std::abort();
  return 0;
}
