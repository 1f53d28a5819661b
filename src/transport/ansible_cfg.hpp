// ansible.cfg: found where Ansible finds it, read as Ansible reads it. Only what herder acts on is asked for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "transport/connection_options.hpp"
#include "value/ini.hpp"

namespace herder::transport {

class AnsibleConfig {
 public:
  /// The first of: the file (or the ansible.cfg in the directory) that ANSIBLE_CONFIG names, ./ansible.cfg, ~/.ansible.cfg,
  /// /etc/ansible/ansible.cfg. One in a working directory that everybody may write to is not read (others could put it there): then
  /// warning() says so. No file at all is an empty configuration. Errors: parse, denied, io.
  static Result<AnsibleConfig> find();
  /// This file. For tests.
  static Result<AnsibleConfig> read(const std::string& path);

  /// The file read; empty when there is none.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const std::optional<Error>& warning() const noexcept { return warning_; }

  [[nodiscard]] std::optional<std::string> get(std::string_view section, std::string_view key) const;
  /// A path, "~" expanded, relative ones seen from the file's directory.
  [[nodiscard]] std::string resolve(std::string_view path) const;
  /// [defaults] inventory: paths, resolved.
  [[nodiscard]] std::vector<std::string> inventory() const;
  /// [defaults] forks. Errors: parse.
  [[nodiscard]] Result<std::optional<std::size_t>> forks() const;

  /// For TargetSettings::ansible_cfg; holds a copy. Paths come resolved.
  [[nodiscard]] ConfigLookup lookup() const;

 private:
  std::string path_;
  std::optional<Error> warning_;
  std::optional<value::IniFile> file_;
};

}  // namespace herder::transport
