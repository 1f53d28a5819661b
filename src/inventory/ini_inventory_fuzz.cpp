// Any bytes are an INI inventory or an error with a place in it; what is read can be listed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "inventory/ini_inventory.hpp"
#include "inventory/listing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace herder;
  using namespace herder::inventory;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // A range may mean a million hosts: too slow for a fuzzer, and tested elsewhere.
  for (std::size_t digits = 0, i = 0; i < size; ++i) {
    digits = text[i] >= '0' && text[i] <= '9' ? digits + 1 : 0;
    if (digits > 2 && text.contains('[')) return 0;
  }
  if (size > 4096) return 0;
  InventoryBuilder builder;
  builder.begin_source("fuzz.ini", "/");
  if (const auto read = read_ini(text, "fuzz.ini", builder); !read) {
    HERDER_ASSERT(!read.error().what.empty());
    HERDER_ASSERT(read.error().where.line > 0 && read.error().where.column >= 0);
  }
  auto model = builder.finish();
  if (!model) return 0;
  const Inventory inventory(*std::move(model), {});
  std::size_t bytes = 0;
  const Sink count = [&bytes](std::string_view piece) -> Result<> {
    bytes += piece.size();
    return {};
  };
  HERDER_ASSERT(write_list_json(inventory, {}, count).has_value());
  HERDER_ASSERT(write_list_json(inventory, {.exported = true}, count).has_value());
  HERDER_ASSERT(bytes > 0);
  return 0;
}
