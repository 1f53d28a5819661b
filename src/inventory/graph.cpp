// `--graph`: groups as a tree, hosts as leaves.
#include <algorithm>

#include "inventory/json_text.hpp"
#include "inventory/listing.hpp"
#include "value/python_literal.hpp"

namespace herder::inventory {
namespace {

class GraphWriter {
 public:
  GraphWriter(const Inventory& inventory, const GraphOptions& options, const Sink& sink)
      : inventory_(inventory), options_(options), out_(sink) {}

  Result<> run(GroupId start) {
    // An own stack: groups may nest deeper than a thread's stack.
    std::vector<std::pair<GroupId, std::size_t>> open;
    const auto enter = [&](GroupId group) {
      begin_line(open.size());
      out_.text += '@';
      out_.text += inventory_.name(group);
      out_.text += ":\n";
      open.emplace_back(group, 0);
    };
    enter(start);
    while (!open.empty()) {
      auto& [group, next] = open.back();
      if (next < inventory_.children(group).size()) {
        enter(inventory_.children(group)[next++]);
      } else {
        HERDER_TRY_VOID(leave(group, open.size()));
        open.pop_back();
      }
      HERDER_TRY_VOID(out_.flush_if_full());
    }
    return out_.flush();
  }

 private:
  void begin_line(std::size_t depth) {
    for (std::size_t i = 0; i < depth; ++i) out_.text += "  |";
    if (depth > 0) out_.text += "--";
  }

  Result<> leave(GroupId group, std::size_t depth) {
    if (group != group_all) {
      for (const HostId host : inventory_.direct_hosts(group)) {
        begin_line(depth);
        out_.text += inventory_.name(host);
        out_.text += '\n';
        if (options_.vars) {
          HERDER_TRY(const Value vars, shown_host_vars(inventory_, host, options_.list));
          write_vars(vars, depth + 1);
        }
        HERDER_TRY_VOID(out_.flush_if_full());
      }
    }
    if (!options_.vars) return {};
    HERDER_TRY(const Value vars, shown_group_vars(inventory_, group, options_.list));
    write_vars(vars, depth);
    return {};
  }

  void write_vars(const Value& vars, std::size_t depth) {
    std::vector<std::pair<std::string, const Value*>> sorted;
    for (const value::MapEntry& entry : vars.entries()) sorted.emplace_back(value::python_str(entry.key), &entry.value);
    std::ranges::sort(sorted, {}, &std::pair<std::string, const Value*>::first);
    for (const auto& [name, value] : sorted) {
      begin_line(depth);
      const bool hidden = has(value->marks(), value::Mark::secret) || has(value->marks(), value::Mark::vaulted);
      out_.text += fmt::format("{{{} = {}}}\n", name, hidden ? "********" : value::python_str(*value));
    }
  }

  const Inventory& inventory_;
  const GraphOptions& options_;
  SinkBuffer out_;
};

}  // namespace

Result<> write_graph(const Inventory& inventory, GroupId start, const GraphOptions& options, const Sink& sink) {
  return GraphWriter(inventory, options, sink).run(start);
}

}  // namespace herder::inventory
