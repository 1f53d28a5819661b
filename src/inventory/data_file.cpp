#include "inventory/data_file.hpp"

#include <utility>

#include "base/file.hpp"
#include "base/text.hpp"
#include "value/json.hpp"
#include "value/yaml.hpp"

namespace herder::inventory {
namespace {

constexpr std::string_view vault_header = "$ANSIBLE_VAULT";

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
  const value::YamlOptions options{.file = path};
  HERDER_TRY(Value value, value::parse_json(text, {.file = path, .depth = options.limits.depth}));
  if (!text.contains("__ansible_")) return value;
  HERDER_TRY(value::YamlDocument document, value::parse_yaml_or_json(text, options));  // it is JSON, and this knows the marks
  return std::move(document.root);
}

Result<Value> parse_data(std::string_view text, const std::string& path, std::vector<Error>& warnings) {
  HERDER_TRY(value::YamlDocument document, value::parse_yaml_or_json(text, {.file = path}));
  for (Error& warning : document.warnings) warnings.push_back(std::move(warning));
  return std::move(document.root);
}

Result<Value> load_data_file(const std::string& path, const VaultDecryptor& vault, std::vector<Error>& warnings) {
  HERDER_TRY(const std::string text, read_maybe_encrypted(path, vault));
  return parse_data(text, path, warnings);
}

}  // namespace herder::inventory
