// Any bytes: reading ends under its limits, and what was read survives printing and reading again in every layout.
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "value/yaml.hpp"

using herder::Value;
using namespace herder::value;

namespace {

/// NaN is not equal to itself, and PyYAML's text for vaulted strings needs their mark: both are left out of the comparison.
bool comparable(const Value& value) {
  if (value.kind() == Kind::real) return !std::isnan(value.as_real());
  if (has(value.marks(), Mark::vaulted)) return false;
  for (const Value& item : value.is_list() ? value.items() : std::span<const Value>{})
    if (!comparable(item)) return false;
  for (const MapEntry& entry : value.is_map() ? value.entries() : std::span<const MapEntry>{})
    if (!comparable(entry.key) || !comparable(entry.value)) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const YamlOptions options{.file = "fuzz.yml", .limits = {.depth = 40, .nodes = 20'000, .alias_nodes = 1'000}};
  const auto document = parse_yaml(text, options);
  static_cast<void>(parse_yaml_all(text, options));
  if (!document) {
    HERDER_ASSERT(!document.error().what.empty());
    return 0;
  }
  if (!comparable(document->root)) return 0;
  for (const YamlStyle& style : {YamlStyle{}, YamlStyle{.indent = 4, .sort_keys = true, .width = 20, .flow = YamlFlow::leaves},
                                 YamlStyle{.indent = 9, .indented_lists = true, .width = 9999}, YamlStyle{.flow = YamlFlow::always}}) {
    const auto again = parse_yaml(print_yaml(document->root, style));
    HERDER_ASSERT(again.has_value() && again->root == document->root);
  }
  return 0;
}
