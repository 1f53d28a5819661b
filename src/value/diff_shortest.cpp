// Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), section 4b: walk from both ends until the furthest paths meet,
// then do the same left and right of there. Memory is linear. Where the texts have so little in common that the walk would take
// too long, it stops at the furthest point that was reached, and the result may have some more lines than the shortest.
#include <algorithm>
#include <cstdint>

#include "value/diff_lines.hpp"

namespace herder::value {
namespace {

struct Range {
  std::int64_t a_low, a_high, b_low, b_high;
};

struct Point {
  std::int64_t a, b;
};

constexpr std::int64_t nowhere = INT64_MIN / 4;  // added to any x it stays below every other

class ShortestMatcher {
 public:
  ShortestMatcher(LineIds a, LineIds b)
      : a_(a), b_(b), offset_(static_cast<std::int64_t>(a.size() + b.size()) + 2), forward_(2 * a.size() + 2 * b.size() + 6), backward_(forward_.size()) {
    most_steps_ = 256;
    while (most_steps_ * most_steps_ < offset_ * 4) most_steps_ *= 2;
  }

  std::vector<MatchingBlock> match() {
    std::vector<Range> todo{{0, static_cast<std::int64_t>(a_.size()), 0, static_cast<std::int64_t>(b_.size())}};
    while (!todo.empty()) {
      Range range = todo.back();
      todo.pop_back();
      take_start(range);
      const std::int64_t end = common_end(range);
      if (end > 0) {  // the end comes after what lies between, so it waits as a range of its own
        todo.push_back({range.a_high - end, range.a_high, range.b_high - end, range.b_high});
        range.a_high -= end;
        range.b_high -= end;
      }
      if (range.a_low == range.a_high || range.b_low == range.b_high) continue;
      const Point middle = meet(range);
      todo.push_back({middle.a, range.a_high, middle.b, range.b_high});
      todo.push_back({range.a_low, middle.a, range.b_low, middle.b});
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool same(std::int64_t i, std::int64_t j) const { return a_[static_cast<std::size_t>(i)] == b_[static_cast<std::size_t>(j)]; }

  void take_start(Range& range) {
    const Range before = range;
    while (range.a_low < range.a_high && range.b_low < range.b_high && same(range.a_low, range.b_low)) ++range.a_low, ++range.b_low;
    append_block(out_, {static_cast<std::size_t>(before.a_low), static_cast<std::size_t>(before.b_low),
                        static_cast<std::size_t>(range.a_low - before.a_low)});
  }

  [[nodiscard]] std::int64_t common_end(const Range& range) const {
    std::int64_t size = 0;
    while (range.a_low < range.a_high - size && range.b_low < range.b_high - size && same(range.a_high - size - 1, range.b_high - size - 1)) ++size;
    return size;
  }

  /// A point on a shortest path, neither the range's first nor its last corner. Both sides are not empty and differ at both ends.
  Point meet(const Range& range) {
    const std::int64_t rows = range.a_high - range.a_low;
    const std::int64_t columns = range.b_high - range.b_low;
    const std::int64_t delta = rows - columns;
    const bool odd = delta % 2 != 0;
    for (std::int64_t steps = 0;; ++steps) {
      for (std::int64_t k = -steps; k <= steps; k += 2) {
        const std::int64_t x = furthest(range, k, steps, rows, columns, forward_, false);
        if (odd && delta - k >= -(steps - 1) && delta - k <= steps - 1 && x + at(backward_, delta - k) >= rows)
          return {range.a_low + x, range.b_low + x - k};
      }
      for (std::int64_t k = -steps; k <= steps; k += 2) {
        const std::int64_t x = furthest(range, k, steps, rows, columns, backward_, true);
        if (!odd && delta - k >= -steps && delta - k <= steps && x + at(forward_, delta - k) >= rows)
          return {range.a_high - x, range.b_high - (x - k)};
      }
      if (steps >= most_steps_) return give_up(range, steps, rows, columns);
    }
  }

  /// The furthest x on diagonal k after `steps` changes, `nowhere` when the box has no such point.
  std::int64_t furthest(const Range& range, std::int64_t k, std::int64_t steps, std::int64_t rows, std::int64_t columns,
                        std::vector<std::int64_t>& reached, bool reverse) {
    std::int64_t x = steps == 0 ? 0 : nowhere;
    const auto offer = [&](std::int64_t from) {
      if (from > x && from >= 0 && from <= rows && from - k >= 0 && from - k <= columns) x = from;
    };
    if (k < steps) offer(at(reached, k + 1));
    if (k > -steps) offer(at(reached, k - 1) + 1);
    std::int64_t y = x - k;
    while (x != nowhere && x < rows && y < columns &&
           (reverse ? same(range.a_high - 1 - x, range.b_high - 1 - y) : same(range.a_low + x, range.b_low + y)))
      ++x, ++y;
    at(reached, k) = x;
    return x;
  }

  /// The point inside the box that the forward walk took furthest.
  Point give_up(const Range& range, std::int64_t steps, std::int64_t rows, std::int64_t columns) {
    Point best{0, 0};
    for (std::int64_t k = -steps; k <= steps; k += 2) {
      const std::int64_t x = at(forward_, k);
      const std::int64_t y = x - k;
      if (x != nowhere && x + y > best.a + best.b && x + y < rows + columns) best = {x, y};
    }
    return {range.a_low + best.a, range.b_low + best.b};
  }

  std::int64_t& at(std::vector<std::int64_t>& reached, std::int64_t k) const { return reached[static_cast<std::size_t>(offset_ + k)]; }

  LineIds a_;
  LineIds b_;
  std::int64_t offset_;
  std::int64_t most_steps_ = 0;
  std::vector<std::int64_t> forward_;
  std::vector<std::int64_t> backward_;
  std::vector<MatchingBlock> out_;
};

}  // namespace

std::vector<MatchingBlock> match_lines_shortest(LineIds a, LineIds b) { return ShortestMatcher(a, b).match(); }

}  // namespace herder::value
