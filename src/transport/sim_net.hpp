// A make-believe network for simulations: hosts that answer, refuse, hang, are slow, cut, flood or lie, all decided by a seed and
// all on a virtual clock. It implements the same interfaces as the real transports.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "async/sim_loop.hpp"
#include "transport/session.hpp"

namespace herder::transport {

enum class SimFault : std::uint8_t {
  none,
  refused,          // every connection
  refused_at_first, // the first `count` connections, as MaxStartups does
  hung_connect,     // never answers
  denied,           // credentials refused
  slow,             // everything takes `delay` longer
  cut_in_output,    // the connection goes after `count` bytes of output
  cut_before_start, // the connection goes when the command is to start
  hung_command,     // the command never ends
  no_exit_status,   // output ends, then the connection goes without a status
  flood,            // output without end
  deaf,             // never reads its input
};

struct SimHost {
  SimFault fault = SimFault::none;
  Duration delay = std::chrono::milliseconds(1);  // of each step
  std::uint64_t count = 0;                        // see SimFault
  std::uint64_t out_bytes = 10;                   // what its command prints
  std::uint64_t err_bytes = 0;
  Exit exit{.code = 0, .signal = {}};

  // What happened, for the test to check.
  unsigned connections = 0;
  unsigned commands_started = 0;
  unsigned open_sessions = 0;
  unsigned open_processes = 0;
  std::uint64_t input_bytes = 0;
};

/// Owned by the test; must outlive all sessions. Targets name their host by index in Target::port.
class SimNet {
 public:
  explicit SimNet(async::SimLoop& loop) : loop_(&loop) {}
  SimNet(const SimNet&) = delete;
  SimNet& operator=(const SimNet&) = delete;

  /// Adds a host and gives the target that reaches it.
  std::shared_ptr<const Target> add(SimHost host);
  [[nodiscard]] SimHost& host(std::size_t index) { return *hosts_[index]; }
  [[nodiscard]] std::size_t size() const noexcept { return hosts_.size(); }
  std::unique_ptr<Connector> make_connector();
  [[nodiscard]] async::SimLoop& loop() noexcept { return *loop_; }

 private:
  async::SimLoop* loop_;
  std::vector<std::unique_ptr<SimHost>> hosts_;
};

}  // namespace herder::transport
