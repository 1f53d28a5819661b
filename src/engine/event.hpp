// What happens in a run, as a stream of typed events. The engine makes them, room `report` shows them; nothing prints from inside
// the engine.
//
// Order: RunStarted; then per host HostStarted (once per attempt), Output..., HostFinished (exactly once for every host of
// RunStarted, also for those that never started); RunFinished last. Tick and Warning come at any time between the first and the
// last. All events of a run are delivered on ONE thread, one after the other. A subscriber may block for short (a terminal, a
// disk): the engine bounds what waits for it, and hosts that print faster than it reads are held back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace herder::engine {

/// A host of the run: its index in RunStarted::hosts.
using HostIndex = std::uint32_t;

enum class Stream : std::uint8_t { out, err };

/// How a host ended. Every host ends in exactly one of these.
enum class Status : std::uint8_t {
  ok,           // exit code 0
  failed,       // the command ran and said no (exit code, signal), or could not be started there
  unreachable,  // no session, or the session was lost
  timeout,      // the deadline passed; counts as failed
  cancelled,    // stopped by a person or because too many others failed, while running; counts as failed
  skipped,      // never started (stopped early, interrupted)
};
/// Stable lower-case name ("unreachable"), used in machine-readable output.
std::string_view name_of(Status status) noexcept;

/// The run begins. `hosts` are inventory names in the order in which results are listed; they are foreign text (printable!).
struct RunStarted {
  std::string id;       // unique per run
  std::string kind;     // "exec", "ping", "copy", "fetch"
  std::string command;  // what is run, as the user wrote it, for people
  std::vector<std::string> hosts;
  TimePoint at{};
};

/// An attempt on a host begins (connecting included). Output of an earlier attempt is void from here on.
struct HostStarted {
  HostIndex host = 0;
  unsigned attempt = 1;
  TimePoint at{};
};

/// An attempt failed and another will be made after `wait`.
struct HostRetrying {
  HostIndex host = 0;
  unsigned attempt = 1;  // the one that failed
  Error reason;
  Duration wait{};
};

/// Bytes that the host printed, as they came: not text, not trusted, not redacted. Chunks of one stream are in order; a chunk is at
/// most 256 KiB.
struct Output {
  HostIndex host = 0;
  Stream stream = Stream::out;
  std::string bytes;
};

/// What a stream was in total.
struct StreamTotal {
  std::uint64_t bytes = 0;    // delivered as Output
  std::uint64_t dropped = 0;  // what the engine itself cut off (0 unless it had to)
};

/// The one outcome of a host.
struct HostFinished {
  HostIndex host = 0;
  Status status = Status::ok;
  std::optional<int> exit_code;         // when the command ended by itself
  std::string signal;                   // "TERM" when a signal ended it
  std::optional<Error> error;           // why, for everything but an exit code
  unsigned attempts = 0;                // 0 when it never started
  TimePoint at{};
  Duration took{};                      // the last attempt, connecting included
  StreamTotal out{}, err{};
};

/// About ten a second while the run lasts, with the loop's time: drives redraws and heartbeats.
struct Tick {
  TimePoint at{};
};

/// Something the person should know that is no outcome: an unsupported variable, a slow name server.
struct Warning {
  std::optional<HostIndex> host;
  Error what;
};

/// Why a run ended before every host had its turn.
enum class Stop : std::uint8_t { none, interrupted, too_many_failed, report_failed };

struct RunFinished {
  TimePoint at{};
  Stop stop = Stop::none;
};

using Event = std::variant<RunStarted, HostStarted, HostRetrying, Output, HostFinished, Tick, Warning, RunFinished>;

/// Who listens. Called on one thread, in order; overrides what it needs. Not owned by the engine.
class Subscriber {
 public:
  Subscriber() = default;
  Subscriber(const Subscriber&) = delete;
  Subscriber& operator=(const Subscriber&) = delete;
  virtual ~Subscriber() = default;

  virtual void on(const RunStarted&) {}
  virtual void on(const HostStarted&) {}
  virtual void on(const HostRetrying&) {}
  virtual void on(const Output&) {}
  virtual void on(const HostFinished&) {}
  virtual void on(const Tick&) {}
  virtual void on(const Warning&) {}
  virtual void on(const RunFinished&) {}

  /// Asked after each event. True when results can no longer be kept or shown (closed pipe, full disk): the engine then starts
  /// nothing new, cancels what runs, and ends the run with Stop::report_failed.
  [[nodiscard]] virtual bool must_stop() const { return false; }
};

/// Calls the right `on`.
inline void deliver(Subscriber& to, const Event& event) {
  std::visit([&to](const auto& one) { to.on(one); }, event);
}

/// Counts outcomes; the exit code of a run follows from it.
struct Totals {
  std::uint64_t ok = 0, failed = 0, unreachable = 0, timeout = 0, cancelled = 0, skipped = 0;

  void add(Status status) noexcept;
  [[nodiscard]] std::uint64_t hosts() const noexcept { return ok + failed + unreachable + timeout + cancelled + skipped; }
  /// 0 all well; 2 some failed (failed, timeout, cancelled, skipped); 4 some unreachable; 6 both.
  [[nodiscard]] int exit_code() const noexcept;
};

}  // namespace herder::engine
