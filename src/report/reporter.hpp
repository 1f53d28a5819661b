// The subscriber that reports a run: keeps what hosts print within bounds, tells the views, works out the exit code.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/redact.hpp"
#include "report/console.hpp"
#include "report/run.hpp"

namespace herder::report {

/// One run each. One thread. Borrows the console. Hosts' output is redacted before anything sees or stores it.
class Reporter : public engine::Subscriber {
 public:
  Reporter(Console& console, StoreLimits limits);
  ~Reporter() override;
  /// Views are told in the order in which they were added. Before the run begins.
  void add(std::unique_ptr<View> view);

  using Subscriber::on;
  void on(const engine::RunStarted& event) override;
  void on(const engine::HostStarted& event) override;
  void on(const engine::HostRetrying& event) override;
  void on(const engine::Output& event) override;
  void on(const engine::HostFinished& event) override;
  void on(const engine::Tick& event) override;
  void on(const engine::Warning& event) override;
  void on(const engine::RunFinished& event) override;
  [[nodiscard]] bool must_stop() const override;

  /// After RunFinished: 130 interrupted; 1 when results could not be kept or shown (said on standard error); else as the hosts did.
  [[nodiscard]] int exit_code() const;
  [[nodiscard]] const Run& run() const noexcept { return run_; }
  [[nodiscard]] const OutputStore& store() const noexcept { return store_; }

 private:
  struct Capture;
  Capture& capture(engine::HostIndex host);
  void pass_on(engine::HostIndex host, engine::Stream stream, std::string_view bytes);
  void drop_capture(engine::HostIndex host);
  void end_streams(engine::HostIndex host);
  [[nodiscard]] const Error* failure() const;

  Console* console_;
  OutputStore store_;
  Run run_;
  std::vector<std::unique_ptr<View>> views_;
  std::vector<std::unique_ptr<Capture>> captures_;  // of hosts that run
  Needs needs_ = Needs::nothing;
};

}  // namespace herder::report
