#include "base/log.hpp"

#include <atomic>
#include <cerrno>
#include <mutex>

#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>

#include "base/redact.hpp"
#include "base/text.hpp"

namespace herder::log {
namespace {

constexpr std::size_t shown_field_bytes = 2000;

std::atomic<Level> current_level{Level::warn};
std::atomic<int> output_fd{STDERR_FILENO};
std::mutex write_mutex;  // keeps lines whole

std::string_view name_of(Level level) noexcept {
  switch (level) {
    case Level::error: return "error";
    case Level::warn: return "warn";
    case Level::info: return "info";
    case Level::debug: return "debug";
    case Level::trace: return "trace";
  }
  return "error";
}

bool is_plain(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (const char c : text)
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return false;  // also bytes above 127 where char is signed
  return true;
}

/// As it is when plain, else in double quotes with \" \\ \n \t escaped: one event stays one line.
std::string shown_text(std::string_view text) {
  if (is_plain(text) && text.size() <= shown_field_bytes) return std::string(text);
  std::string out = "\"";
  for (const char c : text::printable(text::cut(text, shown_field_bytes))) {
    if (c == '"') out += "\\\"";
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else out += c;
  }
  if (text.size() > shown_field_bytes) out += "...";
  return out + '"';
}

std::string shown(const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) return shown_text(redactor().redact(*text));
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) return fmt::format("{}", *number);
  if (const auto* number = std::get_if<double>(&field.value)) return fmt::format("{:.6g}", *number);
  return std::get<bool>(field.value) ? "true" : "false";
}

void write_whole(int fd, std::string_view line) noexcept {
  while (!line.empty()) {
    const ssize_t wrote = ::write(fd, line.data(), line.size());
    if (wrote > 0) line.remove_prefix(static_cast<std::size_t>(wrote));
    else if (wrote < 0 && errno == EAGAIN) {
      pollfd wait{.fd = fd, .events = POLLOUT, .revents = 0};
      if (::poll(&wait, 1, 1000) <= 0) return;  // a reader that stands still costs log lines, not the run
    } else if (wrote == 0 || errno != EINTR) return;
  }
}

}  // namespace

void set_level(Level level) noexcept { current_level.store(level, std::memory_order_relaxed); }
bool enabled(Level level) noexcept { return level <= current_level.load(std::memory_order_relaxed); }
void set_output(int fd) noexcept { output_fd.store(fd, std::memory_order_relaxed); }

void event(Level level, std::string_view name, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  std::string line = fmt::format("{} {}", name_of(level), name);
  for (const Field& field : fields) line += fmt::format(" {}={}", field.name, shown(field));
  line = redactor().redact(line);
  line += '\n';
  const std::lock_guard lock(write_mutex);
  write_whole(output_fd.load(std::memory_order_relaxed), line);
}

}  // namespace herder::log
