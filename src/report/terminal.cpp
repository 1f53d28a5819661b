#include "report/terminal.hpp"

#include <cstdlib>
#include <sys/ioctl.h>
#include <unistd.h>

namespace herder::report {

bool RealTerminal::out_is_terminal() const { return ::isatty(STDOUT_FILENO) == 1; }

bool RealTerminal::err_is_terminal() const { return ::isatty(STDERR_FILENO) == 1; }

bool RealTerminal::moves_cursor() const {
  const char* term = std::getenv("TERM");
  return term != nullptr && *term != 0 && std::string_view(term) != "dumb";
}

TerminalSize RealTerminal::size() const {
  winsize window{};
  for (const int fd : {STDERR_FILENO, STDOUT_FILENO})
    if (::ioctl(fd, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 && window.ws_row > 0) return {window.ws_col, window.ws_row};
  return {};
}

bool use_color(ColorMode mode, bool is_terminal, const Terminal& terminal) {
  if (mode != ColorMode::automatic) return mode == ColorMode::always;
  const char* no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != 0) return false;
  return is_terminal && terminal.moves_cursor();
}

std::string Paint::wrap(std::string_view code, std::string_view text) const {
  if (!on_ || text.empty()) return std::string(text);
  std::string out = "\x1b[";
  out += code;
  out += 'm';
  out += text;
  out += "\x1b[0m";
  return out;
}

}  // namespace herder::report
