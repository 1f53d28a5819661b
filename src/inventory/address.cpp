#include "inventory/address.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "inventory/var_name.hpp"

namespace herder::inventory {
namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool all_digits(std::string_view text) noexcept { return !text.empty() && std::ranges::all_of(text, is_digit); }
bool all_hex(std::string_view text) noexcept { return !text.empty() && std::ranges::all_of(text, is_hex); }

enum class Range : std::uint8_t { hex, alphanumeric };

/// The length of a range expression at the front of `text`, or 0.
std::size_t range_length(std::string_view text, Range kind) {
  if (text.empty() || text[0] != '[') return 0;
  const std::size_t close = text.find(']');
  if (close == std::string_view::npos) return 0;
  const auto parts = text::split(text.substr(1, close - 1), ':');
  if (parts.size() != 2 && parts.size() != 3) return 0;
  if (parts.size() == 3 && !all_digits(parts[2])) return 0;
  const bool numbers = all_digits(parts[0]) && all_digits(parts[1]);
  const bool letters = parts[0].size() == 1 && parts[1].size() == 1 && is_letter(parts[0][0]) && is_letter(parts[1][0]);
  const bool fits = kind == Range::hex ? all_hex(parts[0]) && all_hex(parts[1]) : numbers || letters;
  return fits ? close + 1 : 0;
}

/// A DNS-like name whose labels start with a letter, digit or _, go on with these or -, and do not end with - or _.
bool is_hostname(std::string_view text) {
  bool at_start = true;
  char last = '\0';
  while (!text.empty()) {
    std::size_t taken = 1;
    const char c = text[0];
    if (c == '.') {
      if (at_start || last == '-' || last == '_') return false;
      at_start = true;
      last = '.';
      text.remove_prefix(1);
      continue;
    }
    if (c == '[') {
      taken = range_length(text, Range::alphanumeric);
      if (taken == 0) return false;
    } else if (static_cast<unsigned char>(c) >= 0x80) {
      const utf8::Step step = utf8::decode(text);
      if (step.size == 0 || !is_word_code(step.code)) return false;
      taken = step.size;
    } else if (!is_digit(c) && !is_letter(c) && c != '_' && (c != '-' || at_start)) {
      return false;
    }
    at_start = false;
    last = c;
    text.remove_prefix(taken);
  }
  return !at_start && last != '-' && last != '_';
}

bool is_ipv6_component(std::string_view part) {
  if (part.empty()) return false;
  if (part[0] == '[') return range_length(part, Range::hex) == part.size();
  return part.size() <= 4 && all_hex(part);
}

std::vector<std::string_view> split_outside_brackets(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') inside = true;
    if (text[i] == ']') inside = false;
    if (text[i] != separator || inside) continue;
    parts.push_back(text.substr(begin, i - begin));
    begin = i + 1;
  }
  parts.push_back(text.substr(begin));
  return parts;
}

/// ::1.2.3.4, ::ffff:1.2.3.4 and their long forms.
bool is_ipv4_in_ipv6(const std::vector<std::string_view>& parts) {
  const auto dotted = split_outside_brackets(parts.back(), '.');
  if (dotted.size() != 4 || !std::ranges::all_of(dotted, is_ipv6_component)) return false;
  const auto zeros = [&](std::size_t count) {
    return parts.size() > count &&
           std::all_of(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(count), [](auto part) { return part == "0"; });
  };
  const auto is_ffff = [](std::string_view part) { return text::lower(part) == "ffff"; };
  if (parts.size() == 3) return parts[0].empty() && parts[1].empty();
  if (parts.size() == 4) return parts[0].empty() && parts[1].empty() && is_ffff(parts[2]);
  return parts.size() == 7 && (zeros(6) || (zeros(5) && is_ffff(parts[5])));
}

bool is_ipv6(std::string_view text) {
  auto parts = split_outside_brackets(text, ':');
  if (parts.size() < 3 || parts.size() > 9) return false;
  if (parts.back().contains('.')) return is_ipv4_in_ipv6(parts);
  std::size_t left = 0;
  while (left < parts.size() && is_ipv6_component(parts[left])) ++left;
  if (left == parts.size()) return left == 8;
  std::size_t right = 0;
  while (right < parts.size() - left && is_ipv6_component(parts[parts.size() - 1 - right])) ++right;
  // What is left in the middle are the empty parts around "::".
  const std::size_t middle = parts.size() - left - right;
  for (std::size_t i = left; i < left + middle; ++i)
    if (!parts[i].empty()) return false;
  const std::size_t expected = left == 0 && right == 0 ? 3 : left == 0 || right == 0 ? 2 : 1;
  if (middle != expected) return false;
  return left == 0 || right == 0 ? left + right <= 6 : left + right <= 7;
}

bool is_ipv4(std::string_view text) {
  const auto parts = text::split(text, '.');
  return parts.size() == 4 && std::ranges::all_of(parts, [](std::string_view part) {
           return all_digits(part) && part.size() <= 3 && (part.size() < 3 || part <= "255");
         });
}

/// "[anything]:22"
std::optional<Address> bracketed_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon < 3 || text[0] != '[' || text[colon - 1] != ']') return std::nullopt;
  if (!all_digits(text.substr(colon + 1))) return std::nullopt;
  return Address{text.substr(1, colon - 2), text.substr(colon + 1)};
}

/// "name:22", where colons inside brackets do not count.
std::optional<Address> host_port(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && text[i] != ':') {
    if (text[i] == ']') return std::nullopt;
    if (text[i] == '[') {
      i = text.find(']', i);
      if (i == std::string_view::npos) return std::nullopt;
    }
    ++i;
  }
  if (i >= text.size() || !all_digits(text.substr(i + 1))) return std::nullopt;
  return Address{text.substr(0, i), text.substr(i + 1)};
}

}  // namespace

std::optional<Address> parse_address(std::string_view text, bool ranges) {
  Address found{text, std::nullopt};
  if (text.contains(':')) {
    // Both forms are tried one after the other, as Ansible does: "[web:80]:22" is host web, port 80.
    if (const auto bracketed = bracketed_host_port(found.host)) found = *bracketed;
    if (const auto plain = host_port(found.host)) found = *plain;
  }
  if (!is_hostname(found.host) && !is_ipv6(found.host)) return std::nullopt;
  if (!ranges && found.host.contains('[')) return std::nullopt;
  return found;
}

bool is_ip_address(std::string_view text) { return is_ipv4(text) || (is_ipv6(text) && !text.contains('[')); }

namespace {

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// begin, begin + step, ... up to and including end.
struct Sequence {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t step = 1;
  std::size_t width = 0;  // zero-filled to this, 0: not
  bool of_letters = false;

  [[nodiscard]] std::size_t count() const {
    if (begin > end) return 0;
    return static_cast<std::size_t>((end - begin) / step) + 1;
  }
  void append(std::string& out, std::size_t position) const {
    const std::int64_t value = begin + static_cast<std::int64_t>(position) * step;
    if (of_letters)
      out += letters[static_cast<std::size_t>(value)];
    else
      fmt::format_to(std::back_inserter(out), "{:0{}}", value, width);
  }
};

Result<Sequence> letter_sequence(std::string_view inside, char begin, char end, std::int64_t step) {
  const auto first = static_cast<std::int64_t>(letters.find(begin));
  const auto last = static_cast<std::int64_t>(letters.find(end));
  if (first > last) return fail(Errc::parse, "range [{}] runs backwards: letters count a-z, then A-Z", inside);
  return Sequence{.begin = first, .end = last, .step = step, .of_letters = true};
}

/// Reads what stands between the brackets.
Result<Sequence> parse_range(std::string_view inside) {
  const auto parts = text::split(inside, ':');
  if (parts.size() != 2 && parts.size() != 3)
    return std::unexpected(error(Errc::parse, "[{}] is not a range", inside)
                               .hint("write [begin:end] or [begin:end:step], such as web[01:20] or db[a:f]"));
  const std::string_view begin = parts[0].empty() ? "0" : parts[0];
  const std::string_view end = parts[1];
  if (end.empty())
    return std::unexpected(error(Errc::parse, "range [{}] has no end", inside).hint("write [begin:end], both are included"));
  std::int64_t step = 1;
  if (parts.size() == 3) {
    const auto number = text::to_int(parts[2]);
    if (!number || *number < 1) return fail(Errc::parse, "step '{}' of range [{}] is not a number above 0", parts[2], inside);
    step = *number;
  }
  const bool padded = begin.size() > 1 && begin[0] == '0';
  if (padded && begin.size() != end.size())
    return std::unexpected(error(Errc::parse, "range [{}] starts with zeros, but its ends differ in length", inside)
                               .hint("write both with the same number of digits, such as [01:20]"));
  if (begin.size() == 1 && end.size() == 1 && is_letter(begin[0]) && is_letter(end[0]))
    return letter_sequence(inside, begin[0], end[0], step);
  const auto first = text::to_int(begin);
  const auto last = text::to_int(end);
  if (!first || !last || *last > INT64_MAX / 2 || *first < INT64_MIN / 2)
    return std::unexpected(error(Errc::parse, "[{}] is not a range of numbers or of single letters", inside)
                               .hint("write [begin:end] or [begin:end:step], such as web[01:20] or db[a:f]"));
  return Sequence{.begin = *first, .end = *last, .step = step, .width = padded ? begin.size() : 0};
}

/// A pattern taken apart: text, sequence, text, sequence, ..., text.
struct Pieces {
  std::vector<std::string_view> texts;
  std::vector<Sequence> sequences;
};

Result<Pieces> take_apart(std::string_view pattern) {
  Pieces pieces;
  for (;;) {
    const std::size_t open = pattern.find('[');
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find(']', open);
    if (close == std::string_view::npos)
      return std::unexpected(error(Errc::parse, "'[' without ']' in '{}'", pattern)
                                 .hint("a range is written [begin:end]; a group header stands alone on its line"));
    pieces.texts.push_back(pattern.substr(0, open));
    HERDER_TRY(const Sequence sequence, parse_range(pattern.substr(open + 1, close - open - 1)));
    pieces.sequences.push_back(sequence);
    pattern.remove_prefix(close + 1);
  }
  pieces.texts.push_back(pattern);
  return pieces;
}

Result<std::vector<std::string>> expand(std::string_view pattern) {
  HERDER_TRY(const Pieces pieces, take_apart(pattern));
  std::size_t total = 1;
  for (const Sequence& sequence : pieces.sequences) {
    const std::size_t count = sequence.count();
    if (count == 0) return std::vector<std::string>{};
    if (count > max_hosts_per_pattern / total)
      return fail(Errc::limit, "'{}' means more than {} hosts", pattern, max_hosts_per_pattern);
    total *= count;
  }
  std::vector<std::string> names;
  names.reserve(total);
  std::vector<std::size_t> at(pieces.sequences.size(), 0);
  for (std::size_t made = 0; made < total; ++made) {
    std::string& name = names.emplace_back(pieces.texts[0]);
    for (std::size_t i = 0; i < at.size(); ++i) {
      pieces.sequences[i].append(name, at[i]);
      name += pieces.texts[i + 1];
    }
    for (std::size_t i = at.size(); i-- > 0;) {
      if (++at[i] < pieces.sequences[i].count()) break;
      at[i] = 0;
    }
  }
  return names;
}

}  // namespace

Result<HostPattern> expand_host_pattern(std::string_view text) {
  HostPattern out;
  std::string_view host = text;
  if (text.find_first_of("[:") != std::string_view::npos) {
    if (const auto address = parse_address(text, true)) {
      host = address->host;
      if (address->port) {
        const auto port = text::to_int(*address->port);
        if (!port || *port > 65535) return fail(Errc::parse, "port {} is not in 1..65535", *address->port);
        // Port 0 counts as none.
        if (*port > 0) out.port = static_cast<std::uint16_t>(*port);
      }
    }
  }
  if (!host.contains('[')) {
    out.names.emplace_back(host);
    return out;
  }
  HERDER_TRY(out.names, expand(host));
  return out;
}

}  // namespace herder::inventory
