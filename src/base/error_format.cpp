#include "base/error_format.hpp"

#include <cstdio>
#include <memory>

#include "base/text.hpp"

namespace herder {
namespace {

constexpr std::size_t shown_line_bytes = 240;
constexpr std::size_t steps_shown = 3;

std::string line_of_file(const std::string& path, int number) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "re"));
  if (!file) return {};
  std::string line;
  for (int current = 1, byte = 0; (byte = std::fgetc(file.get())) != EOF;) {
    if (byte == '\n') {
      if (current++ == number) return line;
      continue;
    }
    if (current == number && line.size() < 4 * shown_line_bytes) line += static_cast<char>(byte);
  }
  return line;
}

struct Paint {
  bool on;
  std::string operator()(std::string_view code, std::string_view text) const {
    return on ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }
};

/// The source line with a caret below; tabs become single spaces so that the caret stands right.
std::string excerpt(const Where& where, Paint paint) {
  std::string line = where.text.empty() ? line_of_file(where.file, where.line) : where.text;
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  if (text::trim(line).empty()) return {};
  for (char& c : line)
    if (c == '\t') c = ' ';
  line = text::printable(text::cut(line, shown_line_bytes));
  const std::string number = fmt::format("{}", where.line);
  std::string out = fmt::format("  {} {} {}\n", paint("34", fmt::format("{:>4}", number)), paint("34", "|"), line);
  if (where.column > 0 && where.column <= static_cast<int>(shown_line_bytes))
    out += fmt::format("  {:>4} {} {}{}\n", "", paint("34", "|"), std::string(static_cast<std::size_t>(where.column) - 1, ' '),
                       paint("1;31", "^"));
  return out;
}

std::string place(const Where& where) {
  std::string out = where.file;
  if (where.line > 0) out += fmt::format(":{}", where.line);
  if (where.line > 0 && where.column > 0) out += fmt::format(":{}", where.column);
  return out;
}

}  // namespace

std::string format_error(const Error& failure, ErrorStyle style) {
  const Paint paint{style.color};
  std::string out = fmt::format("{} {}\n", paint("1;31", "error:"), text::printable(failure.what));
  if (!failure.where.file.empty()) {
    out += fmt::format("  {} {}\n", paint("34", "-->"), text::printable(place(failure.where)));
    if (failure.where.line > 0) out += excerpt(failure.where, paint);
  }
  const std::size_t shown = style.verbosity > 0 ? failure.via.size() : std::min(failure.via.size(), steps_shown);
  for (std::size_t i = 0; i < shown; ++i) out += fmt::format("  while {}\n", text::printable(failure.via[i]));
  if (shown < failure.via.size()) out += fmt::format("  ... and {} more steps (-v shows them)\n", failure.via.size() - shown);
  if (!failure.help.empty()) out += fmt::format("  {} {}\n", paint("1;36", "help:"), text::printable(failure.help));
  return out;
}

std::string format_error_line(const Error& failure) {
  std::string out = text::printable(failure.what);
  if (!failure.where.file.empty()) out += fmt::format(" ({})", text::printable(place(failure.where)));
  else if (!failure.via.empty()) out += fmt::format(" ({})", text::printable(failure.via.front()));
  return out;
}

}  // namespace herder
