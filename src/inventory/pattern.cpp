#include "inventory/pattern.hpp"

#include <algorithm>
#include <optional>
#include <random>

#include "base/file.hpp"
#include "base/text.hpp"
#include "inventory/address.hpp"
#include "inventory/pattern_match.hpp"
#include "inventory/python_text.hpp"

namespace herder::inventory {
namespace {

/// "[0]", "[-1]", "[2:5]", "[2:]" at the end of a pattern.
struct Subscript {
  std::int64_t first = 0;
  std::optional<std::int64_t> last;  // of a range; -1: to the end
  bool dash = false;                 // [2-5]: an old spelling
};

std::optional<std::int64_t> position(std::string_view text, bool sign) {
  const std::string_view digits = sign && text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return std::nullopt;
  return text::to_int(text);
}

/// Cuts the subscript off `pattern`, if there is one.
std::optional<Subscript> take_subscript(std::string_view& pattern) {
  if (!pattern.ends_with(']') || pattern.starts_with('~')) return std::nullopt;
  const std::size_t open = pattern.rfind('[');
  if (open == std::string_view::npos || open == 0) return std::nullopt;
  const std::string_view inside = pattern.substr(open + 1, pattern.size() - open - 2);
  Subscript made;
  if (const auto single = position(inside, true)) {
    made.first = *single;
  } else {
    const std::size_t middle = inside.find_first_of(":-");
    if (middle == std::string_view::npos) return std::nullopt;
    const auto first = position(inside.substr(0, middle), false);
    const std::string_view end = inside.substr(middle + 1);
    const auto last = end.empty() ? std::optional<std::int64_t>(-1) : position(end, false);
    if (!first || !last) return std::nullopt;
    // [n:0] means [n], as in Ansible.
    made = {*first, *last == 0 ? std::nullopt : last, inside[middle] == '-'};
  }
  pattern = pattern.substr(0, open);
  return made;
}

class Evaluator {
 public:
  Evaluator(const Inventory& inventory, std::vector<Error>& warnings) : inventory_(inventory), warnings_(warnings) {}

  Result<std::vector<HostId>> run(std::span<const std::string> patterns) {
    std::vector<HostId> hosts;
    bool any_plain = false;
    for (const std::string& pattern : patterns) {
      if (pattern.empty() || pattern[0] == '&' || pattern[0] == '!') continue;
      any_plain = true;
      HERDER_TRY_VOID(add(pattern, hosts));
    }
    if (!any_plain) hosts = inventory_.hosts_of(group_all);
    for (const char kind : {'&', '!'}) {
      for (const std::string& pattern : patterns) {
        if (!pattern.starts_with(kind)) continue;
        HERDER_TRY(const auto matched, match_one(std::string_view(pattern).substr(1)));
        const std::vector<bool> in = membership(matched);
        std::erase_if(hosts, [&](HostId host) { return in[index(host)] != (kind == '&'); });
      }
    }
    std::vector<bool> seen(universe(), false);
    std::erase_if(hosts, [&](HostId host) {
      const bool again = seen[index(host)];
      seen[index(host)] = true;
      return again;
    });
    return hosts;
  }

 private:
  [[nodiscard]] std::size_t universe() const { return inventory_.host_count() + 3; }

  [[nodiscard]] std::vector<bool> membership(std::span<const HostId> hosts) const {
    std::vector<bool> in(universe(), false);
    for (const HostId host : hosts) in[index(host)] = true;
    return in;
  }

  Result<> add(std::string_view pattern, std::vector<HostId>& hosts) {
    if (const auto host = inventory_.find_host(pattern)) {
      hosts.push_back(*host);
      return {};
    }
    HERDER_TRY(const auto matched, match_one(pattern));
    hosts.insert(hosts.end(), matched.begin(), matched.end());
    return {};
  }

  /// One pattern without & and !. A host may come twice when it is in two groups that match; positions count that way.
  Result<std::vector<HostId>> match_one(std::string_view pattern) {
    const std::string_view whole = pattern;
    const auto subscript = take_subscript(pattern);
    HERDER_TRY(auto hosts, enumerate(pattern));
    if (!subscript || hosts.empty()) return hosts;
    if (subscript->dash) warnings_.push_back(error(Errc::parse, "pattern '{}': positions are written [first:last]", whole));
    const auto count = static_cast<std::int64_t>(hosts.size());
    if (!subscript->last) {
      const std::int64_t at = subscript->first < 0 ? count + subscript->first : subscript->first;
      if (at < 0 || at >= count)
        return std::unexpected(error(Errc::not_found, "pattern '{}' asks for position {}, but '{}' has {} hosts", whole,
                                     subscript->first, pattern, count)
                                   .hint("positions count from 0; -1 is the last"));
      return std::vector{hosts[static_cast<std::size_t>(at)]};
    }
    const std::int64_t end = *subscript->last == -1 ? count : std::min(count, *subscript->last + 1);
    const std::int64_t begin = std::min(subscript->first, end);
    return std::vector(hosts.begin() + begin, hosts.begin() + end);
  }

  Result<std::vector<HostId>> enumerate(std::string_view pattern) {
    HERDER_TRY(const NameMatcher matches, NameMatcher::make(pattern));
    std::vector<HostId> hosts;
    bool any_group = false;
    const auto add_group = [&](GroupId group) {
      const auto members = inventory_.hosts_of(group);
      hosts.insert(hosts.end(), members.begin(), members.end());
      any_group = true;
    };
    if (matches.is_exact()) {
      if (const auto group = inventory_.find_group(pattern)) add_group(*group);
    } else {
      for (std::uint32_t i = 0; i < inventory_.group_count(); ++i) {
        HERDER_TRY(const bool hit, matches.matches(inventory_.name(GroupId{i})));
        if (hit) add_group(GroupId{i});
      }
    }
    const bool ask_hosts = !any_group || pattern.starts_with('~') || pattern.find_first_of(".?*[") != std::string_view::npos;
    if (ask_hosts) { HERDER_TRY_VOID(add_hosts(pattern, matches, hosts)); }
    if (hosts.empty() && !any_group && pattern != "all") warn_unmatched(pattern);
    return hosts;
  }

  Result<> add_hosts(std::string_view pattern, const NameMatcher& matches, std::vector<HostId>& hosts) const {
    if (matches.is_exact()) {
      if (const auto host = hosts.empty() ? inventory_.resolve(pattern) : inventory_.find_host(pattern)) hosts.push_back(*host);
      return {};
    }
    for (std::uint32_t i = 0; i < inventory_.host_count(); ++i) {
      HERDER_TRY(const bool hit, matches.matches(inventory_.name(HostId{i})));
      if (hit) hosts.push_back(HostId{i});
    }
    return {};
  }

  void warn_unmatched(std::string_view pattern) {
    Error warning = error(Errc::not_found, "pattern '{}' matches no host and no group", pattern);
    const std::string near = nearest_name(inventory_, pattern);
    if (!near.empty()) warning.help = fmt::format("did you mean '{}'?", near);
    warnings_.push_back(std::move(warning));
  }

  const Inventory& inventory_;
  std::vector<Error>& warnings_;
};

/// Replaces @FILE by the lines of the file.
Result<std::vector<std::string>> with_files(std::vector<std::string> patterns) {
  std::vector<std::string> all;
  for (std::string& pattern : patterns) {
    if (!pattern.starts_with('@')) {
      all.push_back(std::move(pattern));
      continue;
    }
    const std::string path = pattern.substr(1);
    HERDER_TRY(const std::string text, read_file(path), "reading the patterns of '{}'", pattern);
    for (const std::string_view line : text::lines(text)) {
      const std::string_view stripped = python_strip(line);
      if (!stripped.empty()) all.emplace_back(stripped);
    }
  }
  return all;
}

/// The order of Python's sorted() on text: by code point, which UTF-8 keeps.
void put_in_order(const Inventory& inventory, const SelectOptions& options, std::vector<HostId>& hosts) {
  const auto by_name = [&](HostId a, HostId b) { return inventory.name(a) < inventory.name(b); };
  switch (options.order) {
    case HostOrder::inventory: break;
    case HostOrder::reverse_inventory: std::ranges::reverse(hosts); break;
    case HostOrder::sorted: std::ranges::sort(hosts, by_name); break;
    case HostOrder::reverse_sorted:
      std::ranges::sort(hosts, by_name);
      std::ranges::reverse(hosts);
      break;
    case HostOrder::shuffle: {
      std::mt19937_64 random(options.shuffle_seed);
      std::ranges::shuffle(hosts, random);
      break;
    }
  }
}

/// Pieces of "a:b:&c": characters other than blanks, ':' and brackets, and whole bracket expressions.
std::vector<std::string> split_at_colons(std::string_view pattern) {
  std::vector<std::string> pieces;
  std::string piece;
  const auto end_piece = [&] {
    if (!piece.empty()) pieces.push_back(std::move(piece));
    piece.clear();
  };
  for (std::size_t i = 0; i < pattern.size();) {
    if (pattern[i] == '[') {
      const std::size_t close = pattern.find(']', i);
      if (close == std::string_view::npos) {
        end_piece();
        ++i;
        continue;
      }
      piece += pattern.substr(i, close - i + 1);
      i = close + 1;
      continue;
    }
    const std::size_t blank = blank_length(pattern.substr(i));
    if (blank > 0 || pattern[i] == ':' || pattern[i] == ']') {
      end_piece();
      i += std::max<std::size_t>(blank, 1);
      continue;
    }
    piece += pattern[i++];
  }
  end_piece();
  return pieces;
}

}  // namespace

Result<HostOrder> parse_host_order(std::string_view name) {
  const std::vector<std::string> names{"inventory", "reverse_inventory", "sorted", "reverse_sorted", "shuffle"};
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<HostOrder>(found - names.begin());
  const auto near = text::nearest(name, names);
  return std::unexpected(
      error(Errc::usage, "there is no host order '{}'", name)
          .hint(near ? fmt::format("did you mean '{}'?", *near) : fmt::format("one of: {}", text::join(names, ", "))));
}

std::vector<std::string> split_pattern(std::string_view pattern) {
  std::vector<std::string> pieces;
  if (pattern.contains(',')) {
    for (const std::string_view piece : text::split(pattern, ',')) pieces.emplace_back(piece);
  } else if (parse_address(pattern, true)) {
    pieces.emplace_back(pattern);
  } else {
    pieces = split_at_colons(pattern);
  }
  for (std::string& piece : pieces) piece = std::string(python_strip(piece));
  std::erase(pieces, "");
  return pieces;
}

std::string nearest_name(const Inventory& inventory, std::string_view name) {
  std::vector<std::string> names;
  names.reserve(inventory.group_count() + inventory.host_count());
  for (std::uint32_t i = 0; i < inventory.group_count(); ++i) names.emplace_back(inventory.name(GroupId{i}));
  for (std::uint32_t i = 0; i < inventory.host_count(); ++i) names.emplace_back(inventory.name(HostId{i}));
  return text::nearest(name, names).value_or("");
}

Result<Selection> select(const Inventory& inventory, std::string_view pattern, const SelectOptions& options) {
  Selection selection;
  Evaluator evaluator(inventory, selection.warnings);
  HERDER_TRY(const auto patterns, with_files(split_pattern(pattern)));
  HERDER_TRY(selection.hosts, evaluator.run(patterns));
  std::vector<std::string> limits;
  for (const std::string& limit : options.limits) {
    HERDER_TRY(auto more, with_files(split_pattern(limit)), "reading the limit '{}'", limit);
    limits.insert(limits.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  if (!limits.empty()) {
    HERDER_TRY(const auto allowed, evaluator.run(limits), "applying the limit");
    std::vector<bool> in(inventory.host_count() + 3, false);
    for (const HostId host : allowed) in[index(host)] = true;
    std::erase_if(selection.hosts, [&](HostId host) { return !in[index(host)]; });
  }
  put_in_order(inventory, options, selection.hosts);
  return selection;
}

}  // namespace herder::inventory
