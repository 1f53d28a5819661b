// Settings of a connection as Ansible names them, and where each may come from: a variable of the host, the command line, the environment,
// ansible.cfg. One table; docs/ssh.md shows it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"
#include "value/value.hpp"

namespace herder::transport {

enum class Setting : std::uint8_t {
  connection, host, port, user, password, private_key_file, host_key_checking, timeout, ssh_args, ssh_common_args, ssh_extra_args,
  ssh_executable, retries, pkcs11_provider, private_key, count
};

/// Where one setting comes from. Of several names for the same the LAST that is set counts, as in Ansible.
struct SettingSources {
  Setting setting;
  std::string_view vars;  // blank-separated names of variables
  std::string_view env;
  std::string_view ini;   // "section/key"
};
const SettingSources& sources_of(Setting setting) noexcept;

/// A setting as text, and what gave it: "ansible_port", "ANSIBLE_TIMEOUT", "ansible.cfg [defaults] timeout".
struct SettingText {
  std::string text;
  std::string from;
  Where where;          // in the inventory, when known
  bool secret = false;
};

/// Gives the value of a host's variable, or null when it is not set.
using VarLookup = std::function<Value(std::string_view name)>;
/// Gives a value of ansible.cfg, or nothing.
using ConfigLookup = std::function<std::optional<std::string>(std::string_view section, std::string_view key)>;

/// The variable's value. Errors: unsupported (a template, cipher text), parse (not text, number or truth).
Result<std::optional<SettingText>> setting_from_vars(Setting setting, const VarLookup& vars);
/// From the environment, else ansible.cfg.
std::optional<SettingText> setting_from_surroundings(Setting setting, const ConfigLookup& config);

/// Ansible's truth: y yes on 1 true t / n no off 0 false f, any case. Errors: parse.
Result<bool> to_truth(const SettingText& setting);
/// Errors: parse when it is not a whole number in low..high.
Result<std::int64_t> to_number(const SettingText& setting, std::int64_t low, std::int64_t high);

}  // namespace herder::transport
