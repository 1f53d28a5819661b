// Standard output and standard error in the right order, with a live area of a few lines below them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/sink.hpp"
#include "report/terminal.hpp"

namespace herder::report {

/// One thread. Borrows sinks and terminal. The area is drawn on standard error; lines that are written meanwhile scroll above it.
class Console {
 public:
  Console(Sink& out, Sink& err, const Terminal& terminal, bool color_out, bool color_err);
  /// Takes the area away and gives the cursor back.
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  /// Where to write data and messages now; whole lines only. Each call takes the area away first.
  Sink& out();
  Sink& err();
  [[nodiscard]] const Paint& paint_out() const noexcept { return paint_out_; }
  [[nodiscard]] const Paint& paint_err() const noexcept { return paint_err_; }
  [[nodiscard]] const Terminal& terminal() const noexcept { return *terminal_; }

  /// Draws these lines (already safe) as the area, each cut to the width of the terminal; not more than fit, nor than `max_area_lines`.
  void show_area(const std::vector<std::string>& lines);
  void hide_area();
  /// Sends everything.
  void flush();

  /// How often anything was written apart from the area: tells silence.
  [[nodiscard]] std::uint64_t writes() const noexcept { return writes_; }
  /// The failure of either output. That of standard error counts only when it is not a closed pipe.
  [[nodiscard]] const std::optional<Error>& failure() const;
  [[nodiscard]] bool reader_gone() const { return out_->reader_gone(); }

  static constexpr std::size_t max_area_lines = 12;

 private:
  [[nodiscard]] std::string to_area_start();

  Sink* out_;
  Sink* err_;
  const Terminal* terminal_;
  Paint paint_out_, paint_err_;
  bool last_was_out_ = false;
  bool cursor_hidden_ = false;
  std::vector<std::size_t> area_;  // columns of each line on the screen
  std::uint64_t writes_ = 0;
};

/// For a process that has to stop at once (signal handlers may call it): shows the cursor again if a Console hid it.
void restore_cursor_now() noexcept;

/// The first `width` columns of a line without colours in it.
std::string cut_to_columns(std::string_view line, std::size_t width);

}  // namespace herder::report
