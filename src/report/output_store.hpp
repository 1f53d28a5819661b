// What hosts printed, kept with bounded memory until it is shown.
//
// Content-addressed: output is cut into blocks of 32 KiB, equal blocks are stored once, and so are equal outputs; 2,000 hosts that
// print the same MiB take one MiB. Full blocks live in one file without a name in the temporary directory (nothing to clean up, also
// not after a crash); only the rest of less than a block is in memory, up to `memory_bytes` for all finished outputs together, then
// that goes to the file as well. Equality is decided by comparing bytes, never by hashes alone: what a host prints cannot hide another.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace herder::report {

struct StoreLimits {
  std::uint64_t output_bytes = std::uint64_t{64} << 20U;  // per stream of a host; the rest is dropped and counted
  std::size_t memory_bytes = std::size_t{16} << 20U;      // rests of finished outputs
  std::string directory;                                   // for the file; empty: $TMPDIR, else /var/tmp, else /tmp
};

/// A finished output. 0 is the empty one. Two outputs are equal exactly when their ids are.
using OutputId = std::uint32_t;

/// One thread.
class OutputStore {
 public:
  explicit OutputStore(StoreLimits limits);
  ~OutputStore();
  OutputStore(const OutputStore&) = delete;
  OutputStore& operator=(const OutputStore&) = delete;

  static constexpr std::size_t block_bytes = std::size_t{32} << 10U;

  /// An output that still grows. Made empty; belongs to one store.
  struct Growing {
    std::string rest;                   // less than a block
    std::vector<std::uint32_t> blocks;  // in order
    std::uint64_t bytes = 0;            // kept so far
    std::uint64_t dropped = 0;          // past the limit
  };
  /// Adds what a host printed; never fails by itself (see failure()).
  void append(Growing& to, std::string_view bytes);
  /// Ends an output. Its id counts one user more.
  OutputId finish(Growing&& done);
  /// Forgets an output that will not be finished.
  void discard(Growing&& gone);
  /// One user less; the last one frees it.
  void release(OutputId id);

  [[nodiscard]] std::uint64_t size(OutputId id) const;
  /// How much of it was dropped because it was too long.
  [[nodiscard]] std::uint64_t dropped(OutputId id) const;
  /// Gives the output piece by piece, in order. Errors: io (the file cannot be read), or what `piece` returns.
  Result<> read(OutputId id, const std::function<Result<>(std::string_view)>& piece) const;
  /// The first `limit` bytes in one string.
  [[nodiscard]] Result<std::string> text(OutputId id, std::uint64_t limit) const;

  /// Set when something could not be kept (disk full): results are incomplete from then on.
  [[nodiscard]] const std::optional<Error>& failure() const;

  struct Usage {
    std::size_t memory_bytes = 0;  // rests of finished outputs
    std::uint64_t file_bytes = 0;  // the file at its largest
    std::size_t blocks = 0;        // distinct blocks in use
    std::size_t outputs = 0;       // distinct outputs in use
  };
  [[nodiscard]] Usage usage() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace herder::report
