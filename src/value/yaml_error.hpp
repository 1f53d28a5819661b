// Turns what libyaml says about a bad document into an Error that helps: the place of the slip, its line, the remedy.
#pragma once

#include <string>
#include <string_view>

#include "value/value.hpp"

namespace herder::value::yaml {

/// What the parser knows about a failure. Lines and columns count from 0 here, as libyaml counts.
struct Trouble {
  std::string_view problem;
  std::string_view context;  // "while scanning a simple key", or empty
  std::size_t line = 0;
  std::size_t column = 0;
  std::size_t context_line = 0;
  std::size_t context_column = 0;
};

/// The text and name of what is being parsed, and whether errors may quote it.
struct Source {
  std::string_view text;
  std::string_view file;
  bool quote = true;  // off for text that came out of a vault
};

/// A syntax error, explained.
Error explain(const Source& source, const Trouble& trouble);

/// The place in the file; line and column from 0.
Where place(const Source& source, std::size_t line, std::size_t column);

/// The same for a byte offset (reader errors have nothing else).
Where place_of_byte(const Source& source, std::size_t offset);

/// A remedy when the value that starts on this line looks like an unquoted template (`key: {{ name }}`); else "".
std::string template_help(const Source& source, std::size_t line);

}  // namespace herder::value::yaml
