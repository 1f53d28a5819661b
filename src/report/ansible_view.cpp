#include "report/ansible_view.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "report/file_view.hpp"
#include "report/printable_stream.hpp"
#include "value/json.hpp"
#include "value/python_literal.hpp"

namespace herder::report {
namespace {

using engine::Status;

// ansible's own colours: COLOR_OK green, COLOR_CHANGED yellow, COLOR_ERROR red, COLOR_UNREACHABLE bright red.
constexpr std::size_t shown_task_columns = 120;
constexpr std::string_view color_ok = "0;32";
constexpr std::string_view color_changed = "0;33";
constexpr std::string_view color_error = "0;31";
constexpr std::string_view color_unreachable = "1;31";

/// "0:00:01.000250", as Python writes a timedelta.
std::string timedelta(Duration span) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(span).count();
  const auto seconds = us / 1'000'000;
  const auto days = seconds / 86'400;
  std::string out = days == 0 ? "" : fmt::format("{} day{}, ", days, days == 1 ? "" : "s");
  return out + fmt::format("{}:{:02}:{:02}.{:06}", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60, us % 1'000'000);
}

std::string local_time(std::int64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                     parts.tm_min, parts.tm_sec, ms % 1000 * 1000);
}

/// JSON for a terminal: what it would obey becomes \uXXXX, which means the same to a reader of JSON.
std::string safe_json(std::string_view json) {
  std::string out;
  while (!json.empty()) {
    const utf8::Step step = utf8::decode(json);
    if (step.size > 0 && !text::is_printable(step.code) && step.code < 0x10000) out += fmt::format("\\u{:04x}", static_cast<unsigned>(step.code));
    else out += json.substr(0, std::max(1U, step.size));
    json.remove_prefix(std::max(1U, step.size));
  }
  return out;
}

/// All on one line, as ansible's one-line form has it: line breaks and indentation taken away, no blank after commas.
std::string squeezed(const Value& value) {
  const std::string tall = value::print_json(value, {.indent = 1, .sort_keys = true, .ascii = false});
  std::string out;
  for (std::size_t i = 0; i < tall.size(); ++i) {
    if (tall[i] != '\n') {
      out += tall[i];
      continue;
    }
    while (i + 1 < tall.size() && tall[i + 1] == ' ') ++i;
  }
  return out;
}

Value lines_value(std::string_view text) {
  value::ListBuilder list;
  for (const std::string& line : python_lines(text)) list.push_back(Value(line));
  return std::move(list).build();
}

std::string_view string_in(const Value& value, std::string_view key) {
  const Value* found = value.find(key);
  return found == nullptr ? std::string_view() : found->as_string();
}

std::string escaped_breaks(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else out += c;
  }
  return out;
}

}  // namespace

int ansible_exit_code(const engine::Totals& totals) noexcept {
  if (totals.unreachable > 0) return 4;
  return totals.exit_code();
}

namespace {

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0; }
bool is_letter(char c) { return is_word(c) && std::isdigit(static_cast<unsigned char>(c)) == 0; }

/// May a line end behind the hyphen at `at`? Between two parts of a word that end and go on with letters.
bool breaks_behind(std::string_view word, std::size_t at) {
  if (word[at] != '-' || at < 2 || !is_letter(word[at - 1]) || !is_word(word[at - 2])) return false;
  std::size_t end = at + 1;
  while (end < word.size() && is_word(word[end])) ++end;
  for (std::size_t i = at + 2; i < end; ++i)
    if (is_letter(word[i])) return true;
  return false;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string python_shorten(std::string_view text, std::size_t width) {
  constexpr std::string_view placeholder = " [...]";
  std::vector<std::string_view> chunks;  // words and parts of words; an empty one is a blank
  for (const std::string_view word : text::split(text, ' ')) {
    if (word.empty()) continue;
    if (!chunks.empty()) chunks.emplace_back();
    std::size_t start = 0;
    for (std::size_t i = 0; i < word.size(); ++i)
      if (breaks_behind(word, i)) {
        chunks.push_back(word.substr(start, i + 1 - start));
        start = i + 1;
      }
    chunks.push_back(word.substr(start));
  }
  const auto size_of = [](std::string_view chunk) { return chunk.empty() ? 1 : characters(chunk); };
  std::size_t used = 0;
  std::size_t kept = 0;
  while (kept < chunks.size() && used + size_of(chunks[kept]) <= width) used += size_of(chunks[kept++]);
  const bool whole = kept == chunks.size();
  while (!whole && kept > 0 && (chunks[kept - 1].empty() || used + placeholder.size() > width)) used -= size_of(chunks[--kept]);
  std::string out;
  for (std::size_t i = 0; i < kept; ++i) out += chunks[i].empty() ? " " : chunks[i];
  if (!whole) out += kept == 0 ? placeholder.substr(1) : placeholder;
  return out;
}

std::vector<std::string> python_lines(std::string_view text) {
  std::vector<std::string> out;
  std::string line;
  bool open = false;
  while (!text.empty()) {
    const utf8::Step step = utf8::decode(text);
    const char32_t c = step.size == 0 ? 0 : step.code;
    const bool ends = (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
    std::size_t size = std::max(1U, step.size);
    if (ends) {
      if (text.starts_with("\r\n")) size = 2;
      out.push_back(std::exchange(line, {}));
    } else {
      line += text.substr(0, size);
    }
    open = !ends;
    text.remove_prefix(size);
  }
  if (open) out.push_back(std::move(line));
  return out;
}

void AnsibleView::begin(const Run&) {
  if (style_.tree.empty()) return;
  style_.tree = expand_user(style_.tree);
  if (auto made = make_directories(style_.tree); !made) failure_ = std::move(made).error();
}

/// command, shell and raw print their output plainly; script and ping as JSON.
bool AnsibleView::plain_form() const { return style_.module == "command" || style_.module == "shell" || style_.module == "raw"; }

std::string AnsibleView::stream_text(const Run& run, OutputId id) {
  auto text = run.store->text(id, UINT64_MAX);
  if (!text) {
    if (!failure_) failure_ = std::move(text).error();
    return {};
  }
  std::string out = *std::move(text);
  if (style_.module == "command" || style_.module == "shell")
    while (!out.empty() && (out.back() == '\n' || out.back() == '\r')) out.pop_back();
  return out;
}

Value AnsibleView::result_value(const Run& run, const HostResult& result) {
  value::MapBuilder map;
  const bool ran = result.exit_code.has_value() || !result.signal.empty();
  if (result.status == Status::unreachable) {
    map.set("changed", Value(false));
    const std::string why = result.error ? result.error->what : "the connection was lost";
    map.set("msg", Value("Task failed: Failed to connect to the host via ssh: " + why));
    map.set("unreachable", Value(true));
    return std::move(map).build();
  }
  if (!ran && result.status != Status::ok) {
    map.set("changed", Value(false));
    map.set("msg", Value(result.error ? "Task failed: " + result.error->what : "Task failed: " + describe(result)));
    return std::move(map).build();
  }
  if (style_.module == "ping") {
    map.set("changed", Value(false));
    map.set("ping", Value(style_.ping_data));
    return std::move(map).build();
  }
  const std::string out = stream_text(run, result.out);
  const std::string err = stream_text(run, result.err);
  const bool timed = style_.module == "command" || style_.module == "shell";
  map.set("changed", Value(true));
  if (timed) {
    const auto words = text::shell_split(style_.arguments);
    value::ListBuilder list;
    if (words)
      for (const std::string& word : *words) list.push_back(Value(word));
    map.set("cmd", style_.module == "shell" ? Value(style_.arguments) : std::move(list).build());
    const std::int64_t now = wall_now_ms();
    map.set("delta", Value(timedelta(result.took)));
    map.set("end", Value(local_time(now)));
    map.set("start", Value(local_time(now - std::chrono::duration_cast<std::chrono::milliseconds>(result.took).count())));
  }
  if (result.status != Status::ok) map.set("msg", Value("non-zero return code"));
  else if (timed) map.set("msg", Value(""));
  map.set("rc", Value(result.exit_code ? *result.exit_code : -1));
  map.set("stderr", Value(err));
  map.set("stderr_lines", lines_value(err));
  map.set("stdout", Value(out));
  map.set("stdout_lines", lines_value(out));
  return std::move(map).build();
}

/// Text as ansible displays it: each line in the colour, by itself.
void AnsibleView::display(std::string_view text, std::string_view color) {
  Sink& out = console_->out();
  WholeCharacters whole;
  const std::string safe = text::printable(whole.feed(text) + whole.finish());
  if (!console_->paint_out().on()) {
    out.write(safe + "\n");
    return;
  }
  for (const std::string_view line : text::split(safe, '\n')) out.write(fmt::format("\x1b[{}m{}\x1b[0m\n", color, line));
}

/// What ansible prints above a failed result of the minimal form: the reason, and the task that it comes from.
void AnsibleView::show_error(const HostResult& result, const Value& value) {
  const bool ran = result.exit_code.has_value() || !result.signal.empty();
  const bool is_action = style_.module == "raw" || style_.module == "script";
  std::string why(string_in(value, "msg"));
  if (ran) why = fmt::format("Task failed: {} failed: {}", is_action ? "Action" : "Module", why);
  const Value arguments = style_.task_arguments.is_map() ? style_.task_arguments : Value::empty_map();
  const Value task = Value::map({{"action", Value(style_.module)}, {"args", arguments}, {"timeout", Value(style_.task_timeout_s)},
                                 {"async_val", Value(0)}, {"poll", Value(15)}});
  display(fmt::format("[ERROR]: {}\nOrigin: <adhoc '{}' task>\n\n{}\n", why, style_.module,
                      python_shorten(value::python_repr(task), shown_task_columns)),
          color_error);
}

void AnsibleView::show(const std::string& host, const HostResult& result, const Value& value) {
  const bool good = result.status == Status::ok;
  const bool changed = value.get("changed").truthy();
  const std::string_view color = !good ? color_error : changed ? color_changed : color_ok;
  const std::string caption = good ? (changed ? "CHANGED" : "SUCCESS") : "FAILED";
  if (!good && !style_.one_line) show_error(result, value);
  const auto json = [&] { return safe_json(style_.one_line ? squeezed(value) : value::print_json(value, {.indent = 4, .sort_keys = true, .ascii = false})); };
  if (result.status == Status::unreachable) {
    if (style_.one_line) display(fmt::format("{} | UNREACHABLE!: {}", host, string_in(value, "msg")), color_unreachable);
    else display(fmt::format("{} | UNREACHABLE! => {}", host, json()), color_unreachable);
    return;
  }
  const Value rc = value.get("rc");
  const std::int64_t code = rc.is_int() ? rc.as_int() : -1;
  if (plain_form() && style_.one_line) {
    std::string text = fmt::format("{} | {} | rc={} | (stdout) {}", host, caption, code, escaped_breaks(string_in(value, "stdout")));
    if (!string_in(value, "stderr").empty()) text += fmt::format(" (stderr) {}", escaped_breaks(string_in(value, "stderr")));
    display(text, color);
    if (good) return;
  } else if (plain_form()) {
    display(fmt::format("{} | {} | rc={} >>\n{}{}{}", host, caption, code, string_in(value, "stdout"), string_in(value, "stderr"),
                        string_in(value, "msg")),
            color);
    return;
  }
  display(fmt::format("{} | {}{} => {}", host, caption, good ? "" : "!", json()), color);
}

void AnsibleView::write_tree(const std::string& host, const Value& value) {
  auto done = write_file_atomically(style_.tree + "/" + file_name_for(host), value::print_json(value, {.sort_keys = true, .ascii = false}));
  if (!done && !failure_) failure_ = std::move(done).error();
}

void AnsibleView::result(const Run& run, const HostResult& result) {
  const Value value = result_value(run, result);
  show(text::printable_line(run.name(result.host)), result, value);
  if (!style_.tree.empty() && !failure_) write_tree(run.name(result.host), value);
}

}  // namespace herder::report
