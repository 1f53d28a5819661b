#include "report/console.hpp"

#include <algorithm>
#include <atomic>
#include <unistd.h>

#include "base/text.hpp"

namespace herder::report {
namespace {

constexpr std::string_view hide_cursor = "\x1b[?25l";
constexpr std::string_view show_cursor = "\x1b[?25h";
std::atomic<bool> cursor_is_hidden{false};

}  // namespace

void restore_cursor_now() noexcept {
  if (!cursor_is_hidden.exchange(false)) return;
  [[maybe_unused]] const ssize_t sent = ::write(STDERR_FILENO, show_cursor.data(), show_cursor.size());
}

std::string cut_to_columns(std::string_view line, std::size_t width) {
  if (text::columns(line) <= width) return std::string(line);
  std::string out;
  std::size_t used = 0;
  while (!line.empty()) {
    std::size_t bytes = 1;
    while (bytes < line.size() && (static_cast<unsigned char>(line[bytes]) & 0xC0U) == 0x80U) ++bytes;
    const std::size_t columns = text::columns(line.substr(0, bytes));
    if (used + columns > width) break;
    out += line.substr(0, bytes);
    used += columns;
    line.remove_prefix(bytes);
  }
  return out;
}

Console::Console(Sink& out, Sink& err, const Terminal& terminal, bool color_out, bool color_err)
    : out_(&out), err_(&err), terminal_(&terminal), paint_out_(color_out), paint_err_(color_err) {}

Console::~Console() {
  hide_area();
  if (cursor_hidden_) err_->write(show_cursor);
  if (cursor_hidden_) cursor_is_hidden = false;
  flush();
}

Sink& Console::out() {
  hide_area();
  if (!last_was_out_) err_->flush();
  last_was_out_ = true;
  ++writes_;
  return *out_;
}

Sink& Console::err() {
  hide_area();
  if (last_was_out_) out_->flush();
  last_was_out_ = false;
  ++writes_;
  return *err_;
}

/// Moves to the first line of the area, which is then no longer there.
std::string Console::to_area_start() {
  if (area_.empty()) return {};
  // The terminal may have become narrower since: lines then take several rows each.
  const auto width = static_cast<std::size_t>(std::max(terminal_->size().columns, 1));
  std::size_t rows = 0;
  for (const std::size_t columns : area_) rows += std::max<std::size_t>((columns + width - 1) / width, 1);
  area_.clear();
  return fmt::format("\r\x1b[{}A", rows);
}

void Console::hide_area() {
  if (area_.empty()) return;
  err_->write(to_area_start() + "\x1b[J");
  err_->flush();
}

void Console::show_area(const std::vector<std::string>& lines) {
  out_->flush();
  const TerminalSize size = terminal_->size();
  const auto width = static_cast<std::size_t>(std::max(size.columns - 1, 1));
  const auto fits = static_cast<std::size_t>(std::max(size.rows - 1, 0));
  // Written over the old lines, in one piece, so that nothing flickers.
  std::string drawn = to_area_start();
  if (!cursor_hidden_ && !lines.empty()) {
    drawn += hide_cursor;
    cursor_hidden_ = true;
    cursor_is_hidden = true;
  }
  for (std::size_t i = 0; i < std::min({lines.size(), fits, max_area_lines}); ++i) {
    const std::string line = cut_to_columns(lines[i], width);
    area_.push_back(text::columns(line));
    drawn += line + "\x1b[K\n";
  }
  err_->write(drawn + "\x1b[J");
  err_->flush();
  last_was_out_ = false;
}

void Console::flush() {
  out_->flush();
  err_->flush();
}

const std::optional<Error>& Console::failure() const {
  if (out_->failure() || err_->reader_gone()) return out_->failure();
  return err_->failure();
}

}  // namespace herder::report
