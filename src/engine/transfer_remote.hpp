// What uploads and downloads share on the host's side.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "async/scope.hpp"
#include "async/sync.hpp"
#include "engine/transfer.hpp"

namespace herder::engine {

/// Requests of one file that are under way, and files of one host that are copied at a time: together at most 4 MiB a host.
constexpr std::size_t most_pieces = 16;
constexpr std::size_t most_files = 8;

/// SHA-256 of files on the host, by sha256sum; files that cannot be read are left out. Errors: unsupported (no sha256sum there).
Async<Result<std::map<std::string, std::string>>> remote_checksums(transport::Session& session, std::vector<std::string> paths,
                                                                   Deadline deadline);

/// Runs jobs side by side, a bounded number at a time; the first failure stops the rest and is the result.
class Jobs {
 public:
  Jobs(std::size_t at_a_time, const Deadline& deadline) : limiter_(at_a_time), scope_(deadline) {}
  /// Waits for a place, then starts `job`. Nothing once one has failed.
  Async<void> add(Async<Result<>> job);
  Async<Result<>> finish();
  [[nodiscard]] Deadline deadline() const { return scope_.deadline(); }
  [[nodiscard]] bool failed() const noexcept { return !result_; }

 private:
  Async<void> run(Async<Result<>> job);
  async::Limiter limiter_;
  async::Scope scope_;
  Result<> result_;
};

}  // namespace herder::engine
