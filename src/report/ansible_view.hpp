// Output as `ansible` (ad hoc) of ansible-core 2.19 writes it: its minimal and one-line forms, and its files with --tree.
#pragma once

#include "report/console.hpp"
#include "report/run.hpp"
#include "value/value.hpp"

namespace herder::report {

struct AnsibleStyle {
  std::string module = "command";  // command, shell, raw, script or ping
  std::string arguments;           // what -a said, without options such as chdir=
  Value task_arguments;            // all of -a as ansible parses it, for its error messages: {'chdir': '/tmp', '_raw_params': 'ls'}
  int task_timeout_s = 0;          // --task-timeout
  std::string ping_data = "pong";  // ping's data=
  bool one_line = false;           // -o
  std::string tree;                // -t: a directory, or empty
};

/// Results as hosts end. Control characters of hosts are shown as escapes, which is the one difference to the original.
/// How outcomes map: ok -> CHANGED (ping: SUCCESS), unreachable -> UNREACHABLE!, everything else -> FAILED.
class AnsibleView : public View {
 public:
  AnsibleView(Console& console, AnsibleStyle style) : console_(&console), style_(std::move(style)) {}
  [[nodiscard]] Needs needs() const override { return Needs::at_result; }
  void begin(const Run& run) override;
  void result(const Run& run, const HostResult& result) override;
  [[nodiscard]] const std::optional<Error>& failure() const override { return failure_; }

 private:
  [[nodiscard]] Value result_value(const Run& run, const HostResult& result);
  [[nodiscard]] std::string stream_text(const Run& run, OutputId id);
  void show(const std::string& host, const HostResult& result, const Value& value);
  void display(std::string_view text, std::string_view color);
  void show_error(const HostResult& result, const Value& value);
  void write_tree(const std::string& host, const Value& value);
  [[nodiscard]] bool plain_form() const;

  Console* console_;
  AnsibleStyle style_;
  std::optional<Error> failure_;
};

/// ansible's exit code: 4 when any host was unreachable, else 2 when any failed, else 0.
int ansible_exit_code(const engine::Totals& totals) noexcept;

/// textwrap.shorten() of Python: blanks collapsed; what is longer than `width` characters ends at a word (or after a hyphen inside
/// one) with " [...]".
std::string python_shorten(std::string_view text, std::size_t width);

/// str.splitlines() of Python.
std::vector<std::string> python_lines(std::string_view text);

}  // namespace herder::report
