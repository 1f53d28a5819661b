// Replacement texts of re.sub, and texts with wrong bytes.
#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "base/utf8.hpp"
#include "value/regex_search.hpp"
#include "value/regex_translate.hpp"

namespace herder::value {
namespace {

constexpr char32_t private_base = 0x10ff00;  // plane 16, for nobody's use; plus the byte
constexpr std::size_t private_bytes = 4;

}  // namespace

RegexSubject::RegexSubject(std::string_view text) : original_(text) {
  if (text::is_utf8(text)) return;
  for (std::size_t i = 0; i < text.size();) {
    const utf8::Step step = utf8::decode(text.substr(i));
    if (step.size == 0) {
      wrong_.push_back(i);
      utf8::append(replaced_, private_base + static_cast<unsigned char>(text[i]));
    } else {
      replaced_ += text.substr(i, step.size);
    }
    i += std::max(step.size, 1U);
  }
}

std::size_t RegexSubject::to_original(std::size_t place) const noexcept {
  // The k-th wrong byte stands (private_bytes - 1) * k further right in the replaced text.
  std::size_t low = 0;
  std::size_t high = wrong_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (wrong_[middle] + middle * (private_bytes - 1) < place) low = middle + 1;
    else high = middle;
  }
  return place - low * (private_bytes - 1);
}

std::size_t RegexSubject::to_clean(std::size_t place) const noexcept {
  const auto before = static_cast<std::size_t>(std::ranges::lower_bound(wrong_, place) - wrong_.begin());
  std::size_t out = place + before * (private_bytes - 1);
  const std::string_view text = clean();
  while (out < text.size() && (static_cast<unsigned char>(text[out]) & 0xc0U) == 0x80U) ++out;
  return out;
}

namespace {

/// Reads what follows a backslash: a group number (>= 0), or text that is appended to `literal`.
class TemplateEscape {
 public:
  TemplateEscape(std::string_view text, RegexSource& in, std::uint32_t groups, const std::vector<std::pair<std::string, std::uint32_t>>& names)
      : text_(text), in_(in), groups_(groups), names_(names) {}

  Result<int> read(std::string& literal) {
    start_ = in_.position() - 1;
    if (in_.at_end()) return refuse("bad escape (end of pattern)");
    const char c = in_.peek();
    if (c == 'g') return named();
    if (c >= '0' && c <= '9') return number(literal);
    const char32_t code = in_.next();
    constexpr std::string_view letters = "abfnrtv\\";
    constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\";
    if (const std::size_t which = letters.find(c); which != std::string_view::npos) {
      literal += meanings[which];
      return -1;
    }
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return refuse(fmt::format("bad escape \\{}", c));
    literal += '\\';
    utf8::append(literal, code);
    return -1;
  }

 private:
  Result<int> named() {
    in_.next();
    if (!in_.take('<')) return refuse("missing <");
    const auto name = in_.until('>');
    if (!name) return refuse("missing or unterminated group name");
    if (is_group_name(*name)) {
      const auto known = std::ranges::find(names_, *name, [](const auto& pair) -> std::string_view { return pair.first; });
      if (known == names_.end()) return fail(Errc::parse, "unknown group name '{}'", *name);
      return static_cast<int>(known->second);
    }
    return group(*name);
  }

  Result<int> group(std::string_view digits) {
    std::uint32_t number = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (end != digits.data() + digits.size()) return refuse(fmt::format("bad character in group name '{}'", digits));
    if (failed != std::errc{} || number > groups_) return refuse(fmt::format("invalid group reference {}", digits));
    return static_cast<int>(number);
  }

  Result<int> number(std::string& literal) {
    const auto octal_at = [&](std::size_t ahead) { return in_.peek(ahead) >= '0' && in_.peek(ahead) <= '7'; };
    if (in_.peek() != '0' && !(octal_at(0) && octal_at(1) && octal_at(2))) return group(in_.digits(10, 2));
    const std::string_view digits = in_.digits(8, 3);
    std::uint32_t code = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), code, 8);
    if (code > 0377) return refuse(fmt::format("octal escape value \\{} outside of range 0-0o377", digits));
    utf8::append(literal, code);
    return -1;
  }

  std::unexpected<Error> refuse(std::string_view what) const { return std::unexpected(regex_error(Errc::parse, text_, start_, what)); }

  std::string_view text_;
  RegexSource& in_;
  std::uint32_t groups_;
  const std::vector<std::pair<std::string, std::uint32_t>>& names_;
  std::size_t start_ = 0;
};

}  // namespace

Result<RegexTemplate> RegexTemplate::parse(std::string_view text, std::uint32_t groups,
                                           const std::vector<std::pair<std::string, std::uint32_t>>& names) {
  RegexTemplate out;
  out.parts_.emplace_back();
  RegexSource in(text);
  TemplateEscape escape(text, in, groups, names);
  while (!in.at_end()) {
    const std::size_t start = in.position();
    if (!in.take('\\')) {
      in.next();
      out.parts_.back().text += text.substr(start, in.position() - start);
      continue;
    }
    HERDER_TRY(const int group, escape.read(out.parts_.back().text));
    if (group < 0) continue;
    out.parts_.back().group = group;
    out.parts_.emplace_back();
  }
  return out;
}

void RegexTemplate::append_to(std::string& out, const RegexMatch& match) const {
  for (const Part& part : parts_) {
    out += part.text;
    if (part.group >= 0) out += match.group(static_cast<std::size_t>(part.group)).value_or(std::string_view());
  }
}

}  // namespace herder::value
