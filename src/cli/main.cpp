// herder: words in, exit code out. Everything is in the table of commands (commands.cpp).
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <unistd.h>

#include "cli/commands.hpp"

namespace {

const char* environment(const char* name) { return std::getenv(name); }

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(), which the sinks handle
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  const herder::report::RealTerminal terminal;
  herder::report::FdSink out(STDOUT_FILENO, "standard output");
  herder::report::FdSink err(STDERR_FILENO, "standard error");
  herder::cli::Io io{.out = out, .err = err, .terminal = terminal, .getenv = environment, .program = argc > 0 ? argv[0] : "herder"};
  return herder::cli::run_program(io.program, words, io);
}
