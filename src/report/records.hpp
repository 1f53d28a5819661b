// A run for programs: NDJSON as it happens; JSON, YAML and CSV at its end, hosts in the order of the run. What the fields mean is in
// docs/events.md. All of them are safe to look at on a terminal, and need little memory whatever hosts print.
#pragma once

#include <string>
#include <string_view>

#include "report/console.hpp"
#include "report/run.hpp"

namespace herder::report {

/// Version of the records (docs/events.md): the first number changes when a reader has to change.
inline constexpr std::string_view events_version = "1.0";

/// Shared by the formats: where they write, and what went wrong while reading outputs back.
class RecordView : public View {
 public:
  explicit RecordView(Console& console) : console_(&console) {}
  [[nodiscard]] const std::optional<Error>& failure() const override { return failure_; }

 protected:
  Sink& out() { return console_->out(); }
  /// Keeps the first failure.
  void check(Result<> done);

 private:
  Console* console_;
  std::optional<Error> failure_;
};

class NdjsonView : public RecordView {
 public:
  using RecordView::RecordView;
  [[nodiscard]] Needs needs() const override { return Needs::at_result; }
  void begin(const Run& run) override;
  void retrying(const Run& run, const engine::HostRetrying& event) override;
  void result(const Run& run, const HostResult& result) override;
  void warning(const Run& run, const engine::Warning& event) override;
  void end(const Run& run) override;
};

class JsonView : public RecordView {
 public:
  using RecordView::RecordView;
  [[nodiscard]] Needs needs() const override { return Needs::until_end; }
  void end(const Run& run) override;
};

class YamlView : public RecordView {
 public:
  using RecordView::RecordView;
  [[nodiscard]] Needs needs() const override { return Needs::until_end; }
  void end(const Run& run) override;

 private:
  void output(const Run& run, std::string_view key, OutputId id, std::uint64_t dropped);
};

class CsvView : public RecordView {
 public:
  using RecordView::RecordView;
  [[nodiscard]] Needs needs() const override { return Needs::until_end; }
  void end(const Run& run) override;

 private:
  void field(const Run& run, OutputId id);
};

}  // namespace herder::report
