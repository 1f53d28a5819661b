// The parsed form of a Query.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "value/python_regex.hpp"
#include "value/value.hpp"

namespace herder::inventory {

struct QueryNode {
  enum class Kind : std::uint8_t {
    literal,    // value
    name,       // text
    list,       // children
    attribute,  // children[0] . text
    item,       // children[0] [ children[1] ]
    negate,     // - children[0]
    logic_not,
    logic_and,
    logic_or,
    compare,    // children[0] operators[0] children[1] operators[1] children[2] ...
    test,       // children[0] is text ( children[1] )
  };
  enum class Operator : std::uint8_t { equal, unequal, less, less_equal, greater, greater_equal, in, not_in };

  Kind kind{};
  std::string text;
  Value value;
  std::vector<std::unique_ptr<const QueryNode>> children;
  std::vector<Operator> operators;
  std::optional<value::PythonRegex> regex;  // of match and search
};

/// Errors: parse and unsupported, with `where.column` in `text`.
Result<std::unique_ptr<const QueryNode>> parse_query(std::string_view text);

}  // namespace herder::inventory
