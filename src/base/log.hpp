// Diagnostic log: events with fields, for the person who looks for a fault. Results and reports are not logs (room report).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace herder::log {

enum class Level : std::uint8_t { error, warn, info, debug, trace };

struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;
  Field(std::string_view field, std::string_view text) : name(field), value(text) {}
  Field(std::string_view field, const std::string& text) : name(field), value(std::string_view(text)) {}
  Field(std::string_view field, const char* text) : name(field), value(std::string_view(text)) {}
  Field(std::string_view field, bool truth) : name(field), value(truth) {}
  Field(std::string_view field, int number) : name(field), value(std::int64_t{number}) {}
  Field(std::string_view field, std::int64_t number) : name(field), value(number) {}
  Field(std::string_view field, std::size_t number) : name(field), value(static_cast<std::int64_t>(number)) {}
  Field(std::string_view field, double number) : name(field), value(number) {}
};

/// Events above this level cost one comparison. Level `warn` at start; -v info, -vv debug, -vvv trace.
void set_level(Level level) noexcept;
bool enabled(Level level) noexcept;

/// Where events go: a file descriptor (stderr at start). Lines are "warn ssh.retry host=web1 wait_ms=200", redacted, made
/// printable, written whole. Thread-safe.
void set_output(int fd) noexcept;

void event(Level level, std::string_view name, std::initializer_list<Field> fields = {});
inline void error(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::error, name, fields); }
inline void warn(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::warn, name, fields); }
inline void info(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::info, name, fields); }
inline void debug(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::debug, name, fields); }
inline void trace(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::trace, name, fields); }

}  // namespace herder::log
