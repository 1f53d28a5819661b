#include "report/progress.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/units.hpp"

namespace herder::report {
namespace {

constexpr Duration pace_window = std::chrono::seconds(10);
constexpr Duration first_drawing = std::chrono::milliseconds(500);
constexpr Duration between_drawings = std::chrono::milliseconds(100);
constexpr std::size_t slow_hosts_shown = 5;
constexpr Duration slow_from = std::chrono::seconds(1);
constexpr std::size_t bar_columns = 30;

double seconds_of(Duration span) { return std::chrono::duration<double>(span).count(); }

/// "8 s", "2 m 05 s": tenths would only flicker.
std::string rough(Duration span) { return format_duration(std::chrono::floor<std::chrono::seconds>(span)); }
std::string rough_up(Duration span) { return format_duration(std::chrono::ceil<std::chrono::seconds>(span)); }

std::string bar(std::uint64_t done, std::uint64_t total) {
  const std::size_t full = total == 0 ? bar_columns : static_cast<std::size_t>(done * bar_columns / total);
  std::string out = "[" + std::string(full, '=');
  if (full < bar_columns) out += ">" + std::string(bar_columns - full - 1, '.');
  return out + "]";
}

std::string rate_text(double rate) { return rate >= 10 ? fmt::format("{:.0f}/s", rate) : fmt::format("{:.1f}/s", rate); }

}  // namespace

void Pace::begin(const Run& run) {
  since_.assign(run.info.hosts.size(), std::nullopt);
  samples_.assign(1, {run.now, 0});
}

void Pace::started(const Run&, const engine::HostStarted& event) {
  if (since_[event.host]) return;  // a further attempt: the person waits since the first
  since_[event.host] = event.at;
  by_start_.emplace(event.at, event.host);
}

void Pace::ended(engine::HostIndex host) {
  if (!since_[host]) return;
  by_start_.erase({*since_[host], host});
  since_[host].reset();
}

void Pace::tick(const Run& run) {
  samples_.emplace_back(run.now, run.done());
  while (samples_.size() > 2 && run.now - samples_[1].first >= pace_window) samples_.pop_front();
}

double Pace::per_second() const {
  const double span = seconds_of(samples_.back().first - samples_.front().first);
  return span <= 0 ? 0 : static_cast<double>(samples_.back().second - samples_.front().second) / span;
}

std::optional<Duration> Pace::remaining(const Run& run) const {
  const double rate = per_second();
  const std::uint64_t left = run.info.hosts.size() - run.done();
  if (rate < 0.01) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(static_cast<double>(left) / rate));
}

std::vector<std::pair<engine::HostIndex, Duration>> Pace::slowest(const Run& run, std::size_t count) const {
  std::vector<std::pair<engine::HostIndex, Duration>> out;
  for (const auto& [since, host] : by_start_) {
    if (out.size() == count) break;
    out.emplace_back(host, run.now - since);
  }
  return out;
}

void LiveProgress::begin(const Run& run) { pace_.begin(run); }

void LiveProgress::tick(const Run& run) {
  pace_.tick(run);
  if (run.elapsed() < first_drawing || (drawn_ && run.now - *drawn_ < between_drawings)) return;
  drawn_ = run.now;
  console_->show_area(lines(run));
}

std::vector<std::string> LiveProgress::lines(const Run& run) const {
  const std::uint64_t total = run.info.hosts.size();
  const engine::Totals& totals = run.totals;
  std::vector<std::string> out;
  std::string first = fmt::format("{} {}/{} hosts", bar(run.done(), total), run.done(), total);
  if (const double rate = pace_.per_second(); rate > 0) first += "  " + rate_text(rate);
  if (const auto left = pace_.remaining(run); left && run.done() < total) first += fmt::format("  {} left", rough_up(*left));
  first += fmt::format("  {} so far", rough(run.elapsed()));
  out.push_back(std::move(first));
  const std::uint64_t failed = totals.failed + totals.timeout + totals.cancelled;
  std::string counts = fmt::format("{} ok", totals.ok);
  if (failed > 0) counts += fmt::format(", {} failed", failed);
  if (totals.unreachable > 0) counts += fmt::format(", {} unreachable", totals.unreachable);
  counts += fmt::format(", {} running", pace_.running());
  const std::uint64_t waiting = total - std::min<std::uint64_t>(total, run.done() + pace_.running());
  if (waiting > 0) counts += fmt::format(", {} waiting", waiting);
  out.push_back(std::move(counts));
  for (const auto& [host, span] : pace_.slowest(run, slow_hosts_shown))
    if (span >= slow_from) out.push_back(fmt::format("{:>10}  {}", rough(span), text::printable_line(run.name(host))));
  return out;
}

void Heartbeat::begin(const Run& run) {
  pace_.begin(run);
  last_ = run.now;
  writes_ = console_->writes();
}

void Heartbeat::tick(const Run& run) {
  pace_.tick(run);
  if (writes_ != console_->writes()) {
    writes_ = console_->writes();
    last_ = run.now;
  }
  if (run.now - last_ < silence) return;
  std::string line = fmt::format("herder: {} of {} done, {} running", run.done(), count_hosts(run.info.hosts.size()), pace_.running());
  const auto slow = pace_.slowest(run, 1);
  if (!slow.empty()) line += fmt::format(", longest {} ({})", text::printable_line(run.name(slow[0].first)), rough(slow[0].second));
  console_->err().write(line + "\n");
  console_->flush();
  last_ = run.now;
  writes_ = console_->writes();
}

}  // namespace herder::report
