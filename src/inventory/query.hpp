// Hosts by their variables: "env == 'prod' and 'web' in group_names".
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/inventory.hpp"

namespace herder::inventory {

struct QueryNode;  // query_ast.hpp

/// An expression over a host's variables, in a subset of Jinja2's syntax: what is accepted here will mean the same in a template.
///   literals      'text' "text" 12 1.5 true false none [a, b]
///   names         variables of the host (levels 3 to 10), inventory_hostname, inventory_hostname_short, group_names,
///                 inventory_file, inventory_dir, groups
///   access        a.b  a['b']  a[0]  a[-1]
///   comparisons   == != < <= > >=  in  not in, chained as in Python
///   logic         and or not ( )
///   tests         is [not] defined undefined none string number integer float boolean mapping sequence true false
///                 match('regex') search('regex') contains(x)
/// Values are taken as they are written: templates in them are not evaluated.
class Query {
 public:
  /// Errors: parse, with `where.column` in the expression; unsupported for Jinja2 that is not in the subset (filters, arithmetic).
  static Result<Query> parse(std::string_view text);
  Query(Query&&) noexcept;
  Query& operator=(Query&&) noexcept;
  ~Query();

  struct Outcome {
    std::vector<HostId> hosts;  // in the order given
    std::vector<Error> warnings;  // names that no host defines, comparisons that make no sense, values that are templates
  };
  /// The hosts for which the expression is true (as Jinja2's `if` sees it). A host without a variable that the expression comes to
  /// need does not match. Errors: variable files, a regular expression that takes too long.
  [[nodiscard]] Result<Outcome> run(const Inventory& inventory, std::span<const HostId> hosts) const;

 private:
  explicit Query(std::unique_ptr<const QueryNode> root);
  std::unique_ptr<const QueryNode> root_;
};

}  // namespace herder::inventory
