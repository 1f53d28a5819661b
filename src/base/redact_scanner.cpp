#include "base/redact_scanner.hpp"

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"

namespace herder::redaction {
namespace {

constexpr std::string_view mark = "********";
constexpr std::size_t dropped_max = 4096;  // line ends and quotes inside one finding; bounds what is held back

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// What the front of a text that begins with an escape character means.
struct Escape {
  std::size_t taken = 0;  // 0: more bytes are needed to tell
  std::string bytes{};
};
const Escape plain_byte{.taken = 1};  // no escape after all

/// `digits` hexadecimal digits from `from` on; taken 0 or 1 as in Escape, else the value.
struct Digits {
  std::size_t taken = 0;
  char32_t value = 0;
};
Digits hex_digits(std::string_view text, std::size_t from, std::size_t digits) noexcept {
  Digits out;
  for (std::size_t i = from; i < from + digits; ++i) {
    if (i >= text.size()) return {};
    const int value = hex_value(text[i]);
    if (value < 0) return {.taken = 1};
    out.value = out.value << 4U | static_cast<char32_t>(value);
  }
  out.taken = from + digits;
  return out;
}

Escape byte_escape(std::string_view text, std::size_t from) {
  const Digits digits = hex_digits(text, from, 2);
  if (digits.taken < 2) return {.taken = digits.taken};
  return {.taken = digits.taken, .bytes = std::string(1, static_cast<char>(digits.value))};
}

/// \u0041 and \U00000041; two \u that are a UTF-16 pair (RFC 8259 section 7) are one character.
Escape code_escape(std::string_view text, std::size_t digits, bool at_end) {
  Digits code = hex_digits(text, 2, digits);
  if (code.taken < 2) return {.taken = code.taken};
  if (digits == 4 && code.value >= 0xd800 && code.value < 0xdc00) {
    const std::string_view rest = text.substr(6);
    const bool may_pair = rest.substr(0, 2) == std::string_view("\\u").substr(0, rest.size());
    const Digits low = may_pair ? hex_digits(rest, 2, 4) : Digits{.taken = 1};
    if (low.taken == 0 && !at_end) return {};
    if (low.taken == 6 && low.value >= 0xdc00 && low.value < 0xe000)
      code = {.taken = 12, .value = 0x10000 + ((code.value - 0xd800) << 10U) + (low.value - 0xdc00)};
  }
  Escape out{.taken = code.taken};
  utf8::append(out.bytes, code.value);
  return out;
}

Escape octal_escape(std::string_view text, bool at_end) {
  char32_t value = 0;
  std::size_t i = 1;
  for (; i < 4 && i < text.size() && text[i] >= '0' && text[i] <= '7'; ++i) value = value << 3U | static_cast<char32_t>(text[i] - '0');
  if (i < 4 && i == text.size() && !at_end) return {};
  return {.taken = i, .bytes = std::string(1, static_cast<char>(value))};
}

Escape backslash_escape(std::string_view text, bool at_end) {
  if (text.size() < 2) return {};
  constexpr std::string_view names = "abefnrtv";
  constexpr std::string_view bytes = "\a\b\x1b\f\n\r\t\v";
  const char kind = text[1];
  if (kind == 'x') return byte_escape(text, 2);
  if (kind == 'u') return code_escape(text, 4, at_end);
  if (kind == 'U') return code_escape(text, 8, at_end);
  if (kind >= '0' && kind <= '7') return octal_escape(text, at_end);
  const auto named = names.find(kind);
  return {.taken = 2, .bytes = std::string(1, named == std::string_view::npos ? kind : bytes[named])};
}

}  // namespace

void Reader::feed(const Matcher& matcher, char byte, std::uint64_t at, std::vector<Span>& found) {
  const bool escapes = (reading_ == unpercented && byte == '%') || (reading_ == unescaped && byte == '\\');
  if (!escapes && pending_.empty()) return see(matcher, byte, {.first = at, .last = at + 1}, true, found);
  pending_ += byte;
  decode(matcher, at + 1, false, found);
}

void Reader::finish(const Matcher& matcher, std::uint64_t at, std::vector<Span>& found) {
  decode(matcher, at, true, found);
  forget();
}

std::uint64_t Reader::open_from(const Matcher& matcher, std::uint64_t at) const noexcept {
  const std::size_t depth = matcher.open_depth(state_);
  return depth > 0 ? starts_[starts_.size() - depth] : at - pending_.size();
}

/// Takes from the front of `pending_`, whose last byte is the one before `end`, all that can be told by now.
void Reader::decode(const Matcher& matcher, std::uint64_t end, bool at_end, std::vector<Span>& found) {
  const char sign = reading_ == unpercented ? '%' : '\\';
  while (!pending_.empty()) {
    Escape escape = plain_byte;
    if (pending_[0] == sign) escape = sign == '%' ? byte_escape(pending_, 1) : backslash_escape(pending_, at_end);
    if (escape.taken == 0 && !at_end) return;
    const std::size_t taken = std::max<std::size_t>(1, escape.taken);
    const std::uint64_t first = end - pending_.size();
    const Span from{.first = first, .last = first + taken};
    if (escape.bytes.empty()) see(matcher, pending_[0], from, true, found);
    for (const char byte : escape.bytes) see(matcher, byte, from, false, found);
    pending_.erase(0, taken);
  }
}

void Reader::see(const Matcher& matcher, char byte, Span from, bool literal, std::vector<Span>& found) {
  if (reading_ == squeezed && is_blank(byte)) return drop();
  if (reading_ != as_is && reading_ != squeezed && wrapper_.drops(byte, literal)) return drop();
  if (reading_ == unquoted && is_quoting(byte)) return drop();
  if (reading_ == unpercented && byte == '+') byte = ' ';  // the patterns of this reading have no '+' either
  dropped_ = 0;
  state_ = matcher.next(state_, byte);
  const std::size_t depth = matcher.depth(state_);
  if (depth == 0) return forget();
  starts_.push_back(from.first);
  oldest_ = starts_.size() - depth;
  if (oldest_ > 64 && oldest_ > depth) {
    starts_.erase(starts_.begin(), starts_.begin() + static_cast<std::ptrdiff_t>(oldest_));
    oldest_ = 0;
  }
  if (const std::size_t length = matcher.match(state_, reading_); length > 0)
    found.push_back({.first = starts_[starts_.size() - length], .last = from.last});
}

void Reader::drop() noexcept {
  if (++dropped_ > dropped_max) forget();
}

void Reader::forget() noexcept {
  state_ = Matcher::root;
  starts_.clear();
  oldest_ = 0;
}

Scanner::Scanner(std::shared_ptr<const Matcher> matcher) { use(std::move(matcher)); }

void Scanner::use(std::shared_ptr<const Matcher> matcher) {
  matcher_ = std::move(matcher);
  for (unsigned byte = 0; byte < boring_.size(); ++byte) {
    const char c = static_cast<char>(byte);
    boring_[byte] = !matcher_->starts(c) && c != '%' && c != '\\' && !(c == '+' && matcher_->starts(' '));
  }
  reset_readers();
  const std::string again = std::exchange(held_, {});
  found_.clear();
  scanned_ = released_;
  scan(again);
}

void Scanner::reset_readers() {
  readers_.clear();
  for (unsigned i = 0; i < reading_count; ++i) readers_.emplace_back(static_cast<Reading>(1U << i));
}

void Scanner::scan(std::string_view chunk) {
  held_ += chunk;
  bool idle = std::ranges::all_of(readers_, &Reader::idle);
  for (const char byte : chunk) {
    if (!idle || !boring_[static_cast<unsigned char>(byte)]) {
      idle = true;
      for (Reader& reader : readers_) {
        reader.feed(*matcher_, byte, scanned_, found_);
        idle = idle && reader.idle();
      }
    }
    ++scanned_;
  }
}

std::string Scanner::feed(std::string_view chunk) {
  scan(chunk);
  std::uint64_t limit = scanned_;
  for (const Reader& reader : readers_) limit = std::min(limit, reader.open_from(*matcher_, scanned_));
  std::string out;
  release(limit, out);
  return out;
}

std::string Scanner::finish() {
  for (Reader& reader : readers_) reader.finish(*matcher_, scanned_, found_);
  std::string out;
  release(scanned_, out);
  reset_readers();
  return out;
}

/// Passes on what lies before `limit`, which no finding to come can reach.
void Scanner::release(std::uint64_t limit, std::string& out) {
  const std::uint64_t base = released_;
  const auto pass = [&](std::uint64_t until) {
    if (until > released_) out.append(held_, released_ - base, until - released_);
    released_ = std::max(released_, until);
  };
  released_ = std::min(limit, std::max(released_, marked_until_));
  std::ranges::sort(found_, {}, &Span::first);
  std::size_t done = 0;
  for (; done < found_.size() && found_[done].first < limit; ++done) {
    const Span& span = found_[done];
    if (span.first >= marked_until_) {
      pass(span.first);
      out += mark;
    }
    marked_until_ = std::max(marked_until_, span.last);
    released_ = std::min(limit, std::max(released_, marked_until_));
  }
  found_.erase(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(done));
  pass(limit);
  held_.erase(0, released_ - base);
}

}  // namespace herder::redaction
