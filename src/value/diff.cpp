#include "value/diff.hpp"

#include <algorithm>
#include <unordered_map>

#include "value/diff_lines.hpp"

namespace herder::value {
namespace {

constexpr std::size_t most_python_lines = 40'000;

/// Pieces that end in \n, except perhaps the last.
std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

/// A stretch of lines: kept (`same`), or replaced.
struct Stretch {
  bool same;
  std::size_t a_low, a_high, b_low, b_high;
};

std::vector<Stretch> stretches(const std::vector<MatchingBlock>& blocks, std::size_t a_size, std::size_t b_size) {
  std::vector<Stretch> out;
  std::size_t a = 0;
  std::size_t b = 0;
  const auto change_until = [&](std::size_t a_to, std::size_t b_to) {
    if (a < a_to || b < b_to) out.push_back({false, a, a_to, b, b_to});
  };
  for (const MatchingBlock& block : blocks) {
    change_until(block.a, block.b);
    a = block.a + block.size;
    b = block.b + block.size;
    out.push_back({true, block.a, a, block.b, b});
  }
  change_until(a_size, b_size);
  return out;
}

class HunkWriter {
 public:
  HunkWriter(const std::vector<std::string_view>& before, const std::vector<std::string_view>& after) : before_(before), after_(after) {}

  void write(std::vector<Stretch> all, std::size_t context) {
    Stretch& first = all.front();
    if (first.same) {
      first.a_low = std::max(first.a_low, first.a_high - std::min(context, first.a_high));
      first.b_low = std::max(first.b_low, first.b_high - std::min(context, first.b_high));
    }
    Stretch& last = all.back();
    if (last.same) {
      last.a_high = std::min(last.a_high, last.a_low + context);
      last.b_high = std::min(last.b_high, last.b_low + context);
    }
    for (Stretch stretch : all) {
      if (stretch.same && stretch.a_high - stretch.a_low > 2 * context) {
        hunk_.push_back({true, stretch.a_low, stretch.a_low + context, stretch.b_low, stretch.b_low + context});
        flush();
        stretch.a_low = stretch.a_high - context;
        stretch.b_low = stretch.b_high - context;
      }
      hunk_.push_back(stretch);
    }
    if (hunk_.size() > 1 || !hunk_.front().same) flush();
  }

  std::string out;

 private:
  static std::string range_text(std::size_t low, std::size_t high) {
    if (high - low == 1) return fmt::format("{}", low + 1);
    return fmt::format("{},{}", high == low ? low : low + 1, high - low);
  }

  void flush() {
    out += fmt::format("@@ -{} +{} @@\n", range_text(hunk_.front().a_low, hunk_.back().a_high),
                       range_text(hunk_.front().b_low, hunk_.back().b_high));
    for (const Stretch& stretch : hunk_) {
      for (std::size_t i = stretch.a_low; i < stretch.a_high; ++i) line(stretch.same ? ' ' : '-', before_[i]);
      if (!stretch.same)
        for (std::size_t j = stretch.b_low; j < stretch.b_high; ++j) line('+', after_[j]);
    }
    hunk_.clear();
  }

  void line(char sign, std::string_view text) {
    out += sign;
    out += text;
    if (!text.ends_with('\n')) out += "\n\\ No newline at end of file\n";
  }

  const std::vector<std::string_view>& before_;
  const std::vector<std::string_view>& after_;
  std::vector<Stretch> hunk_;
};

}  // namespace

std::string unified_diff(std::string_view before, std::string_view after, std::string_view before_name, std::string_view after_name,
                         const DiffOptions& options) {
  if (before == after) return {};
  const auto a_lines = split_lines(before);
  const auto b_lines = split_lines(after);
  std::unordered_map<std::string_view, std::uint32_t> numbers;
  const auto number = [&](const std::vector<std::string_view>& lines) {
    std::vector<std::uint32_t> ids;
    ids.reserve(lines.size());
    for (const std::string_view line : lines) ids.push_back(numbers.emplace(line, static_cast<std::uint32_t>(numbers.size())).first->second);
    return ids;
  };
  const auto a = number(a_lines);
  const auto b = number(b_lines);
  const bool python = options.method == DiffMethod::python && a.size() + b.size() <= most_python_lines;
  const auto blocks = python ? match_lines_python(a, b, numbers.size()) : match_lines_shortest(a, b);
  HunkWriter writer(a_lines, b_lines);
  writer.out = fmt::format("--- {}\n+++ {}\n", before_name, after_name);
  writer.write(stretches(blocks, a.size(), b.size()), static_cast<std::size_t>(std::max(options.context, 0)));
  return std::move(writer.out);
}

}  // namespace herder::value
