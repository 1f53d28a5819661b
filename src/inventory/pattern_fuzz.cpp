// Any text is a host pattern or an error; a node set that is read folds and expands to the same names; any text is a query or an
// error with a column.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "inventory/builder.hpp"
#include "inventory/ini_inventory.hpp"
#include "inventory/nodeset.hpp"
#include "inventory/pattern.hpp"
#include "inventory/query.hpp"

namespace {

using namespace herder;
using namespace herder::inventory;

const Inventory& fleet() {
  static const auto made = [] {
    InventoryBuilder builder;
    builder.begin_source("fuzz.ini", "/");
    constexpr std::string_view ini =
        "lone x=1\n[web]\nweb[1:5] port=80 tags=\"['a']\"\n[db]\ndb1\nweb5\n[prod:children]\nweb\n[v6]\n2001:db8::1\n\xC3\xA9"
        "1\n";
    HERDER_ASSERT(read_ini(ini, "fuzz.ini", builder).has_value());
    return std::make_unique<const Inventory>(*builder.finish(), VarsSettings{});
  }();
  return *made;
}

void try_pattern(std::string_view text) {
  if (text.contains('@')) return;  // names a file
  const auto selection = select(fleet(), text);
  if (!selection) {
    HERDER_ASSERT(!selection.error().what.empty());
    return;
  }
  auto hosts = selection->hosts;
  std::ranges::sort(hosts);
  HERDER_ASSERT(std::ranges::adjacent_find(hosts) == hosts.end());
}

void try_nodeset(std::string_view text) {
  auto names = expand_nodeset(text);
  if (!names || names->size() > 2000) return;
  std::ranges::sort(*names);
  names->erase(std::ranges::unique(*names).begin(), names->end());
  auto again = expand_nodeset(fold_hosts(*names));
  HERDER_ASSERT(again.has_value());
  std::ranges::sort(*again);
  HERDER_ASSERT(*again == *names);
}

void try_query(std::string_view text) {
  const auto query = Query::parse(text);
  if (!query) {
    HERDER_ASSERT(query.error().where.column > 0 || query.error().code == Errc::limit);
    return;
  }
  const auto hosts = fleet().hosts_of(group_all);
  if (const auto outcome = query->run(fleet(), hosts)) HERDER_ASSERT(outcome->hosts.size() <= hosts.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 2048) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0: try_pattern(text); break;
    case 1: try_nodeset(text); break;
    default: try_query(text);
  }
  return 0;
}
