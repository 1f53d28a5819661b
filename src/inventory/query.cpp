#include "inventory/query.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "inventory/query_ast.hpp"
#include "value/compare.hpp"
#include "value/python_literal.hpp"

namespace herder::inventory {
namespace {

using Kind = QueryNode::Kind;
using Operator = QueryNode::Operator;

/// What a node gives: a value, or nothing because a name it needs is not defined (or a comparison made no sense).
using Outcome = Result<std::optional<Value>>;

/// Names that the whole expression uses as variables.
void collect_names(const QueryNode& node, std::set<std::string>& names) {
  if (node.kind == Kind::name) names.insert(node.text);
  for (const auto& child : node.children) collect_names(*child, names);
}

bool looks_like_template(const Value& value) {
  return value.is_string() && !has(value.marks(), value::Mark::untrusted) &&
         (value.as_string().contains("{{") || value.as_string().contains("{%"));
}

bool is_magic(std::string_view name) { return name.starts_with("inventory_") || name == "group_names"; }

/// Evaluates one expression for many hosts and remembers what was odd.
class Evaluator {
 public:
  Evaluator(const Inventory& inventory, const QueryNode& root) : inventory_(inventory), root_(root) {}

  Result<bool> matches(HostId host) {
    host_ = host;
    magic_.reset();
    HERDER_TRY(const auto value, evaluate(root_), "asking host '{}'", inventory_.name(host));
    return value.has_value() && value->truthy();
  }

  Result<std::vector<Error>> warnings(std::span<const HostId> hosts) {
    std::vector<Error> all;
    std::set<std::string> names;
    collect_names(root_, names);
    for (const std::string& name : names) {
      if (defined_.contains(name) || hosts.empty()) continue;
      HERDER_TRY(const bool somewhere, is_defined_somewhere(name, hosts));
      if (!somewhere) all.push_back(undefined_everywhere(name, hosts));
    }
    for (const auto& [name, host] : templates_)
      all.push_back(error(Errc::unsupported, "variable '{}' is a template (host '{}'): queries take it as it is written", name,
                          inventory_.name(host)));
    for (const auto& [text, odd] : oddities_)
      all.push_back(error(Errc::conflict, "{} (host '{}'{})", text, inventory_.name(odd.first),
                          odd.count > 1 ? fmt::format(" and {} more", odd.count - 1) : ""));
    return all;
  }

 private:
  Outcome look_up(const std::string& name) {
    if (name == "groups") return groups();
    if (is_magic(name)) {
      if (!magic_) magic_ = inventory_.magic_vars(host_);
      if (const Value* magic = magic_->find(name)) {
        defined_.insert(name);
        return *magic;
      }
    }
    HERDER_TRY(auto value, inventory_.host_var(host_, name));
    if (value) {
      defined_.insert(name);
      if (looks_like_template(*value)) templates_.try_emplace(name, host_);
    }
    return value;
  }

  Outcome groups() {
    defined_.insert("groups");
    if (groups_.is_null()) {
      value::MapBuilder map;
      for (std::uint32_t i = 0; i < inventory_.group_count(); ++i) {
        value::ListBuilder hosts;
        for (const HostId host : inventory_.hosts_of(GroupId{i})) hosts.push_back(inventory_.name(host));
        map.set(inventory_.name(GroupId{i}), std::move(hosts).build());
      }
      groups_ = std::move(map).build();
    }
    return groups_;
  }

  Outcome evaluate(const QueryNode& node) {
    switch (node.kind) {
      case Kind::literal: return node.value;
      case Kind::name: return look_up(node.text);
      case Kind::list: return list(node);
      case Kind::attribute: return item(*node.children[0], Value(node.text));
      case Kind::item: {
        HERDER_TRY(const auto key, evaluate(*node.children[1]));
        return key ? item(*node.children[0], *key) : Outcome(std::nullopt);
      }
      case Kind::negate: return negate(node);
      case Kind::logic_not: {
        HERDER_TRY(const auto inner, evaluate(*node.children[0]));
        return inner ? Outcome(Value(!inner->truthy())) : Outcome(std::nullopt);
      }
      case Kind::logic_and:
      case Kind::logic_or: {
        HERDER_TRY(auto left, evaluate(*node.children[0]));
        if (!left || left->truthy() == (node.kind == Kind::logic_or)) return left;
        return evaluate(*node.children[1]);
      }
      case Kind::compare: return compare(node);
      case Kind::test: return test(node);
    }
    return std::nullopt;
  }

  Outcome list(const QueryNode& node) {
    value::ListBuilder items;
    for (const auto& child : node.children) {
      HERDER_TRY(const auto item, evaluate(*child));
      if (!item) return std::nullopt;
      items.push_back(*item);
    }
    return std::move(items).build();
  }

  Outcome item(const QueryNode& of, const Value& key) {
    HERDER_TRY(const auto whole, evaluate(of));
    if (!whole) return std::nullopt;
    if (whole->is_map()) {
      const Value* found = whole->find(key);
      return found == nullptr ? Outcome(std::nullopt) : Outcome(*found);
    }
    if (!whole->is_list() || key.kind() != value::Kind::integer) return std::nullopt;
    const auto size = static_cast<std::int64_t>(whole->size());
    const std::int64_t at = key.as_int() < 0 ? size + key.as_int() : key.as_int();
    return at < 0 || at >= size ? Outcome(std::nullopt) : Outcome(whole->items()[static_cast<std::size_t>(at)]);
  }

  Outcome negate(const QueryNode& node) {
    HERDER_TRY(const auto inner, evaluate(*node.children[0]));
    if (!inner) return std::nullopt;
    if (inner->kind() == value::Kind::integer && inner->as_int() != INT64_MIN) return Value(-inner->as_int());
    if (inner->kind() == value::Kind::real) return Value(-inner->as_real());
    return odd(fmt::format("'-' before a {}", value::python_name(inner->kind())));
  }

  Outcome compare(const QueryNode& node) {
    HERDER_TRY(auto left, evaluate(*node.children[0]));
    for (std::size_t i = 0; i < node.operators.size(); ++i) {
      if (!left) return std::nullopt;
      HERDER_TRY(auto right, evaluate(*node.children[i + 1]));
      if (!right) return std::nullopt;
      const auto holds = compare_two(*left, node.operators[i], *right);
      if (!holds)
        return odd(fmt::format("a {} cannot be compared with a {} here", value::python_name(left->kind()),
                               value::python_name(right->kind())));
      if (!*holds) return Value(false);
      left = std::move(right);
    }
    return Value(true);
  }

  static std::optional<bool> compare_two(const Value& a, Operator operation, const Value& b) {
    switch (operation) {
      case Operator::equal: return a == b;
      case Operator::unequal: return !(a == b);
      case Operator::in: return contains(b, a);
      case Operator::not_in: {
        const auto inside = contains(b, a);
        return inside ? std::optional(!*inside) : std::nullopt;
      }
      default: break;
    }
    const auto order = value::python_order(a, b);
    if (!order) return std::nullopt;
    switch (operation) {
      case Operator::less: return *order < 0;
      case Operator::less_equal: return *order <= 0;
      case Operator::greater: return *order > 0;
      default: return *order >= 0;
    }
  }

  static std::optional<bool> contains(const Value& whole, const Value& part) {
    if (whole.is_map()) return whole.find(part) != nullptr;
    if (whole.is_list()) return std::ranges::any_of(whole.items(), [&](const Value& item) { return item == part; });
    if (whole.is_string() && part.is_string()) return whole.as_string().contains(part.as_string());
    return std::nullopt;
  }

  Outcome test(const QueryNode& node) {
    HERDER_TRY(const auto value, evaluate(*node.children[0]));
    if (node.text == "defined") return Value(value.has_value());
    if (node.text == "undefined") return Value(!value.has_value());
    if (!value) return std::nullopt;
    if (node.text == "match" || node.text == "search") return regex_test(node, *value);
    if (node.text == "contains") {
      HERDER_TRY(const auto part, evaluate(*node.children[1]));
      if (!part) return std::nullopt;
      const auto inside = contains(*value, *part);
      return inside ? Outcome(Value(*inside)) : odd(fmt::format("a {} contains nothing", value::python_name(value->kind())));
    }
    return Value(has_type(node.text, *value));
  }

  Outcome regex_test(const QueryNode& node, const Value& value) {
    const std::string text = value::python_str(value);
    HERDER_TRY(const auto found, node.text == "match" ? node.regex->match(text) : node.regex->search(text));
    return Value(found.has_value());
  }

  static bool has_type(std::string_view type, const Value& value) {
    if (type == "none") return value.is_null();
    if (type == "string") return value.is_string();
    if (type == "number") return value.is_number() || value.is_bool();
    if (type == "integer") return value.is_int();
    if (type == "float") return value.kind() == value::Kind::real;
    if (type == "boolean") return value.is_bool();
    if (type == "mapping") return value.is_map();
    if (type == "sequence") return value.is_list() || value.is_map() || value.is_string();
    return value.is_bool() && value.as_bool() == (type == "true");
  }

  Outcome odd(std::string text) {
    Oddity& seen = oddities_.try_emplace(std::move(text), Oddity{host_, 0}).first->second;
    ++seen.count;
    return std::nullopt;
  }

  Result<bool> is_defined_somewhere(const std::string& name, std::span<const HostId> hosts) {
    for (const HostId host : hosts) {
      if (inventory_.magic_vars(host).find(name) != nullptr) return true;
      HERDER_TRY(const auto value, inventory_.host_var(host, name));
      if (value) return true;
    }
    return false;
  }

  [[nodiscard]] Error undefined_everywhere(const std::string& name, std::span<const HostId> hosts) const {
    constexpr std::size_t asked = 1000;
    std::set<std::string> known{"inventory_hostname", "inventory_hostname_short", "group_names", "groups"};
    for (const HostId host : hosts.first(std::min(asked, hosts.size()))) {
      const auto vars = inventory_.host_vars(host);
      if (!vars) continue;
      for (const value::MapEntry& entry : vars->entries())
        if (entry.key.is_string()) known.emplace(entry.key.as_string());
    }
    const std::vector<std::string> names(known.begin(), known.end());
    const auto near = text::nearest(name, names);
    return error(Errc::not_found, "no host defines '{}'", name)
        .hint(near ? fmt::format("did you mean '{}'?", *near) : "texts need quotes: 'prod'");
  }

  struct Oddity {
    HostId first{};
    std::size_t count = 0;
  };

  const Inventory& inventory_;
  const QueryNode& root_;
  HostId host_{};
  std::optional<Value> magic_;  // of host_, made when first needed
  Value groups_;
  std::set<std::string> defined_;
  std::map<std::string, HostId> templates_;
  std::map<std::string, Oddity> oddities_;
};

}  // namespace

Query::Query(std::unique_ptr<const QueryNode> root) : root_(std::move(root)) {}
Query::Query(Query&&) noexcept = default;
Query& Query::operator=(Query&&) noexcept = default;
Query::~Query() = default;

Result<Query> Query::parse(std::string_view text) {
  constexpr std::size_t longest = std::size_t{64} << 10U;
  if (text.size() > longest) return fail(Errc::limit, "the expression is longer than {} bytes", longest);
  HERDER_TRY(auto root, parse_query(text));
  return Query(std::move(root));
}

Result<Query::Outcome> Query::run(const Inventory& inventory, std::span<const HostId> hosts) const {
  Evaluator evaluator(inventory, *root_);
  Outcome outcome;
  for (const HostId host : hosts) {
    HERDER_TRY(const bool hit, evaluator.matches(host));
    if (hit) outcome.hosts.push_back(host);
  }
  HERDER_TRY(outcome.warnings, evaluator.warnings(hosts));
  return outcome;
}

}  // namespace herder::inventory
