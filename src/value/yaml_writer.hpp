// The lower half of print_yaml: columns, indentation and the ways to write one scalar, as PyYAML's emitter lays them out.
#pragma once

#include <string>
#include <string_view>

namespace herder::value::yaml {

/// What a text allows. `plain` styles say nothing about resolution ("yes" is fine as plain text here).
struct Analysis {
  bool empty = false;
  bool multiline = false;
  bool flow_plain = false;
  bool block_plain = false;
  bool single_quoted = false;
  bool block = false;  // as | literal
};
/// For libyaml characters above U+FFFF are special (it escapes them), and \r is a line break.
Analysis analyze(std::u32string_view text, bool libyaml) noexcept;

/// UTF-8 to code points; invalid bytes become U+FFFD.
void decode(std::string_view text, std::u32string& out);

/// Collects output and knows where it stands in the line. One document.
class Writer {
 public:
  /// `libyaml`: as its emitter, not as PyYAML's own (see YamlEmitter).
  Writer(int indent, int width, bool libyaml) noexcept : best_indent_(indent), best_width_(width), libyaml_(libyaml) {}

  /// Punctuation ("-", "?", ":", "[", tags); with `space_before` it is parted from what stands before. `indention`: it counts as part of
  /// the indentation, so that a nested collection may start in the same line.
  void indicator(std::string_view text, bool space_before, bool whitespace = false, bool indention = false);
  /// Goes to the current indentation, in a new line unless this one has nothing else yet.
  void line_indent();

  void plain(std::u32string_view text, bool may_split, bool root);
  void single_quoted(std::u32string_view text, bool may_split);
  void double_quoted(std::u32string_view text, bool may_split);
  void literal(std::u32string_view text);

  [[nodiscard]] bool only_indentation() const noexcept { return indention_; }
  [[nodiscard]] bool past_width() const noexcept { return column_ > best_width_; }

  /// Indentation of collections; `flow` ones and scalars at the root count as one level in.
  class Level {
   public:
    Level(Writer& writer, bool flow, bool indentless = false) noexcept;
    ~Level() { writer_.indent_ = before_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Writer& writer_;
    int before_;
  };

  /// The text, with the end of the document.
  std::string finish() &&;

 private:
  void line_break();
  void put(std::u32string_view text);
  void put_escaped(char32_t c);
  void split_anywhere(std::u32string_view text, std::size_t at, std::size_t& start);
  void split_at_blank(std::u32string_view text, std::size_t at, std::size_t& start);

  int best_indent_;
  int best_width_;
  bool libyaml_;
  int indent_ = -1;  // -1: outside of all collections
  int column_ = 0;
  bool whitespace_ = true;   // the last character was a blank
  bool indention_ = true;    // the line has only indentation and "-", "?", ":" so far
  bool open_ended_ = false;  // the document needs "..." to end
  std::string out_;
};

}  // namespace herder::value::yaml
