// difflib's way: the longest common run of lines, then the same on both sides of it. Lines that are very common in the second text
// (above 1 % of 200 lines or more) start no run.
#include <algorithm>

#include "value/diff_lines.hpp"

namespace herder::value {
namespace {

struct Range {
  std::size_t a_low, a_high, b_low, b_high;
};

class PythonMatcher {
 public:
  PythonMatcher(LineIds a, LineIds b, std::size_t ids) : a_(a), b_(b), places_(ids), run_(b.size() + 1), next_run_(b.size() + 1) {
    for (std::size_t j = 0; j < b.size(); ++j) places_[b[j]].push_back(j);
    if (b.size() < 200) return;
    const std::size_t popular = b.size() / 100 + 1;
    for (auto& places : places_)
      if (places.size() > popular) places.clear();
  }

  std::vector<MatchingBlock> match() {
    std::vector<MatchingBlock> found;
    std::vector<Range> todo{{0, a_.size(), 0, b_.size()}};
    while (!todo.empty()) {
      const Range range = todo.back();
      todo.pop_back();
      const MatchingBlock block = longest(range);
      if (block.size == 0) continue;
      found.push_back(block);
      if (range.a_low < block.a && range.b_low < block.b) todo.push_back({range.a_low, block.a, range.b_low, block.b});
      if (block.a + block.size < range.a_high && block.b + block.size < range.b_high)
        todo.push_back({block.a + block.size, range.a_high, block.b + block.size, range.b_high});
    }
    std::ranges::sort(found, {}, &MatchingBlock::a);
    std::vector<MatchingBlock> out;
    for (const MatchingBlock& block : found) append_block(out, block);
    return out;
  }

 private:
  /// The longest run within the range; of equals the earliest in `a`, then in `b`. Then it grows over popular lines.
  MatchingBlock longest(const Range& range) {
    MatchingBlock best{range.a_low, range.b_low, 0};
    for (std::size_t i = range.a_low; i < range.a_high; ++i) {
      for (const std::size_t j : places_[a_[i]]) {
        if (j < range.b_low) continue;
        if (j >= range.b_high) break;
        const std::size_t size = run_[j] + 1;  // run_[j]: the run that ends before a[i], b[j]
        next_run_[j + 1] = size;
        touched_next_.push_back(j + 1);
        if (size > best.size) best = {i + 1 - size, j + 1 - size, size};
      }
      for (const std::size_t j : touched_) run_[j] = 0;
      touched_.clear();
      std::swap(run_, next_run_);
      std::swap(touched_, touched_next_);
    }
    for (const std::size_t j : touched_) run_[j] = 0;
    touched_.clear();
    while (best.a > range.a_low && best.b > range.b_low && a_[best.a - 1] == b_[best.b - 1]) --best.a, --best.b, ++best.size;
    while (best.a + best.size < range.a_high && best.b + best.size < range.b_high && a_[best.a + best.size] == b_[best.b + best.size])
      ++best.size;
    return best;
  }

  LineIds a_;
  LineIds b_;
  std::vector<std::vector<std::size_t>> places_;  // of each line in b
  std::vector<std::size_t> run_;
  std::vector<std::size_t> next_run_;
  std::vector<std::size_t> touched_;
  std::vector<std::size_t> touched_next_;
};

}  // namespace

void append_block(std::vector<MatchingBlock>& blocks, MatchingBlock block) {
  if (block.size == 0) return;
  if (!blocks.empty() && blocks.back().a + blocks.back().size == block.a && blocks.back().b + blocks.back().size == block.b)
    blocks.back().size += block.size;
  else
    blocks.push_back(block);
}

std::vector<MatchingBlock> match_lines_python(LineIds a, LineIds b, std::size_t ids) { return PythonMatcher(a, b, ids).match(); }

}  // namespace herder::value
