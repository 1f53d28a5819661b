// Small text helpers that every room needs. All pure, all thread-safe. Text is UTF-8 unless said.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace herder::text {

/// Without white space (space, \t, \r, \n, \v, \f) at both ends.
std::string_view trim(std::string_view text) noexcept;

/// Splits at every `separator`; an empty text gives one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);

/// Splits into lines without their ends (\n or \r\n); a final line end makes no empty last line.
std::vector<std::string_view> lines(std::string_view text);

std::string join(std::span<const std::string> parts, std::string_view separator);
std::string lower(std::string_view text);  // ASCII only

/// Whole-text decimal integer, sign allowed; nothing on anything else or overflow.
std::optional<std::int64_t> to_int(std::string_view text) noexcept;

/// At most `bytes` bytes of `text`, never splitting a UTF-8 sequence.
std::string_view cut(std::string_view text, std::size_t bytes) noexcept;

bool is_utf8(std::string_view text) noexcept;

/// Number of terminal columns, counting East Asian wide characters as two and combining ones as none.
std::size_t columns(std::string_view text) noexcept;

/// What may be sent to a terminal: control characters (C0 except \n and \t, DEL, C1, bidirectional overrides) become visible
/// escapes (\x1b), invalid UTF-8 bytes become \xNN. Foreign text must pass through here before it reaches a person.
std::string printable(std::string_view text);
/// The same with \n and \t as escapes too: for names and messages that must stay on their line.
std::string printable_line(std::string_view text);
/// False for characters that `printable` would escape.
bool is_printable(char32_t code) noexcept;

/// Damerau-Levenshtein distance (adjacent transpositions count one), stops early above `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit = 8);

/// The candidate nearest to `name` if it is near enough to be worth suggesting (at most a third of the length away).
std::optional<std::string> nearest(std::string_view name, std::span<const std::string> candidates);

/// Quotes one word for POSIX sh: unchanged when it is plain, else in single quotes.
std::string shell_quote(std::string_view word);

/// Splits a command line as POSIX sh does (quotes, backslashes; no expansion). Nothing when a quote is left open.
std::optional<std::vector<std::string>> shell_split(std::string_view line);

std::string base64(std::string_view bytes);
std::optional<std::string> unbase64(std::string_view text);
std::string hex(std::string_view bytes);

/// Case-sensitive glob over the whole text: * ? [abc] [!a-z] (fnmatch without special treatment of '/' and '.'). Counts
/// characters, not bytes.
bool glob_match(std::string_view pattern, std::string_view text) noexcept;

}  // namespace herder::text
