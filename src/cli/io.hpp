// What a command has around it: outputs, terminal, environment. Tests put their own in place.
#pragma once

#include "report/sink.hpp"
#include "report/terminal.hpp"

namespace herder::cli {

/// Borrowed for the length of a command.
struct Io {
  report::Sink& out;  // data
  report::Sink& err;  // messages
  const report::Terminal& terminal;
  const char* (*getenv)(const char*);
  std::string program;  // how herder was called, for scripts that call it again
  bool color_out = false;
  bool color_err = false;
  int verbosity = 0;    // -v: 1 ...; -q: -1
};

/// Exit codes of herder's own commands.
namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int herder = 1;       // herder itself could not do it
inline constexpr int failed = 2;       // some hosts failed; something must be fixed (doctor)
inline constexpr int unreachable = 4;  // some hosts were unreachable; failed + unreachable = 6
inline constexpr int usage = 5;
inline constexpr int interrupted = 130;
}  // namespace exit_code

}  // namespace herder::cli
