// What can be wrong with a light host. Faults are set while the lab runs and can be combined, apart from those that decide how a
// connection begins, of which there is at most one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace herder::lab {

/// How a new connection begins.
enum class Entry : std::uint8_t {
  normal,
  refuse,    // the port is closed (RST); open connections are reset as well
  hang,      // it is accepted and nothing is ever sent; open connections fall silent as well
  hang_kex,  // the SSH banner is sent, then nothing
  flood,     // endless lines before the banner, as fast as they are taken
};

struct Faults {
  Entry entry = Entry::normal;
  Duration slow{};                         // both directions are delayed by this (a round trip by twice this)
  std::optional<std::int64_t> cut_after;   // the connection is reset after so many bytes of command output
  bool garbage = false;                    // random bytes in place of the first output, under the encryption
  bool bad_host_key = false;               // another key than the one in known_hosts
  bool auth_fail = false;                  // every key and password is refused

  [[nodiscard]] bool any() const noexcept {
    return entry != Entry::normal || slow > Duration::zero() || cut_after || garbage || bad_host_key || auth_fail;
  }
  friend bool operator==(const Faults&, const Faults&) = default;
};

/// One word: "refuse", "hang", "hang-kex", "flood", "slow=200ms", "cut-after=1000B", "garbage", "bad-host-key", "auth-fail".
/// Adds it to `faults`. Errors: usage.
Result<> add_fault(Faults& faults, std::string_view word);
/// Several words as above. Errors: usage, also when there is none.
Result<Faults> parse_faults(std::span<const std::string> words);
/// The words that parse_faults() reads, separated by spaces; "" for a host without faults.
std::string format_faults(const Faults& faults);

}  // namespace herder::lab
