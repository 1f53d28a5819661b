// What is known about the terminal in front of a person, and herder's few colours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace herder::report {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
};

/// Asked anew whenever it matters, so that resizing needs no signal. Tests have their own.
class Terminal {
 public:
  virtual ~Terminal() = default;
  [[nodiscard]] virtual bool out_is_terminal() const = 0;  // standard output
  [[nodiscard]] virtual bool err_is_terminal() const = 0;  // standard error
  [[nodiscard]] virtual bool moves_cursor() const = 0;     // TERM is set and not "dumb"
  [[nodiscard]] virtual TerminalSize size() const = 0;
};

/// The process's own terminal (descriptors 1 and 2).
class RealTerminal : public Terminal {
 public:
  [[nodiscard]] bool out_is_terminal() const override;
  [[nodiscard]] bool err_is_terminal() const override;
  [[nodiscard]] bool moves_cursor() const override;
  [[nodiscard]] TerminalSize size() const override;
};

enum class ColorMode : std::uint8_t { automatic, always, never };
/// Colour on a stream: asked for, or automatic on a terminal that is not dumb and without NO_COLOR (any non-empty value).
bool use_color(ColorMode mode, bool is_terminal, const Terminal& terminal);

/// Wraps text in a colour, or leaves it alone.
class Paint {
 public:
  explicit Paint(bool on) noexcept : on_(on) {}
  [[nodiscard]] std::string good(std::string_view text) const { return wrap("32", text); }
  [[nodiscard]] std::string bad(std::string_view text) const { return wrap("31", text); }
  [[nodiscard]] std::string warn(std::string_view text) const { return wrap("33", text); }
  [[nodiscard]] std::string dim(std::string_view text) const { return wrap("2", text); }
  [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
  /// Any SGR parameters: "0;35".
  [[nodiscard]] std::string wrap(std::string_view code, std::string_view text) const;
  [[nodiscard]] bool on() const noexcept { return on_; }

 private:
  bool on_;
};

}  // namespace herder::report
