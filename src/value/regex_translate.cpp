// Parses a pattern as Python's re does, by recursive descent, and writes the PCRE2 equivalent as it goes. What depends on a flag is
// written out (`.` `^` `$` \s and so on), except ignore_case, which PCRE2 has as well.
#include "value/regex_translate.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace herder::value {
namespace {

constexpr int deepest = 150;              // PCRE2's own limit is 250, and some constructs here become two groups
constexpr std::uint64_t most_repeats = 65'535;  // PCRE2's
constexpr std::string_view ascii_word = "[a-zA-Z0-9_]";

/// How many characters something can match; the upper bound stops at `endless`.
struct Width {
  static constexpr std::uint64_t endless = std::uint64_t{1} << 31U;  // its square fits
  std::uint64_t least = 0;
  std::uint64_t most = 0;

  [[nodiscard]] Width times(std::uint64_t low, std::uint64_t high) const noexcept {
    return {std::min(least * low, endless), std::min(most * std::min(high, endless), endless)};
  }
  [[nodiscard]] Width plus(Width other) const noexcept { return {std::min(least + other.least, endless), std::min(most + other.most, endless)}; }
};

enum class Item : std::uint8_t { none, anchor, repeated, other };  // what a quantifier would apply to

bool is_blank(char c) noexcept { return std::string_view(" \t\n\r\v\f").contains(c); }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

RegexFlags flag_of(char c) noexcept {
  switch (c) {
    case 'i': return RegexFlags::ignore_case;
    case 'm': return RegexFlags::multiline;
    case 's': return RegexFlags::dotall;
    case 'x': return RegexFlags::verbose;
    case 'a': return RegexFlags::ascii;
    default: return RegexFlags::none;
  }
}
RegexFlags without(RegexFlags flags, RegexFlags gone) noexcept {
  return static_cast<RegexFlags>(static_cast<unsigned>(flags) & ~static_cast<unsigned>(gone));
}

class Translator {
 public:
  Translator(std::string_view pattern, RegexFlags flags) : pattern_(pattern), in_(pattern), flags_(flags) {}

  Result<TranslatedRegex> run() {
    if (!text::is_utf8(pattern_)) return fail(Errc::parse, "the pattern is not valid UTF-8");
    if (alternatives(0, true) && !in_.at_end()) stop("unbalanced parenthesis");
    if (!failure_) check_conditions();
    if (failure_) return std::unexpected(std::move(*failure_));
    out_.caseless = caseless(global_);
    return std::move(out_);
  }

 private:
  static bool caseless(RegexFlags flags) noexcept { return has(flags, RegexFlags::ignore_case) && !has(flags, RegexFlags::ascii); }

  bool alternatives(int depth, bool outermost = false) {
    if (outermost) global_ = flags_;
    Width all{.least = Width::endless, .most = 0};
    for (bool first = outermost;; first = false) {
      if (!sequence(depth, first)) return false;
      all = {std::min(all.least, width_.least), std::max(all.most, width_.most)};
      if (!in_.take('|')) break;
      put("|");
    }
    width_ = all;
    return true;
  }

  /// One branch, up to `|`, `)` or the end. Leaves its width in `width_`.
  bool sequence(int depth, bool first) {
    Item item = Item::none;
    Width before;  // of all but the last item
    Width last;
    while (!in_.at_end()) {
      const char c = in_.peek();
      if (c == '|' || c == ')') break;
      if (has(flags_, RegexFlags::verbose)) {
        if (is_blank(c)) {
          in_.next();
          continue;
        }
        if (c == '#') {
          skip_comment('\n');
          continue;
        }
      }
      width_ = last;  // for a quantifier to multiply
      const std::size_t written = out_.pattern.size();
      if (!piece(c, depth, first, item)) return false;
      if (out_.pattern.size() == written) continue;  // a comment or flags
      if (item != Item::repeated) before = before.plus(last);
      last = width_;
    }
    width_ = before.plus(last);
    return true;
  }

  /// Up to and with `end`, which a backslash hides even here. False when it does not come.
  bool skip_comment(char32_t end) {
    while (!in_.at_end()) {
      const char32_t code = in_.next();
      if (code == end) return true;
      if (code == '\\' && !in_.at_end()) in_.next();
    }
    return false;
  }

  bool piece(char c, int depth, bool first, Item& item) {
    switch (c) {
      case '\\': return escape(item);
      case '[': return set(item);
      case '(': return group(depth, first && item == Item::none, item);
      case '*':
      case '+':
      case '?':
      case '{': return quantifier(item);
      default: break;
    }
    const char32_t code = in_.next();
    width_ = c == '^' || c == '$' ? Width{} : Width{1, 1};
    item = c == '^' || c == '$' ? Item::anchor : Item::other;
    const bool multiline = has(flags_, RegexFlags::multiline);
    if (c == '.') return put(has(flags_, RegexFlags::dotall) ? "(?s:.)" : "[^\\n]");
    if (c == '^') return put(multiline ? "(?m:^)" : "\\A");
    if (c == '$') return put(multiline ? "(?m:$)" : "(?-m:$)");
    return put(regex_literal(code, flags_));
  }

  bool quantifier(Item& item) {
    const std::size_t start = in_.position();
    const char c = static_cast<char>(in_.next());
    std::string text(1, c);
    Width repeated = width_.times(c == '+' ? 1 : 0, c == '?' ? 1 : Width::endless);
    if (c == '{') {
      const std::string_view low = in_.digits(10, SIZE_MAX);
      const bool comma = in_.take(',');
      const std::string_view high = comma ? in_.digits(10, SIZE_MAX) : low;
      if (in_.position() == start + 1 || !in_.take('}')) {  // a brace that is just a brace
        in_.seek(start + 1);
        item = Item::other;
        width_ = {1, 1};
        return put("\\{");
      }
      if (!counts(low, high, comma, start, text, repeated)) return false;
    }
    if (item == Item::none || item == Item::anchor) return stop("nothing to repeat", start);
    if (item == Item::repeated) return stop("multiple repeat", start);
    item = Item::repeated;
    width_ = repeated;
    if (in_.take('?')) text += '?';
    else if (in_.take('+')) text += '+';
    return put(text);
  }

  bool counts(std::string_view low, std::string_view high, bool comma, std::size_t start, std::string& text, Width& repeated) {
    const auto count = [](std::string_view digits) {
      std::uint64_t number = 0;
      const bool good = std::from_chars(digits.data(), digits.data() + digits.size(), number).ec == std::errc{};
      return good || digits.empty() ? number : UINT64_MAX;
    };
    const std::uint64_t least = count(low);
    const std::uint64_t most = count(high);
    if (!high.empty() && most < least) return stop("min repeat greater than max repeat", start);
    if (least > most_repeats || most > most_repeats) return stop("repeat counts above 65535 are not supported", start, Errc::unsupported);
    repeated = width_.times(least, comma && high.empty() ? Width::endless : most);
    text = fmt::format("{{{}", least);
    if (comma) text += high.empty() ? std::string(",") : fmt::format(",{}", most);
    text += '}';
    return true;
  }

  bool escape(Item& item) {
    const std::size_t start = in_.position();
    in_.take('\\');
    if (in_.at_end()) return stop("bad escape (end of pattern)", start);
    const char c = in_.peek();
    item = Item::other;
    width_ = {1, 1};
    if (is_digit(c)) return number_escape(start);
    if (!is_letter(c) && c != '\\') return put(regex_literal(in_.next(), flags_));
    in_.next();
    if (std::string_view("AbBZ").contains(c)) {
      item = Item::anchor;
      width_ = {};
      return anchor(c);
    }
    if (std::string_view("dDsSwW").contains(c)) {
      RegexClass one(flags_);
      one.add_category(c);
      return put(one.text(false));
    }
    auto code = regex_character_escape(c, in_);
    if (!code) return stop(code.error().what, start, code.error().code);
    if (!*code) return stop(fmt::format("bad escape \\{}", c), start);
    return put(regex_literal(**code, flags_));
  }

  bool anchor(char c) {
    const bool ascii = has(flags_, RegexFlags::ascii);
    if (c == 'A') return put("\\A");
    if (c == 'Z') return put("\\z");
    if (c == 'b')
      return put(ascii ? fmt::format("(?:(?<={0})(?!{0})|(?<!{0})(?={0}))", ascii_word) : std::string("\\b"));
    // Python's \B does not match in an empty text.
    return put(ascii ? fmt::format("(?!\\A\\z)(?:(?<={0})(?={0})|(?<!{0})(?!{0}))", ascii_word) : std::string("(?!\\A\\z)\\B"));
  }

  /// \0 and three octal digits are characters, other numbers are groups.
  bool number_escape(std::size_t start) {
    if (in_.take('0')) return put(regex_literal(octal(in_.digits(8, 2)), flags_));
    const auto is_octal = [&](std::size_t ahead) { return in_.peek(ahead) >= '0' && in_.peek(ahead) <= '7'; };
    if (is_octal(0) && is_octal(1) && is_octal(2)) {
      const std::string_view digits = in_.digits(8, 3);
      if (octal(digits) > 0377) return stop(fmt::format("octal escape value \\{} outside of range 0-0o377", digits), start);
      return put(regex_literal(octal(digits), flags_));
    }
    std::uint32_t number = 0;
    const std::string_view digits = in_.digits(10, 2);
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return reference(number, start);
  }

  static char32_t octal(std::string_view digits) noexcept {
    std::uint32_t code = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), code, 8);
    return code;
  }

  bool reference(std::uint32_t number, std::size_t start) {
    if (number > out_.groups) return stop(fmt::format("invalid group reference {}", number), start + 1);
    if (std::ranges::find(open_, number) != open_.end()) return stop("cannot refer to an open group", start);
    if (look_behind_depth_ > 0) return stop("group references in look-behind are not supported", start, Errc::unsupported);
    const bool ascii_caseless = has(flags_, RegexFlags::ignore_case) && has(flags_, RegexFlags::ascii);
    return put(ascii_caseless ? fmt::format("(?i:\\g{{{}}})", number) : fmt::format("\\g{{{}}}", number));
  }

  bool set(Item& item) {
    const std::size_t start = in_.position();
    in_.take('[');
    item = Item::other;
    width_ = {1, 1};
    RegexClass members(flags_);
    const bool negated = in_.take('^');
    for (bool first = true; first || in_.peek() != ']'; first = false) {
      if (in_.at_end()) return stop("unterminated character set", start);
      if (!set_member(members, start)) return false;
    }
    in_.take(']');
    return put(members.text(negated));
  }

  /// A character, a category or a range.
  bool set_member(RegexClass& members, std::size_t set_start) {
    const std::size_t start = in_.position();
    std::optional<char32_t> low;
    std::optional<char32_t> high;
    if (!set_character(members, low)) return false;
    if (in_.peek() != '-' || in_.peek(1) == ']') {
      if (low) members.add(*low, *low);
      return true;
    }
    in_.take('-');
    if (in_.at_end()) return stop("unterminated character set", set_start);
    if (!set_character(members, high)) return false;
    if (!low || !high || *high < *low)
      return stop(fmt::format("bad character range {}", pattern_.substr(start, in_.position() - start)), start);
    members.add(*low, *high);
    return true;
  }

  /// Gives one character, or adds a category to `members`.
  bool set_character(RegexClass& members, std::optional<char32_t>& out) {
    const std::size_t start = in_.position();
    if (!in_.take('\\')) {
      out = in_.next();
      return true;
    }
    if (in_.at_end()) return stop("bad escape (end of pattern)", start);
    const char c = in_.peek();
    if (c >= '0' && c <= '7') {
      const std::string_view digits = in_.digits(8, 3);
      out = octal(digits);
      return *out <= 0377 || stop(fmt::format("octal escape value \\{} outside of range 0-0o377", digits), start);
    }
    if (!is_letter(c) && !is_digit(c) && c != '\\') {
      out = in_.next();
      return true;
    }
    in_.next();
    if (c == 'b') {
      out = U'\b';
      return true;
    }
    if (std::string_view("dDsSwW").contains(c)) {
      members.add_category(c);
      return true;
    }
    auto code = regex_character_escape(c, in_);
    if (!code) return stop(code.error().what, start, code.error().code);
    if (!*code) return stop(fmt::format("bad escape \\{}", c), start);
    out = *code;
    return true;
  }

  bool group(int depth, bool flags_allowed, Item& item) {
    const std::size_t start = in_.position();
    if (depth >= deepest) return stop("groups are nested too deep", start, Errc::limit);
    in_.take('(');
    const Item before = std::exchange(item, Item::other);
    if (!in_.take('?')) return capture({}, depth, start);
    if (in_.at_end()) return stop("unexpected end of pattern", in_.position());
    const char c = static_cast<char>(in_.next());
    switch (c) {
      case 'P': return named(depth, start);
      case ':': return put("(?:") && rest_of_group(depth, start);
      case '>': return put("(?>") && rest_of_group(depth, start);
      case '=': return put("(?=") && assertion(depth, start);
      case '!': return put("(?!") && assertion(depth, start);
      case '(': return conditional(depth, start);
      case '<': return look_behind(depth, start);
      case '#': {
        item = before;
        return skip_comment(')') || stop("missing ), unterminated comment", start);
      }
      default: break;
    }
    if (c == '-' || std::string_view("aimsux").contains(c)) return flag_group(c, depth, flags_allowed, before, item, start);
    return stop(fmt::format("unknown extension ?{}", text::printable(std::string_view(&c, 1))), start + 1);
  }

  bool rest_of_group(int depth, std::size_t start) {
    if (!alternatives(depth + 1)) return false;
    return in_.take(')') ? put(")") : stop("missing ), unterminated subpattern", start);
  }

  bool assertion(int depth, std::size_t start) {
    const bool good = rest_of_group(depth, start);
    width_ = {};
    return good;
  }

  bool capture(std::string_view name, int depth, std::size_t start) {
    const std::uint32_t number = ++out_.groups;
    if (!name.empty()) {
      if (number_of(name) != 0) return stop(fmt::format("redefinition of group name '{}' as group {}", name, number), start + 4);
      out_.names.emplace_back(name, number);
    }
    open_.push_back(number);
    const bool good = put("(") && rest_of_group(depth, start);
    open_.pop_back();
    return good;
  }

  [[nodiscard]] std::uint32_t number_of(std::string_view name) const {
    for (const auto& [known, number] : out_.names)
      if (known == name) return number;
    return 0;
  }

  bool named(int depth, std::size_t start) {
    if (in_.at_end()) return stop("unexpected end of pattern", in_.position());
    const char c = static_cast<char>(in_.next());
    if (c != '<' && c != '=') return stop(fmt::format("unknown extension ?P{}", text::printable(std::string_view(&c, 1))), start + 1);
    const auto name = in_.until(c == '<' ? '>' : ')');
    if (!name) return stop("missing or unterminated group name", start + 4);
    if (!is_group_name(*name)) return stop(fmt::format("bad character in group name '{}'", *name), start + 4);
    if (c == '<') return capture(*name, depth, start);
    const std::uint32_t number = number_of(*name);
    return number == 0 ? stop(fmt::format("unknown group name '{}'", *name), start + 4) : reference(number, start);
  }

  bool look_behind(int depth, std::size_t start) {
    if (in_.at_end()) return stop("unexpected end of pattern", in_.position());
    const char c = static_cast<char>(in_.next());
    if (c != '=' && c != '!') return stop(fmt::format("unknown extension ?<{}", text::printable(std::string_view(&c, 1))), start + 1);
    ++look_behind_depth_;
    const bool good = put(c == '=' ? "(?<=" : "(?<!") && rest_of_group(depth, start);
    --look_behind_depth_;
    if (good && width_.least != width_.most) return stop("look-behind requires fixed-width pattern", start);
    width_ = {};
    return good;
  }

  bool conditional(int depth, std::size_t start) {
    const auto condition = in_.until(')');
    if (!condition) return stop("missing or unterminated group name", start + 3);
    std::uint32_t number = 0;
    if (is_group_name(*condition)) {
      number = number_of(*condition);
      if (number == 0) return stop(fmt::format("unknown group name '{}'", *condition), start + 3);
    } else {
      const auto [end, failed] = std::from_chars(condition->data(), condition->data() + condition->size(), number);
      if (failed != std::errc{} || end != condition->data() + condition->size())
        return stop(fmt::format("bad character in group name '{}'", *condition), start + 3);
      if (number == 0) return stop("bad group number", start + 3);
      conditions_.emplace_back(number, start + 3);
    }
    if (look_behind_depth_ > 0) return stop("group references in look-behind are not supported", start, Errc::unsupported);
    if (!put(fmt::format("(?({})", number)) || !sequence(depth + 1, false)) return false;
    if (in_.take('|')) {
      if (!put("|") || !sequence(depth + 1, false)) return false;
      if (in_.peek() == '|') return stop("conditional backref with more than two branches", in_.position());
    }
    return in_.take(')') ? put(")") : stop("missing ), unterminated subpattern", start);
  }

  void check_conditions() {
    for (const auto& [number, at] : conditions_)
      if (number > out_.groups) {
        stop(fmt::format("invalid group reference {}", number), at);
        return;
      }
  }

  /// (?i) at the start of the pattern, or (?i-s:...).
  bool flag_group(char c, int depth, bool global_allowed, Item before, Item& item, std::size_t start) {
    RegexFlags add = RegexFlags::none;
    RegexFlags remove = RegexFlags::none;
    bool unicode = false;
    for (; c != '-' && c != ')' && c != ':'; c = static_cast<char>(in_.next())) {
      if (!std::string_view("aimsux").contains(c)) return stop(is_letter(c) ? "unknown flag" : "missing -, : or )", in_.position() - 1);
      unicode |= c == 'u';
      add = add | flag_of(c);
      if (in_.at_end()) return stop("missing -, : or )", in_.position());
    }
    if (unicode && has(add, RegexFlags::ascii)) return stop("bad inline flags: flags 'a' and 'u' are incompatible", in_.position());
    if (c == ')') {
      if (!global_allowed) return stop("global flags not at the start of the expression", start);
      if (unicode && has(flags_, RegexFlags::ascii)) return stop("flags 'a' and 'u' are incompatible", start);
      global_ = flags_ = flags_ | add;
      item = before;
      return true;
    }
    if (c == '-' && !removed_flags(add, remove)) return false;
    const RegexFlags outside = flags_;
    flags_ = without(flags_ | add, unicode ? remove | RegexFlags::ascii : remove);
    const bool same = caseless(outside) == caseless(flags_);
    const bool good = put(same ? "(?:" : caseless(flags_) ? "(?i:" : "(?-i:") && rest_of_group(depth, start);
    flags_ = outside;
    return good;
  }

  bool removed_flags(RegexFlags add, RegexFlags& remove) {
    if (in_.at_end()) return stop("missing flag", in_.position());
    for (char c = static_cast<char>(in_.next()); c != ':'; c = static_cast<char>(in_.next())) {
      if (c == 'a' || c == 'u') return stop("bad inline flags: cannot turn off flags 'a' and 'u'", in_.position());
      if (!std::string_view("imsx").contains(c)) return stop(is_letter(c) ? "unknown flag" : "missing flag", in_.position() - 1);
      remove = remove | flag_of(c);
      if (in_.at_end()) return stop("missing :", in_.position());
    }
    if (remove == RegexFlags::none) return stop("missing flag", in_.position() - 1);
    if (has(add, remove)) return stop("bad inline flags: flag turned on and off", in_.position());
    return true;
  }

  bool put(std::string_view text) {
    out_.pattern += text;
    return true;
  }

  bool stop(std::string_view what, std::size_t at, Errc code = Errc::parse) {
    if (!failure_) failure_ = regex_error(code, pattern_, std::min(at, pattern_.size()), what);
    return false;
  }
  bool stop(std::string_view what) { return stop(what, in_.position()); }

  std::string_view pattern_;
  RegexSource in_;
  RegexFlags flags_;                     // here
  RegexFlags global_ = RegexFlags::none;  // of the whole pattern
  TranslatedRegex out_;
  std::vector<std::uint32_t> open_;
  std::vector<std::pair<std::uint32_t, std::size_t>> conditions_;  // group numbers that may come later, and where they are named
  int look_behind_depth_ = 0;
  Width width_;  // of what was parsed last
  std::optional<Error> failure_;
};

}  // namespace

Result<TranslatedRegex> translate_regex(std::string_view pattern, RegexFlags flags) { return Translator(pattern, flags).run(); }

}  // namespace herder::value
