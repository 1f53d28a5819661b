// Any bytes: what can be read is printed unchanged, survives each of its values being set again, and each key being removed.
#include <cstddef>
#include <cstdint>

#include "value/ini.hpp"

using namespace herder::value;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto file = IniFile::parse(text, {.file = "fuzz.cfg"});
  if (!file) return 0;
  HERDER_ASSERT(file->print() == text);
  const Value before = file->values();
  int left = 20;
  for (const auto& [section, keys] : before.entries()) {
    for (const auto& [key, value] : keys.entries()) {
      if (--left < 0) break;
      IniFile changed = *file;
      if (changed.set(section.as_string(), key.as_string(), value.as_string())) HERDER_ASSERT(changed.values() == before);
      if (changed.set(section.as_string(), key.as_string(), "new")) HERDER_ASSERT(*changed.find(section.as_string(), key.as_string()) == Value("new"));
      HERDER_ASSERT(changed.remove(section.as_string(), key.as_string()));
    }
  }
  return 0;
}
