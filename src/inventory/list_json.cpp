// `--list` as JSON. Hosts of one group set share their group variables: these are turned into text once a set, and a host's own
// variables are merged in by name.
#include <algorithm>
#include <unordered_map>

#include "inventory/json_text.hpp"
#include "inventory/list_parts.hpp"
#include "inventory/listing.hpp"

namespace herder::inventory {
namespace {

constexpr std::string_view profile = "inventory_legacy";

/// Variables as text: `"name": value` pieces in the order of their names.
struct Piece {
  std::string name;
  std::string text;
};

std::vector<Piece> pieces_of(const Value& vars, unsigned level) {
  std::vector<Piece> pieces;
  pieces.reserve(vars.size());
  for (const value::MapEntry& entry : vars.entries()) {
    Piece piece{json_key(entry.key), {}};
    if (is_internal_variable(piece.name)) continue;
    append_json_string(piece.text, piece.name);
    piece.text += ": ";
    append_json(piece.text, entry.value, level, UnsafeText::wrapped);
    pieces.push_back(std::move(piece));
  }
  std::ranges::sort(pieces, {}, &Piece::name);
  return pieces;
}

class ListWriter {
 public:
  ListWriter(const Inventory& inventory, const ListOptions& options, const Sink& sink)
      : inventory_(inventory), options_(options), available_(inventory, options), out_(sink) {}

  Result<> run() {
    std::vector<GroupId> groups = groups_in_list_order(inventory_);
    std::erase_if(groups, [this](GroupId group) { return inventory_.name(group) == "_meta"; });
    std::ranges::sort(groups, {}, [this](GroupId group) { return inventory_.name(group); });
    out_.text += '{';
    bool meta_written = false;
    for (const GroupId group : groups) {
      if (!meta_written && inventory_.name(group) > "_meta") {
        HERDER_TRY_VOID(write_meta());
        meta_written = true;
      }
      HERDER_TRY_VOID(write_group(group));
      HERDER_TRY_VOID(out_.flush_if_full());
    }
    out_.text += "\n}\n";
    return out_.flush();
  }

 private:
  void begin_entry(std::string_view name, unsigned level, bool& first) {
    out_.text += first ? "\n" : ",\n";
    first = false;
    append_indent(out_.text, level);
    append_json_string(out_.text, name);
    out_.text += ": ";
  }

  void end_map(unsigned level) {
    out_.text += '\n';
    append_indent(out_.text, level);
    out_.text += '}';
  }

  template <class Ids>
  Result<> write_names(std::string_view key, const Ids& ids, bool& first) {
    if (ids.empty()) return {};
    begin_entry(key, 2, first);
    char separator = '[';
    for (const auto id : ids) {
      out_.text += separator;
      out_.text += '\n';
      append_indent(out_.text, 3);
      append_json_string(out_.text, inventory_.name(id));
      separator = ',';
      HERDER_TRY_VOID(out_.flush_if_full());
    }
    out_.text += '\n';
    append_indent(out_.text, 2);
    out_.text += ']';
    return {};
  }

  Result<> write_group(GroupId group) {
    HERDER_TRY(const GroupEntry entry, entry_of(inventory_, group, available_, options_));
    const auto children = inventory_.children(group);
    if (children.empty() && entry.hosts.empty() && entry.vars.size() == 0) return {};
    begin_entry(inventory_.name(group), 1, first_);
    out_.text += '{';
    bool first = true;
    HERDER_TRY_VOID(write_names("children", children, first));
    HERDER_TRY_VOID(write_names("hosts", entry.hosts, first));
    if (entry.vars.size() > 0) {
      begin_entry("vars", 2, first);
      append_json(out_.text, entry.vars, 2, UnsafeText::wrapped);
    }
    end_map(1);
    return {};
  }

  Result<> write_meta() {
    begin_entry("_meta", 1, first_);
    out_.text += '{';
    bool first = true;
    begin_entry("hostvars", 2, first);
    out_.text += '{';
    std::vector<HostId> hosts = available_.hosts();
    std::ranges::sort(hosts, {}, [this](HostId host) { return inventory_.name(host); });
    bool first_host = true;
    for (const HostId host : hosts) {
      HERDER_TRY_VOID(write_host(host, first_host));
      HERDER_TRY_VOID(out_.flush_if_full());
    }
    if (first_host)
      out_.text += '}';
    else
      end_map(2);
    begin_entry("profile", 2, first);
    append_json_string(out_.text, profile);
    end_map(1);
    return {};
  }

  Result<> write_host(HostId host, bool& first_host) {
    static const std::vector<Piece> none;
    const bool merged_by_name = !options_.exported && !inventory_.merges_hashes();
    const std::vector<Piece>* base = &none;
    std::vector<Piece> own;
    if (merged_by_name) {
      HERDER_TRY(base, group_pieces(host));
      HERDER_TRY(const Value vars, inventory_.host_part(host), "listing host '{}'", inventory_.name(host));
      own = pieces_of(combine_vars(vars, options_.extra_vars, false), 4);
    } else {
      HERDER_TRY(const Value vars, shown_host_vars(inventory_, host, options_));
      own = pieces_of(vars, 4);
    }
    if (base->empty() && own.empty()) return {};
    begin_entry(inventory_.name(host), 3, first_host);
    out_.text += '{';
    write_merged(*base, own);
    end_map(3);
    return {};
  }

  void write_merged(const std::vector<Piece>& base, const std::vector<Piece>& own) {
    bool first = true;
    const auto write = [&](const Piece& piece) {
      out_.text += first ? "\n" : ",\n";
      first = false;
      append_indent(out_.text, 4);
      out_.text += piece.text;
    };
    auto below = base.begin();
    for (const Piece& piece : own) {
      for (; below != base.end() && below->name < piece.name; ++below) write(*below);
      if (below != base.end() && below->name == piece.name) ++below;
      write(piece);
    }
    for (; below != base.end(); ++below) write(*below);
  }

  Result<const std::vector<Piece>*> group_pieces(HostId host) {
    constexpr std::size_t sets_kept = 4096;
    const auto set = inventory_.group_set(host);
    if (const auto known = pieces_of_sets_.find(set); known != pieces_of_sets_.end()) return &known->second;
    HERDER_TRY(const Value vars, inventory_.group_part(host), "listing host '{}'", inventory_.name(host));
    if (pieces_of_sets_.size() >= sets_kept) pieces_of_sets_.clear();
    return &pieces_of_sets_.emplace(set, pieces_of(vars, 4)).first->second;
  }

  const Inventory& inventory_;
  const ListOptions& options_;
  Available available_;
  SinkBuffer out_;
  bool first_ = true;
  std::unordered_map<GroupSetId, std::vector<Piece>> pieces_of_sets_;
};

template <class Ids>
Value names_of(const Inventory& inventory, const Ids& ids) {
  value::ListBuilder names;
  for (const auto id : ids) names.push_back(inventory.name(id));
  return std::move(names).build();
}

}  // namespace

Result<> write_list_json(const Inventory& inventory, const ListOptions& options, const Sink& sink) {
  return ListWriter(inventory, options, sink).run();
}

Result<Value> list_json(const Inventory& inventory, const ListOptions& options) {
  const Available available(inventory, options);
  value::MapBuilder list;
  for (const GroupId group : groups_in_list_order(inventory)) {
    HERDER_TRY(const GroupEntry entry, entry_of(inventory, group, available, options));
    value::MapBuilder shown;
    if (!entry.hosts.empty()) shown.set("hosts", names_of(inventory, entry.hosts));
    if (!inventory.children(group).empty()) shown.set("children", names_of(inventory, inventory.children(group)));
    if (entry.vars.size() > 0) shown.set("vars", entry.vars);
    if (shown.size() > 0) list.set(inventory.name(group), std::move(shown).build());
  }
  value::MapBuilder hostvars;
  for (const HostId host : available.hosts()) {
    HERDER_TRY(const Value vars, shown_host_vars(inventory, host, options));
    if (vars.size() > 0) hostvars.set(inventory.name(host), vars);
  }
  value::MapBuilder meta;
  meta.set("hostvars", std::move(hostvars).build());
  meta.set("profile", profile);
  list.set("_meta", std::move(meta).build());
  return std::move(list).build();
}

}  // namespace herder::inventory
