// YAML 1.1 as PyYAML's SafeLoader resolves it and as ansible-core 2.19 reads it, through libyaml's event parser.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "value/value.hpp"

namespace herder::value {

struct YamlLimits {
  std::size_t depth = 200;             // nested collections
  std::size_t nodes = 20'000'000;      // events, anchors' contents counted once per use
  std::size_t alias_nodes = 1'000'000; // nodes that exist only through aliases (bombs); ten times the others are always allowed
};

struct YamlOptions {
  std::string file;                    // for positions and errors
  // Put on every string, number, date and bytes; secret only on what is not a key (untrusted for foreign files, secret for what came
  // out of a vault: errors then quote no line).
  Mark marks = Mark::none;
  YamlLimits limits{};
};

struct YamlDocument {
  Value root;
  std::vector<Error> warnings;         // duplicate keys (the last wins), with their place
};

/// Exactly one document (an empty one is null). Every node carries its position. Scalars: yes/no/on/off/true/false, ints (decimal,
/// 0octal, 0x, 0b, sexagesimal, with underscores), floats, timestamps, null, merge keys `<<`, `=`; tags !!str !!int !!float !!bool
/// !!null !!binary !!timestamp !!seq !!map !!set !!omap !!pairs, `!vault` / `!vault-encrypted` (Mark::vaulted string) and `!unsafe` (Mark::untrusted,
/// deep). Errors: parse with place and a remedy for the usual slips (tab indentation, unquoted `{{`, `: ` in plain text), limit.
Result<YamlDocument> parse_yaml(std::string_view text, const YamlOptions& options = {});

/// All documents of a stream.
Result<std::vector<YamlDocument>> parse_yaml_all(std::string_view text, const YamlOptions& options = {});

struct YamlStyle {
  int indent = 2;
  bool sort_keys = false;
  bool indented_lists = false;  // "- " two spaces inside its parent, as ansible's AnsibleDumper does not, and people like
  int width = 80;
};
/// As PyYAML's safe_dump(default_flow_style=False, allow_unicode=True) writes it, ending in a newline.
std::string print_yaml(const Value& value, const YamlStyle& style = {});

}  // namespace herder::value
