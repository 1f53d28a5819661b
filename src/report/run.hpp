// What is known about a run while it is reported, and the interface of everything that shows it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/event.hpp"
#include "report/output_store.hpp"

namespace herder::report {

/// The outcome of a host with what it printed. Output ids are good as long as the view asked for (View::needs).
struct HostResult {
  engine::HostIndex host = 0;
  engine::Status status = engine::Status::ok;
  std::optional<int> exit_code;
  std::string signal;
  std::optional<Error> error;
  unsigned attempts = 0;
  Duration took{};
  OutputId out = 0, err = 0;
  std::uint64_t out_dropped = 0, err_dropped = 0;  // bytes that were not kept
};

/// The run so far. Written by the Reporter only.
struct Run {
  engine::RunStarted info;
  engine::Totals totals;
  std::vector<std::optional<HostResult>> results;  // by host
  std::size_t running = 0;
  TimePoint now{};  // of the latest event that has a time
  engine::Stop stop = engine::Stop::none;
  bool ended = false;
  OutputStore* store = nullptr;

  [[nodiscard]] const std::string& name(engine::HostIndex host) const { return info.hosts[host]; }
  [[nodiscard]] Duration elapsed() const { return now - info.at; }
  [[nodiscard]] std::uint64_t done() const noexcept { return totals.hosts(); }
};

/// How long a view wants what hosts print to be kept.
enum class Needs : std::uint8_t { nothing, at_result, until_end };

/// One way of showing a run. One thread. What it is given was redacted, but not made printable.
class View {
 public:
  View() = default;
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  virtual ~View() = default;

  [[nodiscard]] virtual Needs needs() const { return Needs::nothing; }
  virtual void begin(const Run&) {}
  virtual void started(const Run&, const engine::HostStarted&) {}
  virtual void retrying(const Run&, const engine::HostRetrying&) {}
  virtual void chunk(const Run&, engine::HostIndex, engine::Stream, std::string_view) {}
  virtual void result(const Run&, const HostResult&) {}
  virtual void warning(const Run&, const engine::Warning&) {}
  virtual void tick(const Run&) {}
  virtual void end(const Run&) {}
  /// Something of this view's own that broke (a file that cannot be written).
  [[nodiscard]] virtual const std::optional<Error>& failure() const {
    static const std::optional<Error> none;
    return none;
  }
};

/// Hosts written short, as "web[01-17,20]"; given by the inventory room.
using FoldHosts = std::string (*)(std::span<const std::string>);

/// Hosts with the same outcome and the same output.
struct Group {
  const HostResult* sample;
  std::vector<engine::HostIndex> hosts;  // in the order of the run
};
/// Every host that has a result is in exactly one group; what went well first, failures last, then by the first host. Without
/// `together` each host is a group of its own.
std::vector<Group> group_results(const Run& run, bool together);

/// "ok", "exit code 2", "killed by SIGTERM", "unreachable: connection refused", "not started". Made printable.
std::string describe(const HostResult& result);
/// "1000 hosts: 990 ok, 8 failed, 2 unreachable in 12.3 s (81 hosts/s)".
std::string recap(const Run& run);
/// "18 hosts", "1 host".
std::string count_hosts(std::uint64_t count);

}  // namespace herder::report
