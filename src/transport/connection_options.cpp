#include "transport/connection_options.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/text.hpp"

namespace herder::transport {
namespace {

// From the documentation of ansible-core 2.19's ssh connection; ansible_timeout and ansible_connection belong to all connections.
constexpr std::array<SettingSources, static_cast<std::size_t>(Setting::count)> table{{
    {Setting::connection, "ansible_connection", "ANSIBLE_TRANSPORT", "defaults/transport"},
    {Setting::host, "ansible_host ansible_ssh_host", "", ""},
    {Setting::port, "ansible_port ansible_ssh_port", "ANSIBLE_REMOTE_PORT", "defaults/remote_port"},
    {Setting::user, "ansible_user ansible_ssh_user", "ANSIBLE_REMOTE_USER", "defaults/remote_user"},
    {Setting::password, "ansible_password ansible_ssh_pass ansible_ssh_password", "", ""},
    {Setting::private_key_file, "ansible_private_key_file ansible_ssh_private_key_file", "ANSIBLE_PRIVATE_KEY_FILE", "defaults/private_key_file"},
    {Setting::host_key_checking, "ansible_host_key_checking ansible_ssh_host_key_checking", "ANSIBLE_HOST_KEY_CHECKING ANSIBLE_SSH_HOST_KEY_CHECKING",
     "defaults/host_key_checking ssh_connection/host_key_checking"},
    {Setting::timeout, "ansible_timeout ansible_ssh_timeout", "ANSIBLE_TIMEOUT ANSIBLE_SSH_TIMEOUT", "defaults/timeout ssh_connection/timeout"},
    {Setting::ssh_args, "ansible_ssh_args", "ANSIBLE_SSH_ARGS", "ssh_connection/ssh_args"},
    {Setting::ssh_common_args, "ansible_ssh_common_args", "ANSIBLE_SSH_COMMON_ARGS", "ssh_connection/ssh_common_args"},
    {Setting::ssh_extra_args, "ansible_ssh_extra_args", "ANSIBLE_SSH_EXTRA_ARGS", "ssh_connection/ssh_extra_args"},
    {Setting::ssh_executable, "ansible_ssh_executable", "ANSIBLE_SSH_EXECUTABLE", "ssh_connection/ssh_executable"},
    {Setting::retries, "ansible_ssh_retries", "ANSIBLE_SSH_RETRIES", "connection/retries ssh_connection/retries"},
    {Setting::pkcs11_provider, "ansible_ssh_pkcs11_provider", "ANSIBLE_PKCS11_PROVIDER", "ssh_connection/pkcs11_provider"},
    {Setting::private_key, "ansible_private_key ansible_ssh_private_key", "ANSIBLE_PRIVATE_KEY", ""},
}};

/// A variable's value as text. Text of the user's own that looks like a template would mean something else in Ansible.
Result<SettingText> text_of(const Value& value, std::string_view name) {
  SettingText out{.text = {}, .from = std::string(name), .where = value.source().where(), .secret = has(value.marks(), value::Mark::secret)};
  const auto refuse = [&](Errc code, std::string what, std::string help) {
    return std::unexpected(error(code, "{} {}", name, what).at(out.where).hint(std::move(help)));
  };
  if (has(value.marks(), value::Mark::vaulted)) return refuse(Errc::unsupported, "is encrypted with ansible-vault", "vault support comes later");
  switch (value.kind()) {
    case value::Kind::string: out.text = std::string(value.as_string()); break;
    case value::Kind::integer:
    case value::Kind::big: out.text = value.big_decimal(); break;
    case value::Kind::boolean: out.text = value.as_bool() ? "true" : "false"; break;
    case value::Kind::real: return refuse(Errc::parse, "is a number with a fraction", "put it into quotes");
    default: return refuse(Errc::parse, "is a " + std::string(value::python_name(value.kind())) + ", not text", "put it into quotes");
  }
  const bool foreign = has(value.marks(), value::Mark::untrusted);  // !unsafe and the like: never a template
  if (!foreign && (out.text.contains("{{") || out.text.contains("{%")))
    return refuse(Errc::unsupported, "is a template", "templates come later; write the value itself for now");
  return out;
}

}  // namespace

const SettingSources& sources_of(Setting setting) noexcept { return table[static_cast<std::size_t>(setting)]; }

Result<std::optional<SettingText>> setting_from_vars(Setting setting, const VarLookup& vars) {
  Value found;
  std::string_view found_name;
  std::string_view names = sources_of(setting).vars;
  while (!names.empty()) {
    const std::size_t blank = std::min(names.find(' '), names.size());
    Value value = vars(names.substr(0, blank));
    if (!value.is_null()) {
      found = std::move(value);
      found_name = names.substr(0, blank);
    }
    names.remove_prefix(std::min(blank + 1, names.size()));
  }
  if (found_name.empty()) return std::optional<SettingText>{};
  HERDER_TRY(SettingText text, text_of(found, found_name));
  return std::optional(std::move(text));
}

std::optional<SettingText> setting_from_surroundings(Setting setting, const ConfigLookup& config) {
  const SettingSources& sources = sources_of(setting);
  std::optional<SettingText> out;
  if (!sources.env.empty()) {
    for (const std::string_view name : text::split(sources.env, ' ')) {
      const char* value = std::getenv(std::string(name).c_str());
      if (value != nullptr && *value != '\0') out = SettingText{.text = value, .from = std::string(name)};
    }
  }
  if (out || sources.ini.empty() || !config) return out;
  for (const std::string_view place : text::split(sources.ini, ' ')) {
    const std::size_t slash = place.find('/');
    const auto value = config(place.substr(0, slash), place.substr(slash + 1));
    if (value && !value->empty())
      out = SettingText{.text = *value, .from = fmt::format("ansible.cfg [{}] {}", place.substr(0, slash), place.substr(slash + 1))};
  }
  return out;
}

Result<bool> to_truth(const SettingText& setting) {
  const std::string low = text::lower(text::trim(setting.text));
  for (const char* yes : {"y", "yes", "on", "1", "true", "t"})
    if (low == yes) return true;
  for (const char* no : {"n", "no", "off", "0", "false", "f"})
    if (low == no) return false;
  return std::unexpected(error(Errc::parse, "{} is '{}', which is neither true nor false", setting.from, text::printable(setting.text)).at(setting.where));
}

Result<std::int64_t> to_number(const SettingText& setting, std::int64_t low, std::int64_t high) {
  const auto number = text::to_int(text::trim(setting.text));
  if (number && *number >= low && *number <= high) return *number;
  return std::unexpected(error(Errc::parse, "{} {} is not in {}..{}", setting.from, text::printable(setting.text), low, high)
                             .at(setting.where)
                             .hint(fmt::format("use a number from {} to {}", low, high)));
}

}  // namespace herder::transport
