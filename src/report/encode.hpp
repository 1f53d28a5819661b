// Foreign bytes as JSON, YAML, CSV and base64 text, piece by piece, so that an output of any size passes through little memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace herder::report {

/// What is in a text: decides how it can be written.
struct TextTraits {
  bool utf8 = true;          // valid throughout
  bool literal = true;       // may stand in a YAML block as it is: no control characters but \n and \t, nothing a terminal would obey
  bool multi_line = false;   // has a \n
  int final_newlines = 0;    // 0, 1, or 2 for more
};
/// Looks at a text in pieces.
class TextScan {
 public:
  void feed(std::string_view piece);
  TextTraits finish();

 private:
  void character(char32_t point);
  TextTraits traits_;
  bool has_text_ = false;  // anything but line breaks: YAML's blocks cannot hold those alone
  std::string held_;
};

/// The inside of a JSON string: quotes, backslashes, control characters (also DEL, C1 and bidirectional overrides, which terminals
/// obey) are escaped, invalid UTF-8 becomes U+FFFD. With `yaml` the escapes are those of YAML's double-quoted form (\xNN and \U for
/// characters beyond 16 bits; otherwise surrogate pairs).
class QuotedText {
 public:
  explicit QuotedText(bool yaml = false) : yaml_(yaml) {}
  std::string feed(std::string_view piece);
  std::string finish();

 private:
  void append(std::string& out, char32_t point) const;
  bool yaml_;
  std::string held_;
};

/// base64 of a stream.
class Base64Text {
 public:
  std::string feed(std::string_view piece);
  std::string finish();

 private:
  std::string held_;
};

/// The whole of a short text.
std::string json_quote(std::string_view text);
/// A CSV field: always quoted, quotes doubled; control characters become visible escapes as on a terminal (CSV has none of its own).
std::string csv_quote(std::string_view text);

}  // namespace herder::report
