// Configuration files in INI form, as Python's configparser reads ansible.cfg. (Inventories in INI form are another language: see the
// room inventory.)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "value/value.hpp"

namespace herder::value {

struct IniOptions {
  std::string file;                  // for positions and errors
  std::string inline_comments = ";"; // each starts a comment behind white space, as Ansible has it; "" for none
  Mark marks = Mark::none;           // put on every value
};

/// A file of sections that can be changed without losing its comments and layout.
///
/// `[section]`, `key = value`, `key: value`; keys in lower case; lines indented deeper go on with the value above (joined by "\n", blank
/// lines between them are kept); `#` and `;` at the start of a line are comments, anywhere in a value too. No interpolation: "%(x)s" stays.
/// [DEFAULT] gives values to all sections that exist. One thread; copies are cheap only for small files.
class IniFile {
 public:
  /// Errors: parse, with place: a line without '=' or ':', text before the first section, a section or key that is there twice.
  static Result<IniFile> parse(std::string_view text, const IniOptions& options = {});

  /// {section: {key: text}} in file order, every node with its position. [DEFAULT] is a section like others here, when it is there.
  [[nodiscard]] const Value& values() const noexcept { return values_; }
  /// The value of a key, or of the same key in [DEFAULT] if the section exists; nullptr when there is none. `key` in lower case.
  [[nodiscard]] const Value* find(std::string_view section, std::string_view key) const noexcept;

  /// Sets a value: in place when the key is there, else at the end of the section, which is made when it is missing. A comment behind a
  /// changed value goes with the old value. Errors: unsupported when INI cannot hold this name or text (blanks at its ends, " ;" inside,
  /// lines that look like comments); the file is then unchanged.
  Result<> set(std::string_view section, std::string_view key, std::string_view value);
  /// Removes a key and its value's lines. False when it is not there.
  bool remove(std::string_view section, std::string_view key);

  /// The file's text: untouched lines are as they were, byte for byte.
  [[nodiscard]] std::string print() const;

 private:
  struct Entry {
    std::string section;
    std::string key;
    std::size_t first = 0;  // of its lines
    std::size_t count = 0;
  };
  class Reader;

  [[nodiscard]] const Entry* entry(std::string_view section, std::string_view key) const noexcept;
  [[nodiscard]] std::vector<std::string> with(std::string_view section, std::string_view key, std::string_view value) const;

  IniOptions options_;
  std::vector<std::string> lines_;  // with their line ends
  std::vector<Entry> entries_;
  Value values_ = Value::empty_map();
};

}  // namespace herder::value
