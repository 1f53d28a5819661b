// Reads words by a table. GNU rules: options and operands mix, `--` ends the options, short ones bundle, a value may be joined.
#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "cli/parsed.hpp"

namespace herder::cli {
namespace {

Error usage_error(const Command& command, std::string what, std::string help = {}) {
  if (help.empty()) help = fmt::format("'herder {} --help' shows what it takes", command.name);
  return Error{.code = Errc::usage, .what = std::move(what), .help = std::move(help)};
}

/// Why `value` is not one that `arg` takes; nothing when it is.
std::optional<Error> complaint(Arg arg, std::string_view choices, std::int64_t min, std::int64_t max, const std::string& value) {
  switch (arg) {
    case Arg::integer: {
      const auto number = text::to_int(value);
      if (!number) return error(Errc::usage, "'{}' is not a whole number", value);
      if (*number < min || *number > max) return error(Errc::usage, "{} is not in {}..{}", value, min, max);
      return std::nullopt;
    }
    case Arg::duration:
      if (auto span = parse_duration(value); !span) return span.error();
      return std::nullopt;
    case Arg::size:
      if (auto size = parse_size(value); !size) return size.error();
      return std::nullopt;
    case Arg::amount:
      if (auto amount = parse_amount(value); !amount) return amount.error();
      return std::nullopt;
    case Arg::choice: {
      const auto all = choices_of(choices);
      if (std::ranges::find(all, value) != all.end()) return std::nullopt;
      Error wrong = error(Errc::usage, "'{}' is not one of {}", value, text::join(all, ", "));
      if (auto near = text::nearest(value, all)) wrong.help = fmt::format("did you mean '{}'?", *near);
      return wrong;
    }
    default: return std::nullopt;
  }
}

}  // namespace

class Parser {
 public:
  Parser(const Command& command, const std::vector<std::string>& words) : command_(&command), words_(&words), out_(command) {}

  Result<Parsed> run(const char* (*getenv)(const char*)) {
    while (next_ < words_->size()) {
      const std::string& word = (*words_)[next_++];
      if (word == "--") {
        after_.assign(words_->begin() + static_cast<std::ptrdiff_t>(next_), words_->end());
        dashes_ = true;
        break;
      }
      if (word.starts_with("--")) HERDER_TRY_VOID(long_option(word));
      else if (word.size() > 1 && word[0] == '-') HERDER_TRY_VOID(short_options(word));
      else plain_.push_back(word);
      if (help_) return std::move(out_);
    }
    HERDER_TRY_VOID(place_operands());
    HERDER_TRY_VOID(fill(getenv));
    return std::move(out_);
  }

 private:
  Result<> long_option(const std::string& word) {
    const auto equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    std::optional<std::string> joined;
    if (equals != std::string::npos) joined = word.substr(equals + 1);
    bool negated = false;
    const Option* option = find_option(*command_, name);
    if (option == nullptr && name.starts_with("no-")) {
      option = find_option(*command_, std::string_view(name).substr(3));
      if (option != nullptr && option->arg != Arg::toggle) option = nullptr;
      negated = option != nullptr;
    }
    if (option == nullptr && command_->dialect == Dialect::argparse) {
      const auto longer = longer_names(name);
      if (longer.size() == 1) option = find_option(*command_, longer.front());
      else if (longer.size() > 1)
        return std::unexpected(usage_error(*command_, fmt::format("ambiguous option: --{} could match {}", name, dashed(longer))));
    }
    if (option == nullptr) return std::unexpected(unknown_option(name));
    return take(*option, "--" + std::string(option->name), std::move(joined), negated);
  }

  Result<> short_options(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const Option* option = find_letter(*command_, word[i]);
      const std::string shown = std::string("-") + word[i];
      if (option == nullptr) {
        std::string what = fmt::format("unknown option {}", shown);
        if (word.size() > 2) what += fmt::format(" in {}", word);
        std::string help;
        if (i == 1 && find_option(*command_, std::string_view(word).substr(1)) != nullptr)
          help = fmt::format("did you mean -{}?", word);
        return std::unexpected(usage_error(*command_, std::move(what), std::move(help)));
      }
      const Option& meant = resolve(*option);
      if (takes_value(meant.arg)) {
        std::optional<std::string> joined;
        if (i + 1 < word.size()) joined = word.substr(i + 1);
        return take(meant, shown, std::move(joined), false);
      }
      HERDER_TRY_VOID(take(meant, shown, std::nullopt, false));
    }
    return {};
  }

  const Option& resolve(const Option& option) const {
    if (option.alias_of.empty()) return option;
    const Option* target = find_option(*command_, option.alias_of);
    HERDER_ASSERT(target != nullptr && target->alias_of.empty());
    return *target;
  }

  Result<> take(const Option& written, const std::string& shown, std::optional<std::string> joined, bool negated) {
    const Option& option = resolve(written);
    std::string value;
    if (!takes_value(option.arg)) {
      if (joined) return std::unexpected(usage_error(*command_, fmt::format("{} takes no value", shown)));
      value = negated ? "no" : "yes";
    } else if (joined) {
      value = std::move(*joined);
    } else if (next_ < words_->size() && (*words_)[next_] != "--") {
      value = (*words_)[next_++];
    } else {
      return std::unexpected(usage_error(*command_, fmt::format("{} needs a value: {}", shown, option.value)));
    }
    if (auto wrong = complaint(option.arg, option.choices, option.min, option.max, value))
      return std::unexpected(usage_error(*command_, fmt::format("{}: {}", shown, wrong->what), wrong->help));
    store(option, std::move(value), Origin::given);
    if (option.name == "help") help_ = true;
    return {};
  }

  void store(const Option& option, std::string value, Origin origin) {
    for (Parsed::Slot& slot : out_.slots_)
      if (slot.option == &option) {
        if (!option.repeat && option.arg != Arg::count) slot.values.clear();
        slot.values.push_back(std::move(value));
        slot.origin = origin;
      }
  }

  std::vector<std::string> longer_names(std::string_view name) const {
    std::vector<std::string> out;
    if (name.empty()) return out;
    for (const OptionSet& set : command_->sets)
      for (const Option& option : set.options)
        if (option.name.starts_with(name)) out.emplace_back(option.name);
    return out;
  }

  static std::string dashed(const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const std::string& name : names) out.push_back("--" + name);
    return text::join(out, ", ");
  }

  Error unknown_option(const std::string& name) const {
    std::string what = fmt::format("unknown option --{}", name);
    if (const auto longer = longer_names(name); !longer.empty())
      return usage_error(*command_, std::move(what), fmt::format("options are not abbreviated; did you mean {}?", dashed(longer)));
    std::vector<std::string> names;
    for (const OptionSet& set : command_->sets)
      for (const Option& option : set.options) {
        if (option.hidden) continue;
        names.emplace_back(option.name);
        if (option.arg == Arg::toggle) names.push_back("no-" + std::string(option.name));
      }
    if (const auto near = text::nearest(name, names)) return usage_error(*command_, std::move(what), fmt::format("did you mean --{}?", *near));
    return usage_error(*command_, std::move(what));
  }

  /// How many words the operands behind `index` need at least.
  std::size_t needed_after(std::size_t index) const {
    std::size_t count = 0;
    for (std::size_t i = index + 1; i < out_.words_.size(); ++i) {
      const Operand& one = *out_.words_[i].operand;
      if (!one.after_dashes && (one.arity == Arity::one || one.arity == Arity::some)) ++count;
    }
    return count;
  }

  Result<> place_operands() {
    const Operand* behind = nullptr;  // the operand that takes what follows `--`
    for (const Operand& one : command_->operands)
      if (one.after_dashes) behind = &one;
    if (dashes_ && behind == nullptr) plain_.insert(plain_.end(), after_.begin(), after_.end());
    std::size_t used = 0;
    for (std::size_t i = 0; i < out_.words_.size(); ++i) {
      Parsed::Words& words = out_.words_[i];
      const Operand& operand = *words.operand;
      if (operand.after_dashes) {
        words.values = after_;
      } else {
        const std::size_t left = plain_.size() - used;
        const std::size_t spare = left > needed_after(i) ? left - needed_after(i) : 0;
        const bool list = operand.arity == Arity::many || operand.arity == Arity::some;
        for (std::size_t n = list ? spare : std::min<std::size_t>(spare, 1); n > 0; --n) words.values.push_back(plain_[used++]);
      }
      HERDER_TRY_VOID(check_operand(operand, words.values));
    }
    if (used == plain_.size()) return {};
    std::string help;
    if (behind != nullptr && !dashes_)
      help = fmt::format("write -- before {}: herder {} {} -- {} ...", behind->name, command_->name, plain_.front(), plain_[used]);
    return std::unexpected(usage_error(*command_, fmt::format("unexpected argument '{}'", plain_[used]), std::move(help)));
  }

  bool was_given(std::string_view option) const {
    for (const Parsed::Slot& slot : out_.slots_)
      if (slot.option->name == option) return slot.origin == Origin::given;
    return false;
  }

  Result<> check_operand(const Operand& operand, const std::vector<std::string>& values) const {
    const bool demanded = operand.arity == Arity::one || operand.arity == Arity::some;
    if (values.empty() && demanded && (operand.unless.empty() || !was_given(operand.unless))) {
      std::string help;
      if (operand.after_dashes && plain_.size() > 1)
        help = fmt::format("write -- before it: herder {} {} -- {} ...", command_->name, plain_.front(), plain_[1]);
      else if (operand.after_dashes)
        help = fmt::format("write it after --: herder {} {} -- uptime", command_->name, plain_.empty() ? "all" : plain_.front());
      return std::unexpected(usage_error(*command_, fmt::format("{} is missing", operand.name), std::move(help)));
    }
    for (const std::string& value : values)
      if (auto wrong = complaint(operand.arg, operand.choices, operand.min, operand.max, value))
        return std::unexpected(usage_error(*command_, fmt::format("{}: {}", operand.name, wrong->what), wrong->help));
    return {};
  }

  /// Values from the environment, then fallbacks, for what was not given.
  Result<> fill(const char* (*getenv)(const char*)) {
    for (Parsed::Slot& slot : out_.slots_) {
      const Option& option = *slot.option;
      if (!slot.values.empty()) continue;
      if (!option.env.empty())
        for (const std::string_view name : text::split(option.env, '|')) {
          const char* value = getenv(std::string(name).c_str());
          if (value == nullptr || *value == 0) continue;
          HERDER_TRY_VOID(from_environment(option, name, value));
          break;
        }
      if (slot.values.empty() && !option.fallback.empty()) store(option, std::string(option.fallback), Origin::fallback);
    }
    return {};
  }

  Result<> from_environment(const Option& option, std::string_view name, const std::string& value) {
    if (takes_value(option.arg)) {
      if (auto wrong = complaint(option.arg, option.choices, option.min, option.max, value))
        return std::unexpected(usage_error(*command_, fmt::format("environment variable {}: {}", name, wrong->what), wrong->help));
      store(option, value, Origin::environment);
      return {};
    }
    const std::string low = text::lower(value);
    const bool yes = low == "1" || low == "yes" || low == "true" || low == "on";
    if (!yes && low != "0" && low != "no" && low != "false" && low != "off")
      return std::unexpected(usage_error(*command_, fmt::format("environment variable {}: '{}' is neither yes nor no", name, value)));
    if (yes || option.arg == Arg::toggle) store(option, yes ? "yes" : "no", Origin::environment);
    return {};
  }

  const Command* command_;
  const std::vector<std::string>* words_;
  Parsed out_;
  std::size_t next_ = 0;
  bool dashes_ = false;
  bool help_ = false;
  std::vector<std::string> plain_;
  std::vector<std::string> after_;
};

Result<Parsed> parse(const Command& command, const std::vector<std::string>& words, const char* (*getenv)(const char*)) {
  return Parser(command, words).run(getenv);
}

}  // namespace herder::cli
