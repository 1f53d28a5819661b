#include "report/make_reporter.hpp"

#include "base/error_format.hpp"
#include "base/text.hpp"
#include "base/units.hpp"
#include "report/file_view.hpp"
#include "report/grouped_view.hpp"
#include "report/line_view.hpp"
#include "report/progress.hpp"
#include "report/records.hpp"

namespace herder::report {
namespace {

/// Messages about the run, to standard error: warnings, retries, the recap.
class Notices : public View {
 public:
  Notices(Console& console, int verbosity, bool with_recap, bool failures, FoldHosts fold)
      : console_(&console), verbosity_(verbosity), with_recap_(with_recap), failures_(failures), fold_(fold) {}

  void warning(const Run& run, const engine::Warning& event) override {
    if (verbosity_ < 0) return;
    const std::string host = event.host ? text::printable_line(run.name(*event.host)) + ": " : "";
    console_->err().write(fmt::format("{} {}{}\n", console_->paint_err().warn("warning:"), host, format_error_line(event.what)));
    if (!event.what.help.empty()) console_->err().write(fmt::format("  help: {}\n", text::printable_line(event.what.help)));
  }

  void started(const Run& run, const engine::HostStarted& event) override {
    if (verbosity_ >= 2) console_->err().write(fmt::format("{}: attempt {}\n", text::printable_line(run.name(event.host)), event.attempt));
  }

  void retrying(const Run& run, const engine::HostRetrying& event) override {
    if (verbosity_ >= 1)
      console_->err().write(fmt::format("{}: attempt {} failed ({}); again in {}\n", text::printable_line(run.name(event.host)), event.attempt,
                                        format_error_line(event.reason), format_duration(event.wait)));
  }

  void end(const Run& run) override {
    if (failures_) write_failures(*console_, run, fold_);
    if (!with_recap_) return;
    Sink& err = console_->err();
    if (run.stop == engine::Stop::interrupted) err.write(console_->paint_err().warn("interrupted") + "\n");
    if (run.stop == engine::Stop::too_many_failed) err.write(console_->paint_err().warn("stopped early: too many hosts failed (--max-fail)") + "\n");
    const std::string line = recap(run);
    err.write((run.totals.exit_code() == 0 ? console_->paint_err().good(line) : console_->paint_err().bad(line)) + "\n");
  }

 private:
  Console* console_;
  int verbosity_;
  bool with_recap_;
  bool failures_;
  FoldHosts fold_;
};

void add_progress(Reporter& reporter, Console& console, const ReportSettings& settings) {
  Progress kind = settings.progress;
  if (kind == Progress::automatic) {
    if (settings.verbosity < 0) return;
    kind = console.terminal().err_is_terminal() && console.terminal().moves_cursor() ? Progress::live : Progress::lines;
  }
  if (kind == Progress::live) reporter.add(std::make_unique<LiveProgress>(console));
  if (kind == Progress::lines) reporter.add(std::make_unique<Heartbeat>(console));
}

void add_text(Reporter& reporter, Console& console, const ReportSettings& settings) {
  const bool quiet = settings.verbosity < 0;
  const bool fold = settings.fold.value_or(console.terminal().out_is_terminal() || quiet);
  // Lines as they come cannot be taken back when the host ends well: -q without folding waits as well.
  if (fold || quiet) {
    reporter.add(std::make_unique<GroupedView>(
        console, GroupedView::Options{.fold = fold, .only_failures = quiet, .verbosity = settings.verbosity, .fold_hosts = settings.fold_hosts}));
  } else {
    reporter.add(std::make_unique<LineView>(console, LineView::Options{.verbosity = settings.verbosity, .fold_hosts = settings.fold_hosts}));
  }
}

}  // namespace

std::unique_ptr<Reporter> make_reporter(Console& console, const ReportSettings& settings) {
  auto reporter = std::make_unique<Reporter>(console, settings.limits);
  if (!settings.output_dir.empty()) reporter->add(std::make_unique<FileView>(settings.output_dir));
  bool failures_at_end = false;
  switch (settings.format) {
    case Format::text: add_text(*reporter, console, settings); break;
    case Format::json: reporter->add(std::make_unique<JsonView>(console)); break;
    case Format::ndjson: reporter->add(std::make_unique<NdjsonView>(console)); break;
    case Format::yaml: reporter->add(std::make_unique<YamlView>(console)); break;
    case Format::csv: reporter->add(std::make_unique<CsvView>(console)); break;
  }
  // A machine reads standard output then; a person in front of standard error still wants to know.
  const bool machine = settings.format != Format::text;
  failures_at_end = machine && console.terminal().err_is_terminal() && !console.terminal().out_is_terminal();
  const bool recap = !machine || failures_at_end;
  reporter->add(std::make_unique<Notices>(console, settings.verbosity, recap, failures_at_end, settings.fold_hosts));
  add_progress(*reporter, console, settings);
  return reporter;
}

}  // namespace herder::report
