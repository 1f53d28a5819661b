// How Ansible opens a file of variables: as JSON if all of it is JSON (where "1e3" is a number and "\ud83d\ude00" one character), else as
// YAML, whose errors are then the ones to show.
#include "base/text.hpp"
#include "value/json.hpp"
#include "value/yaml.hpp"

namespace herder::value {
namespace {

constexpr std::string_view unsafe_key = "__ansible_unsafe";
constexpr std::string_view vault_key = "__ansible_vault";

/// JSON has no tags: Ansible writes {"__ansible_unsafe": text} and {"__ansible_vault": cipher text} instead.
Value with_tags(const Value& value) {
  if (value.is_list()) {
    ListBuilder out;
    out.reserve(value.size());
    for (const Value& item : value.items()) out.push_back(with_tags(item));
    return value.size() == 0 ? value : std::move(out).build().at(value.source());
  }
  if (!value.is_map() || value.size() == 0) return value;
  const Value* unsafe = value.find(unsafe_key);
  if (unsafe != nullptr && unsafe->is_string()) return unsafe->marked(Mark::untrusted);
  const Value* vault = value.find(vault_key);
  if (vault != nullptr && vault->is_string()) return vault->marked(Mark::vaulted);
  MapBuilder out;
  out.reserve(value.size());
  for (const auto& [key, item] : value.entries()) out.set(key, with_tags(item));
  return std::move(out).build().at(value.source());
}

bool may_be_json(std::string_view text) noexcept {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && std::string_view("{[\"-0123456789tfnNI").find(text[first]) != std::string_view::npos;
}

}  // namespace

Result<YamlDocument> parse_yaml_or_json(std::string_view text, const YamlOptions& options) {
  if (!may_be_json(text)) return parse_yaml(text, options);
  Result<Value> json = parse_json(text, {.file = options.file, .marks = options.marks, .depth = options.limits.depth});
  if (!json) return parse_yaml(text, options);
  const bool tagged = text.find(unsafe_key) != std::string_view::npos || text.find(vault_key) != std::string_view::npos;
  return YamlDocument{.root = tagged ? with_tags(*json) : *std::move(json)};
}

}  // namespace herder::value
