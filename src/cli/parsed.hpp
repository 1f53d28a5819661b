// A command line that was read by a Command's table: every value is there and has the right form, so that nothing can fail here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/units.hpp"
#include "cli/option.hpp"

namespace herder::cli {

enum class Origin : std::uint8_t { nowhere, fallback, environment, given };

/// Values by option name. Asking for a name that the table does not declare, or in a form that it does not have, is a bug and
/// aborts. Remembers which options were asked for. One thread.
class Parsed {
 public:
  explicit Parsed(const Command& command);

  [[nodiscard]] const Command& command() const noexcept { return *command_; }

  [[nodiscard]] bool flag(std::string_view name) const;
  /// --x: true, --no-x: false, neither: nothing.
  [[nodiscard]] std::optional<bool> toggle(std::string_view name) const;
  [[nodiscard]] int count(std::string_view name) const;
  /// The last value of any option that takes one; empty when there is neither a value nor a fallback.
  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::optional<std::string> given(std::string_view name) const;
  /// All values of an option that may be repeated.
  [[nodiscard]] const std::vector<std::string>& all(std::string_view name) const;
  // These demand that there is a fallback or a value; the optional forms do not.
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] Duration duration(std::string_view name) const;
  [[nodiscard]] std::int64_t size(std::string_view name) const;
  [[nodiscard]] Amount amount(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] Origin origin(std::string_view name) const;

  /// The words of an operand; empty when it is optional and missing.
  [[nodiscard]] const std::vector<std::string>& operands(std::string_view name) const;
  /// The only word of an operand of arity one, or "" for an optional one that is missing.
  [[nodiscard]] std::string operand(std::string_view name) const;

  /// Declared options and operands that nobody asked for yet.
  [[nodiscard]] std::vector<std::string> unread() const;

 private:
  friend class Parser;
  struct Slot {
    const Option* option;
    std::vector<std::string> values;
    Origin origin = Origin::nowhere;
    mutable bool read = false;
  };
  struct Words {
    const Operand* operand;
    std::vector<std::string> values;
    mutable bool read = false;
  };
  const Slot& slot(std::string_view name) const;
  const Slot& valued(std::string_view name, Arg arg) const;

  const Command* command_;
  std::vector<Slot> slots_;
  std::vector<Words> words_;
};

/// Reads the words after the command's name. `getenv` gives an environment variable or nullptr. Errors: usage, with the nearest
/// name as remedy. When --help is among the words, everything else is not checked (Parsed::flag("help") is true).
Result<Parsed> parse(const Command& command, const std::vector<std::string>& words, const char* (*getenv)(const char*));

/// The options of a command with the set that each stands in, in table order; aliases resolved are left to the caller.
const Option* find_option(const Command& command, std::string_view name);
const Option* find_letter(const Command& command, char letter);

/// "a|b|c" as pieces.
std::vector<std::string> choices_of(std::string_view choices);

/// True when the option stands without a value.
constexpr bool takes_value(Arg arg) noexcept { return arg != Arg::flag && arg != Arg::toggle && arg != Arg::count; }

}  // namespace herder::cli
