// What a YAML 1.1 scalar means: PyYAML's implicit resolution and the construction of numbers, times and bytes. No libyaml here.
#pragma once

#include <string>
#include <string_view>

#include "value/value.hpp"

namespace herder::value::yaml {

/// The core tags. `merge`, `value` ("=") and `yaml` ("!", "&", "*") have no value of their own: they are errors outside keys.
enum class Tag : std::uint8_t {
  str,
  null,
  boolean,
  integer,
  real,
  timestamp,
  merge,
  value,
  yaml,
  binary,
  seq,
  map,
  set,
  omap,
  pairs,
  vault,
  unsafe,
  unknown,
};

/// The tag that a plain scalar gets from its text alone. As Python's `$`, one final newline is overlooked.
Tag resolve(std::string_view text) noexcept;

/// True when `text`, written plain, would be read back as this very string (nothing about indicators: resolution only).
inline bool resolves_to_string(std::string_view text) noexcept { return resolve(text) == Tag::str; }

/// The tag behind a full tag name as libyaml reports it ("tag:yaml.org,2002:int", "!vault"); `unknown` for all others.
Tag tag_from_name(std::string_view name) noexcept;

/// The value of a scalar with a scalar tag (str to timestamp, binary). The failing side says what is wrong with the text, in words that
/// fit after "... ": "is not a valid integer". Fails for what PyYAML fails for, and for integers above 4300 digits (Python's limit).
std::expected<Value, std::string> construct(Tag tag, std::string_view text);

}  // namespace herder::value::yaml
