#include "inventory/data_file.hpp"

#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"
#include "value/json.hpp"
#include "value/yaml.hpp"

namespace herder::inventory {
namespace {

constexpr std::string_view vault_header = "$ANSIBLE_VAULT";

/// Replaces {"__ansible_unsafe": ...} and {"__ansible_vault": ...} by marked texts. Values without them stay shared.
Value with_ansible_marks(const Value& value) {
  if (value.is_list()) {
    value::ListBuilder list(value);
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (value.items()[i].is_list() || value.items()[i].is_map()) list.set(i, with_ansible_marks(value.items()[i]));
    }
    return std::move(list).build();
  }
  if (!value.is_map()) return value;
  if (const Value* text = value.find("__ansible_unsafe"); text != nullptr && text->is_string())
    return text->marked(value::Mark::untrusted);
  if (const Value* text = value.find("__ansible_vault"); text != nullptr && text->is_string())
    return text->marked(value::Mark::vaulted);
  value::MapBuilder map(value);
  for (const value::MapEntry& entry : value.entries()) {
    if (entry.value.is_list() || entry.value.is_map()) map.set(entry.key, with_ansible_marks(entry.value));
  }
  return std::move(map).build();
}

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[' || text[first] == '"');
}

}  // namespace

Result<std::string> read_maybe_encrypted(const std::string& path, const VaultDecryptor& vault) {
  HERDER_TRY(std::string text, read_file(path));
  if (!text.starts_with(vault_header)) return text;
  Where where;
  where.file = path;
  if (!vault)
    return std::unexpected(
        error(Errc::denied, "this file is encrypted with ansible-vault, and there is no vault password")
            .at(std::move(where))
            .hint("herder cannot decrypt vault files yet: decrypt it with 'ansible-vault decrypt', or leave it out"));
  return vault(text, path);
}

Result<Value> parse_ansible_json(std::string_view text, const std::string& path) {
  value::JsonOptions options;
  options.file = path;
  options.depth = 200;
  HERDER_TRY(const Value value, value::parse_json(text, options));
  if (!text.contains("__ansible_")) return value;
  return with_ansible_marks(value);
}

Result<Value> parse_data(std::string_view text, const std::string& path, std::vector<Error>& warnings) {
  if (looks_like_json(text)) {
    if (auto value = parse_ansible_json(text, path)) return value;
  }
  value::YamlOptions options;
  options.file = path;
  HERDER_TRY(value::YamlDocument document, value::parse_yaml(text, options));
  for (Error& warning : document.warnings) warnings.push_back(std::move(warning));
  return std::move(document.root);
}

Result<Value> load_data_file(const std::string& path, const VaultDecryptor& vault, std::vector<Error>& warnings) {
  HERDER_TRY(const std::string text, read_maybe_encrypted(path, vault));
  return parse_data(text, path, warnings);
}

}  // namespace herder::inventory
