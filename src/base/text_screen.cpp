// What text does to a terminal: its width, and which characters must not get there.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/utf8.hpp"

namespace herder::text {
namespace {

struct Range {
  char32_t first, last;
};

// East Asian Wide and Fullwidth blocks and the emoji that terminals draw over two columns; sorted. Source: Unicode 15
// EastAsianWidth.txt, neighbouring blocks joined over unassigned codes.
constexpr Range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},   {0x23f0, 0x23f0},   {0x23f3, 0x23f3},
    {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},
    {0x26f2, 0x26f3},   {0x26f5, 0x26f5},   {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27b0},   {0x27bf, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x303e},
    {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe10, 0xfe19},
    {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18aff}, {0x1aff0, 0x1b2ff}, {0x1f004, 0x1f004},
    {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335}, {0x1f337, 0x1f37c},
    {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f43e},
    {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f567}, {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596},
    {0x1f5a4, 0x1f5a4}, {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6df},
    {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7f0}, {0x1f90c, 0x1f93a}, {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff},
    {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

// Characters that take no column: combining marks of the common scripts, joiners, variation selectors; sorted.
constexpr Range narrow[] = {
    {0x0300, 0x036f},   {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x05bf, 0x05bf}, {0x05c1, 0x05c2}, {0x05c4, 0x05c5}, {0x0610, 0x061a},
    {0x064b, 0x065f},   {0x0670, 0x0670}, {0x06d6, 0x06dc}, {0x06df, 0x06e4}, {0x0711, 0x0711}, {0x0730, 0x074a}, {0x07a6, 0x07b0},
    {0x0900, 0x0902},   {0x093a, 0x093a}, {0x093c, 0x093c}, {0x0941, 0x0948}, {0x094d, 0x094d}, {0x0e31, 0x0e31}, {0x0e34, 0x0e3a},
    {0x0e47, 0x0e4e},   {0x1160, 0x11ff}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
    {0x20d0, 0x20ff},   {0x302a, 0x302d}, {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
};

// Not for a terminal: C0 without \n and \t, DEL, C1, marks and overrides of direction, line separators, the byte order mark.
constexpr Range harmful[] = {
    {0x00, 0x08},     {0x0b, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c}, {0x200e, 0x200f},
    {0x2028, 0x202e}, {0x2066, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

template <std::size_t n>
bool holds(const Range (&ranges)[n], char32_t code) noexcept {
  const Range* after = std::upper_bound(std::begin(ranges), std::end(ranges), code, [](char32_t c, const Range& r) { return c < r.first; });
  return after != std::begin(ranges) && code <= std::prev(after)->last;
}

bool is_plain_ascii(char c) noexcept { return (c >= ' ' && c < 0x7f) || c == '\n' || c == '\t'; }

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    std::uint64_t word = 0;
    if (text.size() >= sizeof word) {  // most text is ASCII, and this is 8 times as fast
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        text.remove_prefix(sizeof word);
        continue;
      }
    }
    const utf8::Step step = utf8::decode(text);
    if (step.size == 0) return false;
    text.remove_prefix(step.size);
  }
  return true;
}

std::size_t columns(std::string_view text) noexcept {
  std::size_t sum = 0;
  while (!text.empty()) {
    const utf8::Step step = utf8::decode(text);
    const bool none = step.size > 0 && (step.code < 0x20 || (step.code >= 0x7f && step.code < 0xa0) || holds(narrow, step.code));
    if (!none) sum += step.size > 0 && holds(wide, step.code) ? 2U : 1U;
    text.remove_prefix(std::max(1U, step.size));
  }
  return sum;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain_ascii) - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const utf8::Step step = utf8::decode(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    if (step.size == 0 || step.code < 0x80) fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    else if (!holds(harmful, step.code)) out.append(text.substr(0, step.size));
    else if (step.code < 0x10000) fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<std::uint32_t>(step.code));
    else fmt::format_to(std::back_inserter(out), "\\U{:08x}", static_cast<std::uint32_t>(step.code));
    text.remove_prefix(std::max(1U, step.size));
  }
  return out;
}

std::string printable_line(std::string_view text) {
  std::string safe = printable(text);
  if (safe.find_first_of("\n\t") == std::string::npos) return safe;
  std::string out;
  for (const char c : safe) {
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else out += c;
  }
  return out;
}

bool is_printable(char32_t code) noexcept { return !holds(harmful, code); }

}  // namespace herder::text
