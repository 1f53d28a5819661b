#include "base/signals.hpp"

#include <array>
#include <csignal>
#include <utility>

#include <fmt/core.h>

#include "base/text.hpp"

namespace herder {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 14> signals{{{"HUP", SIGHUP},
                                                                    {"INT", SIGINT},
                                                                    {"QUIT", SIGQUIT},
                                                                    {"ILL", SIGILL},
                                                                    {"ABRT", SIGABRT},
                                                                    {"BUS", SIGBUS},
                                                                    {"FPE", SIGFPE},
                                                                    {"KILL", SIGKILL},
                                                                    {"USR1", SIGUSR1},
                                                                    {"SEGV", SIGSEGV},
                                                                    {"USR2", SIGUSR2},
                                                                    {"PIPE", SIGPIPE},
                                                                    {"ALRM", SIGALRM},
                                                                    {"TERM", SIGTERM}}};

}  // namespace

std::optional<int> signal_number(std::string_view name) noexcept {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (const auto& [known, number] : signals)
    if (known == name) return number;
  const auto number = text::to_int(name);
  if (number && *number > 0 && *number < 65) return static_cast<int>(*number);
  return std::nullopt;
}

std::string signal_name(int number) {
  for (const auto& [known, value] : signals)
    if (value == number) return std::string(known);
  return fmt::format("{}", number);
}

}  // namespace herder
