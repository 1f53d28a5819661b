// Any bytes: reading ends, and what was read as a literal is a literal again when printed.
#include <cstdlib>

#include "value/python_literal.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace herder::value;
  const auto value = parse_python_literal({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const std::string printed = python_repr(*value);
  // Not every value can be read back: 1e999 prints as inf, a tuple as a key prints as a list, a long hexadecimal number has too
  // many decimal digits.
  if (const auto back = parse_python_literal(printed); back && !(*back == *value)) std::abort();
  return 0;
}
