#include "base/redact_forms.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/secret.hpp"
#include "base/text.hpp"

namespace herder::redaction {
namespace {

constexpr std::size_t own_line_min_bytes = 16;  // a line of a private key is a secret of its own; "}" is not

std::string without(std::string_view text, bool (*dropped)(char)) {
  std::string out;
  std::ranges::remove_copy_if(text, std::back_inserter(out), dropped);
  return out;
}

std::string unwrap(std::string_view text) {
  std::string out;
  Unwrapper wrapper;
  for (const char c : text)
    if (!wrapper.drops(c, true)) out += c;
  return out;
}

class Forms {
 public:
  Forms(std::size_t min_bytes, std::vector<Pattern>& out) : min_bytes_(min_bytes), out_(out) {}

  /// Looked for byte for byte only.
  void add_as_is(std::string form) { add(std::move(form), as_is); }

  /// Looked for in every reading, each with what that reading leaves of it.
  void add_everywhere(std::string_view form) {
    add(std::string(form), as_is);
    std::string flat = unwrap(form);
    add(without(flat, is_quoting), unquoted);
    add(flat, unwrapped | unescaped);
    std::ranges::replace(flat, '+', ' ');
    add(std::move(flat), unpercented);
  }

  /// Looked for however it is spaced. Not for words without blanks: "map as shown" would hold "pass".
  void add_squeezed(std::string_view form) { add(without(form, is_blank), squeezed); }

 private:
  void add(std::string form, std::uint8_t readings) {
    if (form.size() >= min_bytes_ && !std::ranges::all_of(form, is_blank)) out_.push_back({.bytes = std::move(form), .readings = readings});
    else wipe(form);
  }

  std::size_t min_bytes_;
  std::vector<Pattern>& out_;
};

/// What base64 of any text with `secret` at an offset of `lead` (0 to 2, modulo 3) is sure to contain: the letters whose six bits
/// lie wholly inside the secret.
std::string base64_inside(std::string_view secret, std::size_t lead) {
  std::string padded(lead, '\0');
  padded += secret;
  std::string letters = text::base64(padded);
  const std::size_t first = (lead * 8 + 5) / 6;
  const std::size_t last = padded.size() * 8 / 6;
  std::string inside = letters.substr(first, last - first);
  wipe(letters);
  wipe(padded);
  return inside;
}

std::string base64url(std::string text) {
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

/// The content of a POSIX single-quoted word; `quote` is how one ' is written inside it.
std::string shell_inside(std::string_view secret, std::string_view quote) {
  std::string out;
  for (const char c : secret) {
    if (c == '\'') out += quote;
    else out += c;
  }
  return out;
}

std::string json_inside(std::string_view secret) {
  std::string out;
  for (const char c : secret) {
    switch (c) {
      case '"':
      case '\\': (out += '\\') += c; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += c;
    }
  }
  return out;
}

/// Percent-encoded as RFC 3986 section 2.3 asks: all but letters, digits and "-._~".
std::string url_escaped(std::string_view secret) {
  std::string out;
  for (const char c : secret) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-._~").contains(c);
    if (plain) out += c;
    else fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

void add_forms_of(std::string_view secret, Forms& forms) {
  forms.add_everywhere(secret);
  if (std::ranges::any_of(secret, is_blank)) forms.add_squeezed(secret);
  for (const std::size_t lead : {0U, 1U, 2U}) {
    const std::string inside = base64_inside(secret, lead);
    forms.add_everywhere(inside);
    forms.add_everywhere(base64url(inside));
  }
  const std::string hex = text::hex(secret);
  for (const std::string& digits : {hex, upper(hex)}) {
    forms.add_everywhere(digits);
    forms.add_squeezed(digits);
  }
  // The readings find these too, unless too little of the secret is left once quotes and line ends are gone.
  forms.add_as_is(shell_inside(secret, "'\\''"));
  forms.add_as_is(shell_inside(secret, "'\"'\"'"));
  forms.add_as_is(json_inside(secret));
  forms.add_as_is(url_escaped(secret));
}

}  // namespace

void add_forms(std::string_view secret, std::size_t min_bytes, std::vector<Pattern>& out) {
  Forms forms(min_bytes, out);
  add_forms_of(secret, forms);
  const std::string_view trimmed = text::trim(secret);
  if (trimmed.size() < secret.size() && trimmed.size() >= min_bytes) add_forms_of(trimmed, forms);
  const auto lines = text::lines(trimmed);
  if (lines.size() < 2) return;
  for (const std::string_view line : lines)
    if (const auto own = text::trim(line); own.size() >= own_line_min_bytes && !own.starts_with("-----")) forms.add_everywhere(own);
}

}  // namespace herder::redaction
