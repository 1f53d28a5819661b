#include "cli/parsed.hpp"

#include "base/text.hpp"

namespace herder::cli {

const Option* find_option(const Command& command, std::string_view name) {
  for (const OptionSet& set : command.sets)
    for (const Option& option : set.options)
      if (option.name == name) return &option;
  return nullptr;
}

const Option* find_letter(const Command& command, char letter) {
  for (const OptionSet& set : command.sets)
    for (const Option& option : set.options)
      if (option.letter == letter && letter != 0) return &option;
  return nullptr;
}

std::vector<std::string> choices_of(std::string_view choices) {
  std::vector<std::string> out;
  if (choices.empty()) return out;
  for (const std::string_view one : text::split(choices, '|')) out.emplace_back(one);
  return out;
}

Parsed::Parsed(const Command& command) : command_(&command) {
  for (const OptionSet& set : command.sets)
    for (const Option& option : set.options)
      if (option.alias_of.empty()) slots_.push_back({&option, {}, Origin::nowhere, false});
  for (const Operand& operand : command.operands) words_.push_back({&operand, {}, false});
}

const Parsed::Slot& Parsed::slot(std::string_view name) const {
  for (const Slot& one : slots_)
    if (one.option->name == name) {
      one.read = true;
      return one;
    }
  HERDER_ASSERT(!"an option was asked for that the table does not declare");
  std::abort();
}

const Parsed::Slot& Parsed::valued(std::string_view name, Arg arg) const {
  const Slot& one = slot(name);
  HERDER_ASSERT(one.option->arg == arg && !one.values.empty());
  return one;
}

bool Parsed::flag(std::string_view name) const {
  const Slot& one = slot(name);
  HERDER_ASSERT(one.option->arg == Arg::flag);
  return !one.values.empty();
}

std::optional<bool> Parsed::toggle(std::string_view name) const {
  const Slot& one = slot(name);
  HERDER_ASSERT(one.option->arg == Arg::toggle);
  if (one.values.empty()) return std::nullopt;
  return one.values.back() == "yes";
}

int Parsed::count(std::string_view name) const {
  const Slot& one = slot(name);
  HERDER_ASSERT(one.option->arg == Arg::count);
  return static_cast<int>(one.values.size());
}

std::string Parsed::text(std::string_view name) const {
  const Slot& one = slot(name);
  HERDER_ASSERT(takes_value(one.option->arg));
  return one.values.empty() ? std::string() : one.values.back();
}

std::optional<std::string> Parsed::given(std::string_view name) const {
  const Slot& one = slot(name);
  HERDER_ASSERT(takes_value(one.option->arg));
  if (one.values.empty()) return std::nullopt;
  return one.values.back();
}

const std::vector<std::string>& Parsed::all(std::string_view name) const {
  const Slot& one = slot(name);
  HERDER_ASSERT(one.option->repeat && takes_value(one.option->arg));
  return one.values;
}

std::int64_t Parsed::integer(std::string_view name) const { return *text::to_int(valued(name, Arg::integer).values.back()); }

Duration Parsed::duration(std::string_view name) const { return *parse_duration(valued(name, Arg::duration).values.back()); }

std::int64_t Parsed::size(std::string_view name) const { return *parse_size(valued(name, Arg::size).values.back()); }

Amount Parsed::amount(std::string_view name) const { return *parse_amount(valued(name, Arg::amount).values.back()); }

bool Parsed::has(std::string_view name) const { return !slot(name).values.empty(); }

Origin Parsed::origin(std::string_view name) const { return slot(name).origin; }

const std::vector<std::string>& Parsed::operands(std::string_view name) const {
  for (const Words& one : words_)
    if (one.operand->name == name) {
      one.read = true;
      return one.values;
    }
  HERDER_ASSERT(!"an operand was asked for that the table does not declare");
  std::abort();
}

std::string Parsed::operand(std::string_view name) const {
  const auto& values = operands(name);
  return values.empty() ? std::string() : values.front();
}

std::vector<std::string> Parsed::unread() const {
  std::vector<std::string> out;
  for (const Slot& one : slots_)
    if (!one.read) out.push_back("--" + std::string(one.option->name));
  for (const Words& one : words_)
    if (!one.read) out.emplace_back(one.operand->name);
  return out;
}

}  // namespace herder::cli
