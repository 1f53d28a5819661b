// For tests of this room: an Io without a process around it.
#pragma once

#include <map>
#include <string>

#include "cli/io.hpp"

namespace herder::cli {

/// Not a terminal unless told so.
class FakeTerminal : public report::Terminal {
 public:
  bool out = false, err = false, moves = true;
  report::TerminalSize dimensions{80, 24};
  [[nodiscard]] bool out_is_terminal() const override { return out; }
  [[nodiscard]] bool err_is_terminal() const override { return err; }
  [[nodiscard]] bool moves_cursor() const override { return moves; }
  [[nodiscard]] report::TerminalSize size() const override { return dimensions; }
};

inline std::map<std::string, std::string>& fake_environment() {
  static std::map<std::string, std::string> all;
  return all;
}
inline const char* fake_getenv(const char* name) {
  const auto found = fake_environment().find(name);
  return found == fake_environment().end() ? nullptr : found->second.c_str();
}

struct FakeIo {
  report::StringSink out, err;
  FakeTerminal terminal;
  Io io{.out = out, .err = err, .terminal = terminal, .getenv = fake_getenv, .program = "herder"};
  FakeIo() { fake_environment().clear(); }
};

}  // namespace herder::cli
