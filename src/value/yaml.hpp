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
  std::size_t alias_nodes = 1'000'000; // nodes that exist only through aliases (bombs); fifty times the others are always allowed
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

/// As Ansible reads a file of variables, an inventory or -e @file: as JSON when the whole text is JSON, else as YAML (whose errors are
/// reported). In JSON, {"__ansible_unsafe": text} and {"__ansible_vault": text} stand for `!unsafe` and `!vault`.
Result<YamlDocument> parse_yaml_or_json(std::string_view text, const YamlOptions& options = {});

/// All documents of a stream.
Result<std::vector<YamlDocument>> parse_yaml_all(std::string_view text, const YamlOptions& options = {});

/// How collections are laid out, PyYAML's default_flow_style.
enum class YamlFlow : std::uint8_t {
  never,   // one element a line; only empty ones are [] and {}
  leaves,  // collections that hold only scalars are written in one line (Ansible's to_yaml)
  always,  // [a, {b: c}]
};

/// Whose habits decide where the two emitters that PyYAML has differ.
enum class YamlEmitter : std::uint8_t {
  python,   // yaml.dump(Dumper=SafeDumper): a lone word ends in "...", long double-quoted lines end in a backslash, emoji are printed
  libyaml,  // CSafeDumper, which Ansible's to_yaml and to_nice_yaml use: no "...", lines break at blanks only, emoji become "\U0001F600"
};

struct YamlStyle {
  int indent = 2;               // 2 to 9, others become 2
  bool sort_keys = false;       // as Python sorts; keys that do not compare (1 and "a") leave the map in its order
  bool indented_lists = false;  // "- " inside its parent, as people like it; PyYAML writes it below the parent's first column
  int width = 80;               // lines are folded at blanks behind this column; at most twice the indent becomes 80
  YamlFlow flow = YamlFlow::never;
  YamlEmitter emitter = YamlEmitter::python;
  bool show_secrets = false;    // else values marked secret are "********"
};

/// As PyYAML writes it with allow_unicode=True, ending in a newline. Anchors are never written: values have no identity.
/// One difference: U+0085, U+2028 and U+2029 are escaped, because PyYAML loses them on the way back. Strings marked vaulted become
/// `!vault |` with their cipher text; invalid UTF-8 becomes U+FFFD.
std::string print_yaml(const Value& value, const YamlStyle& style = {});

}  // namespace herder::value
