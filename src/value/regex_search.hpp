// The moving parts of a search. Only for the .cpp files of this room.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "value/python_regex.hpp"

namespace herder::value {

enum class Way : std::uint8_t;

/// Text that may be searched as UTF-8: where it is not, each wrong byte is replaced by a private character, and places in the
/// replaced text are counted back.
class RegexSubject {
 public:
  explicit RegexSubject(std::string_view text);
  [[nodiscard]] std::string_view clean() const noexcept { return wrong_.empty() ? original_ : std::string_view(replaced_); }
  [[nodiscard]] std::string_view original() const noexcept { return original_; }
  [[nodiscard]] std::size_t to_original(std::size_t place) const noexcept;
  /// The place itself, or the next border between characters.
  [[nodiscard]] std::size_t to_clean(std::size_t place) const noexcept;

 private:
  std::string_view original_;
  std::string replaced_;
  std::vector<std::size_t> wrong_;  // places of wrong bytes in the original, ascending
};

/// Match after match, as re.finditer walks: an empty match may follow another match at once, but not an empty one.
class RegexSearch {
 public:
  RegexSearch(std::shared_ptr<const RegexProgram> program, std::string_view text, std::size_t from);
  Result<std::optional<RegexMatch>> next(Way way);

 private:
  RegexMatch take(const std::size_t* pairs);

  std::shared_ptr<const RegexProgram> program_;
  RegexSubject subject_;
  std::size_t at_;
  bool after_empty_ = false;
  bool finished_;
};

/// A replacement text of re.sub, taken apart once.
class RegexTemplate {
 public:
  static Result<RegexTemplate> parse(std::string_view text, std::uint32_t groups,
                                     const std::vector<std::pair<std::string, std::uint32_t>>& names);
  void append_to(std::string& out, const RegexMatch& match) const;

 private:
  struct Part {
    std::string text;       // and then
    int group = -1;         // -1: nothing more
  };
  std::vector<Part> parts_;
};

}  // namespace herder::value
