// The keeper's side of one client connection.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "async/scope.hpp"
#include "transport/keeper/link.hpp"
#include "transport/keeper/pool.hpp"

namespace herder::transport::keeper {

/// Serves one client until it goes: opens and shares connections, runs commands, passes bytes both ways with flow control. Everything
/// it started ends with it. Lives on the pool's loop. What the client sends is checked, though it is the same user.
class Peer {
 public:
  Peer(UniqueFd socket, Pool& pool, std::uint64_t loops, std::uint64_t index);
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer();

  /// Until the client goes or `deadline` ends it.
  Async<void> serve(Deadline deadline);

 private:
  struct SessionEntry;
  struct ProcessEntry;
  Async<Result<>> read_frames(Deadline deadline);
  Result<> handle(const wire::Frame& frame);
  Result<> handle_open(std::uint64_t id, wire::Unpacker fields);
  Result<> handle_start(std::uint64_t id, wire::Unpacker fields);
  Result<> handle_for_process(Message type, std::uint64_t id, wire::Unpacker fields);
  Async<void> open(std::uint64_t id, std::string key, std::shared_ptr<const Target> target, Deadline deadline);
  Async<void> run(std::uint64_t id, std::shared_ptr<ProcessEntry> entry, Command command, Deadline start_deadline);
  Async<Result<>> pass_output(std::uint64_t id, ProcessEntry& entry, Process& process);
  Async<void> pass_input(std::uint64_t id, std::shared_ptr<ProcessEntry> entry, Process* process, Deadline deadline);
  void report(Message type, std::uint64_t id, const Error& failure);

  Link link_;
  Pool* pool_;
  std::uint64_t loops_;
  std::uint64_t index_;
  async::Scope scope_;
  std::unordered_map<std::uint64_t, std::pair<std::shared_ptr<const Credentials>, std::string>> credentials_;  // and their digest
  std::unordered_map<std::uint64_t, std::shared_ptr<SessionEntry>> sessions_;
  std::unordered_map<std::uint64_t, std::shared_ptr<ProcessEntry>> processes_;
};

}  // namespace herder::transport::keeper
