// How far a run is: a live area for a person, a line now and then for a log.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "report/console.hpp"
#include "report/run.hpp"

namespace herder::report {

/// Counts what runs, how fast hosts end, and which have run longest. All figures from event times, so that tests have a clock.
class Pace {
 public:
  void begin(const Run& run);
  void started(const Run& run, const engine::HostStarted& event);
  void ended(engine::HostIndex host);
  void tick(const Run& run);

  /// Hosts that ended per second, over the last ten seconds or less.
  [[nodiscard]] double per_second() const;
  /// Time until the last host, if the pace stays. Nothing when there is no pace yet.
  [[nodiscard]] std::optional<Duration> remaining(const Run& run) const;
  [[nodiscard]] std::size_t running() const noexcept { return by_start_.size(); }
  /// The hosts that have run longest, at most `count`, longest first.
  [[nodiscard]] std::vector<std::pair<engine::HostIndex, Duration>> slowest(const Run& run, std::size_t count) const;

 private:
  std::set<std::pair<TimePoint, engine::HostIndex>> by_start_;
  std::vector<std::optional<TimePoint>> since_;  // by host
  std::deque<std::pair<TimePoint, std::uint64_t>> samples_;
};

/// The area: a bar, counts, pace, and up to five slow hosts. Redrawn at most ten times a second, first after half a second.
class LiveProgress : public View {
 public:
  explicit LiveProgress(Console& console) : console_(&console) {}
  void begin(const Run& run) override;
  void started(const Run& run, const engine::HostStarted& event) override { pace_.started(run, event); }
  void result(const Run&, const HostResult& result) override { pace_.ended(result.host); }
  void tick(const Run& run) override;
  void end(const Run&) override { console_->hide_area(); }

  [[nodiscard]] std::vector<std::string> lines(const Run& run) const;

 private:
  Console* console_;
  Pace pace_;
  std::optional<TimePoint> drawn_;
};

/// One line to standard error after 30 s in which nothing was written.
class Heartbeat : public View {
 public:
  explicit Heartbeat(Console& console) : console_(&console) {}
  void begin(const Run& run) override;
  void started(const Run& run, const engine::HostStarted& event) override { pace_.started(run, event); }
  void result(const Run&, const HostResult& result) override { pace_.ended(result.host); }
  void tick(const Run& run) override;

  static constexpr Duration silence = std::chrono::seconds(30);

 private:
  Console* console_;
  Pace pace_;
  std::uint64_t writes_ = 0;
  TimePoint last_{};
};

}  // namespace herder::report
