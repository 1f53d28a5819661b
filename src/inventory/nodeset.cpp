// Folding: a name is cut into texts and numbers. Names with the same texts form a family; inside it every number of a name is a
// coordinate, and a set of names is a set of points that is covered by boxes (one range list a coordinate). Boxes start as single
// points and are joined along the last coordinate, then along the one before it, and so on: two boxes join when all their other
// coordinates are equal, so no name is ever added.
#include "inventory/nodeset.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.hpp"
#include "inventory/address.hpp"

namespace herder::inventory {
namespace {

constexpr std::size_t longest_number = 18;  // longer runs of digits are text

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

struct Name {
  std::vector<std::string> texts;  // one more than numbers
  std::vector<std::string> numbers;  // digits as written
};

Name cut_up(std::string_view name) {
  Name parts;
  parts.texts.emplace_back();
  for (std::size_t i = 0; i < name.size();) {
    std::size_t end = i;
    while (end < name.size() && is_digit(name[end])) ++end;
    if (end == i || end - i > longest_number) {
      end = std::max(end, i + 1);
      parts.texts.back() += name.substr(i, end - i);
    } else {
      parts.numbers.emplace_back(name.substr(i, end - i));
      parts.texts.emplace_back();
    }
    i = end;
  }
  return parts;
}

using Box = std::vector<std::vector<std::int64_t>>;  // sorted numbers for each coordinate

std::string digits(std::int64_t number, std::size_t width) { return fmt::format("{:0{}}", number, width); }

/// "7", "[1-3,7]"; `width` 0: no zeros in front.
std::string range_text(const std::vector<std::int64_t>& numbers, std::size_t width) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t last = i;
    while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += digits(numbers[i], width);
    if (last > i) text += '-' + digits(numbers[last], width);
    i = last + 1;
  }
  return numbers.size() == 1 ? text : '[' + text + ']';
}

/// Boxes that differ in coordinate `along` only become one.
std::vector<Box> join_along(std::vector<Box> boxes, std::size_t along) {
  std::map<Box, std::vector<std::int64_t>> joined;
  for (Box& box : boxes) {
    std::vector<std::int64_t> numbers = std::move(box[along]);
    box[along].clear();
    auto& all = joined[std::move(box)];
    all.insert(all.end(), numbers.begin(), numbers.end());
  }
  std::vector<Box> result;
  result.reserve(joined.size());
  for (auto& [rest, numbers] : joined) {
    Box box = rest;
    std::ranges::sort(numbers);
    box[along] = std::move(numbers);
    result.push_back(std::move(box));
  }
  return result;
}

/// Names with the same texts and the same widths of their numbers.
void fold_family(const std::vector<std::string>& texts, const std::vector<std::size_t>& widths, std::vector<Box> boxes,
                 std::vector<std::string>& out) {
  for (std::size_t along = widths.size(); along-- > 0;) boxes = join_along(std::move(boxes), along);
  std::ranges::sort(boxes);
  for (const Box& box : boxes) {
    std::string text = texts[0];
    for (std::size_t i = 0; i < box.size(); ++i) text += range_text(box[i], widths[i]) + texts[i + 1];
    out.push_back(std::move(text));
  }
}

bool needs_quotes(std::string_view name) {
  return name.empty() || name.find_first_of("[],\"\\ \t\r\n") != std::string_view::npos;
}

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

/// A length of digits is zero-filled when some number of that length starts with 0; then all of that length count as such.
std::vector<std::set<std::size_t>> padded_lengths(const std::vector<const Name*>& family) {
  std::vector<std::set<std::size_t>> padded(family.front()->numbers.size());
  for (const Name* name : family)
    for (std::size_t i = 0; i < padded.size(); ++i)
      if (name->numbers[i].size() > 1 && name->numbers[i][0] == '0') padded[i].insert(name->numbers[i].size());
  return padded;
}

void fold_texts(const std::vector<std::string>& texts, const std::vector<const Name*>& family, std::vector<std::string>& out) {
  const auto padded = padded_lengths(family);
  std::map<std::vector<std::size_t>, std::vector<Box>> by_widths;
  for (const Name* name : family) {
    std::vector<std::size_t> widths;
    Box box;
    for (std::size_t i = 0; i < name->numbers.size(); ++i) {
      const std::size_t length = name->numbers[i].size();
      widths.push_back(padded[i].contains(length) ? length : 0);
      box.push_back({*text::to_int(name->numbers[i])});
    }
    by_widths[widths].push_back(std::move(box));
  }
  for (auto& [widths, boxes] : by_widths) fold_family(texts, widths, std::move(boxes), out);
}

}  // namespace

std::string fold_hosts(std::span<const std::string> names) {
  std::vector<std::string> unique(names.begin(), names.end());
  std::ranges::sort(unique);
  unique.erase(std::ranges::unique(unique).begin(), unique.end());

  std::vector<Name> parts;
  std::vector<std::string> odd;
  parts.reserve(unique.size());
  for (const std::string& name : unique) {
    if (needs_quotes(name))
      odd.push_back(quoted(name));
    else
      parts.push_back(cut_up(name));
  }
  std::map<std::vector<std::string>, std::vector<const Name*>> families;
  for (const Name& name : parts) families[name.texts].push_back(&name);

  std::vector<std::string> folded;
  for (const auto& [texts, family] : families) fold_texts(texts, family, folded);
  folded.insert(folded.end(), odd.begin(), odd.end());
  return text::join(folded, ",");
}

namespace {

struct Progression {
  std::int64_t first = 0, last = 0, step = 1;
  std::size_t width = 0;
  [[nodiscard]] std::size_t count() const { return static_cast<std::size_t>((last - first) / step) + 1; }
};

Result<Progression> parse_progression(std::string_view text) {
  const auto bad = [&] { return fail(Errc::parse, "'{}' is not a range of a node set; write [1-3,7]", text); };
  Progression made;
  const std::size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  const std::size_t dash = range.find('-');
  const std::string_view first = range.substr(0, dash);
  const std::string_view last = dash == std::string_view::npos ? first : range.substr(dash + 1);
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.size() <= longest_number && std::ranges::all_of(part, is_digit);
  };
  if (!is_number(first) || !is_number(last)) return bad();
  made.first = *text::to_int(first);
  made.last = *text::to_int(last);
  if (slash != std::string_view::npos) {
    if (!is_number(text.substr(slash + 1))) return bad();
    made.step = *text::to_int(text.substr(slash + 1));
  }
  if (made.step < 1 || made.last < made.first) return bad();
  if (first.size() > 1 && first[0] == '0') made.width = first.size();
  return made;
}

class Expander {
 public:
  explicit Expander(std::string_view text) : rest_(text) {}

  Result<std::vector<std::string>> run() {
    while (!rest_.empty()) {
      if (rest_[0] == '"') {
        HERDER_TRY_VOID(quoted_name());
      } else {
        HERDER_TRY_VOID(pattern());
      }
      if (rest_.empty()) break;
      if (rest_[0] != ',' || rest_.size() == 1)
        return fail(Errc::parse, "a node set goes on with ',' and a name, not with '{}'", rest_);
      rest_.remove_prefix(1);
    }
    return std::move(names_);
  }

 private:
  Result<> quoted_name() {
    std::string name;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != '"'; ++at) {
      if (rest_[at] == '\\' && at + 1 < rest_.size()) ++at;
      name += rest_[at];
    }
    if (at >= rest_.size()) return fail(Errc::parse, "a quote is not closed in node set '{}'", rest_);
    rest_.remove_prefix(at + 1);
    names_.push_back(std::move(name));
    return {};
  }

  Result<> pattern() {
    std::vector<std::string> made{""};
    while (!rest_.empty() && rest_[0] != ',') {
      if (rest_[0] == ']' || rest_[0] == '"')
        return fail(Errc::parse, "'{}' stands where it means nothing in a node set", rest_[0]);
      if (rest_[0] == '[') {
        HERDER_TRY_VOID(ranges(made));
        continue;
      }
      const std::size_t end = std::min(rest_.find_first_of("[],\""), rest_.size());
      for (std::string& name : made) name += rest_.substr(0, end);
      rest_.remove_prefix(end);
    }
    if (made.size() == 1 && made[0].empty()) return fail(Errc::parse, "a name is missing in a node set");
    if (names_.size() + made.size() > max_hosts_per_pattern) return too_many();
    names_.insert(names_.end(), std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
    return {};
  }

  Result<> ranges(std::vector<std::string>& made) {
    const std::size_t close = rest_.find(']');
    if (close == std::string_view::npos) return fail(Errc::parse, "'[' without ']' in node set '{}'", rest_);
    std::vector<std::string> numbers;
    for (const std::string_view part : text::split(rest_.substr(1, close - 1), ',')) {
      HERDER_TRY(const Progression progression, parse_progression(part));
      if (progression.count() > max_hosts_per_pattern - std::min(max_hosts_per_pattern, numbers.size())) return too_many();
      for (std::size_t i = 0; i < progression.count(); ++i)
        numbers.push_back(digits(progression.first + static_cast<std::int64_t>(i) * progression.step, progression.width));
    }
    rest_.remove_prefix(close + 1);
    if (numbers.size() > max_hosts_per_pattern / made.size()) return too_many();
    std::vector<std::string> longer;
    longer.reserve(made.size() * numbers.size());
    for (const std::string& name : made)
      for (const std::string& number : numbers) longer.push_back(name + number);
    made = std::move(longer);
    return {};
  }

  static std::unexpected<Error> too_many() {
    return fail(Errc::limit, "a node set means more than {} hosts", max_hosts_per_pattern);
  }

  std::string_view rest_;
  std::vector<std::string> names_;
};

}  // namespace

Result<std::vector<std::string>> expand_nodeset(std::string_view text) { return Expander(text).run(); }

}  // namespace herder::inventory
