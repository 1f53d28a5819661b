// YAML and JSON files of the user's as Ansible's loader reads them: decrypted when encrypted, JSON first, then YAML.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "value/value.hpp"

namespace herder::inventory {

/// Turns the text of an ansible-vault file into its plain text; `file` is for messages. Empty: there is none.
using VaultDecryptor = std::function<Result<std::string>(std::string_view cipher_text, const std::string& file)>;

/// The whole file, decrypted if it is an ansible-vault file. Errors: of reading; denied, when it is encrypted and `vault` is empty.
Result<std::string> read_maybe_encrypted(const std::string& path, const VaultDecryptor& vault);

/// One JSON or YAML document; an empty one is null. Warnings (duplicate keys) are added to `warnings`.
Result<Value> load_data_file(const std::string& path, const VaultDecryptor& vault, std::vector<Error>& warnings);
Result<Value> parse_data(std::string_view text, const std::string& path, std::vector<Error>& warnings);

/// JSON as Ansible writes it: {"__ansible_unsafe": text} becomes an untrusted text, {"__ansible_vault": text} a vaulted one.
Result<Value> parse_ansible_json(std::string_view text, const std::string& path);

}  // namespace herder::inventory
