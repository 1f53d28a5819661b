// Finds many byte strings in one pass (Aho and Corasick, 1975). The redactor's inner machine; nobody else needs it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace herder::redaction {

/// What to look for, and in which readings of the text (a set of bits, see redact_scanner.hpp) finding it counts.
struct Pattern {
  std::string bytes;
  std::uint8_t readings = 0;
};

/// Immutable after construction, shared by all streams and threads. 21 bytes for each distinct prefix of a pattern; the bytes are
/// wiped at the end because they spell the secrets.
class Matcher {
 public:
  using State = std::uint32_t;
  static constexpr State root = 0;

  /// Patterns may repeat (their readings are joined) and must not be empty. The argument is wiped.
  explicit Matcher(std::vector<Pattern> patterns);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// One byte onwards; constant time on average over a text.
  [[nodiscard]] State next(State state, char byte) const noexcept;
  /// How many of the last bytes are the start of some pattern, or all of it.
  [[nodiscard]] std::uint32_t depth(State state) const noexcept { return nodes_[state].depth; }
  /// How many of the last bytes are the start of a pattern that is longer: what the next byte could still complete.
  [[nodiscard]] std::uint32_t open_depth(State state) const noexcept;
  /// Length of the longest pattern that ends here and counts in `reading` (one bit); 0: none.
  [[nodiscard]] std::uint32_t match(State state, std::uint8_t reading) const noexcept;
  /// Whether some pattern starts with `byte`.
  [[nodiscard]] bool starts(char byte) const noexcept { return from_root_[static_cast<unsigned char>(byte)] != root; }

 private:
  struct Node {
    std::uint32_t first_child = 0;  // children are neighbours, sorted by byte
    std::uint32_t fail = root;      // the longest proper suffix that is a start of some pattern
    std::uint32_t shorter = root;   // the nearest node on the chain of fails where a pattern ends
    std::uint32_t depth = 0;
    std::uint16_t children = 0;
    std::uint8_t readings = 0;  // of the pattern that ends here
  };

  void build(const std::vector<Pattern>& patterns);
  void link(State parent, State child) noexcept;
  [[nodiscard]] State child_of(State state, unsigned char byte) const noexcept;

  std::vector<Node> nodes_;
  std::vector<unsigned char> bytes_;  // the byte that leads to node i
  std::array<State, 256> from_root_{};
};

}  // namespace herder::redaction
