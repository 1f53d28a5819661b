// Which lines of two texts belong together. Only for the .cpp files of this room.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace herder::value {

/// `size` lines from `a` in the first text are the same as those from `b` in the second.
struct MatchingBlock {
  std::size_t a = 0;
  std::size_t b = 0;
  std::size_t size = 0;
};

using LineIds = std::span<const std::uint32_t>;  // equal lines have equal numbers, below `ids`

/// Ascending, adjacent ones joined. Both functions are deterministic.
std::vector<MatchingBlock> match_lines_python(LineIds a, LineIds b, std::size_t ids);
std::vector<MatchingBlock> match_lines_shortest(LineIds a, LineIds b);

/// Appends a block, joining it with the last one where they touch.
void append_block(std::vector<MatchingBlock>& blocks, MatchingBlock block);

}  // namespace herder::value
