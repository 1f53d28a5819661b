#include "base/redact_matcher.hpp"

#include <algorithm>

#include "base/secret.hpp"

namespace herder::redaction {
namespace {

/// Sorts, and joins the readings of equal patterns.
void merge_equal(std::vector<Pattern>& patterns) {
  std::ranges::sort(patterns, {}, &Pattern::bytes);  // std::string compares bytes as unsigned
  std::size_t kept = 0;
  for (std::size_t i = 1; i < patterns.size(); ++i) {
    if (patterns[i].bytes == patterns[kept].bytes) patterns[kept].readings |= patterns[i].readings;
    else std::swap(patterns[++kept], patterns[i]);
  }
  for (std::size_t i = kept + 1; i < patterns.size(); ++i) wipe(patterns[i].bytes);
  if (!patterns.empty()) patterns.resize(kept + 1);
}

}  // namespace

Matcher::Matcher(std::vector<Pattern> patterns) {
  merge_equal(patterns);
  build(patterns);
  for (Pattern& pattern : patterns) wipe(pattern.bytes);
}

Matcher::~Matcher() { wipe(bytes_.data(), bytes_.size()); }

void Matcher::build(const std::vector<Pattern>& patterns) {
  // Level by level, so that brothers lie side by side and the target of every fail exists before it is needed. A node stands for
  // the sorted patterns [first, last) that begin with its prefix.
  struct Span {
    std::size_t first, last;
  };
  std::vector<Span> spans{{.first = 0, .last = patterns.size()}};
  nodes_.emplace_back();
  bytes_.push_back(0);
  for (State node = 0; node < nodes_.size(); ++node) {
    Span rest = spans[node];
    const std::size_t depth = nodes_[node].depth;
    if (rest.first < rest.last && patterns[rest.first].bytes.size() == depth) nodes_[node].readings = patterns[rest.first++].readings;
    nodes_[node].first_child = static_cast<State>(nodes_.size());
    while (rest.first < rest.last) {
      const char byte = patterns[rest.first].bytes[depth];
      const std::size_t first = rest.first;
      while (rest.first < rest.last && patterns[rest.first].bytes[depth] == byte) ++rest.first;
      const auto child = static_cast<State>(nodes_.size());
      nodes_.push_back({.depth = static_cast<std::uint32_t>(depth + 1)});
      bytes_.push_back(static_cast<unsigned char>(byte));
      spans.push_back({.first = first, .last = rest.first});
      ++nodes_[node].children;
      if (node == root) from_root_[static_cast<unsigned char>(byte)] = child;
    }
    for (State i = 0; i < nodes_[node].children; ++i) link(node, nodes_[node].first_child + i);
    nodes_[node].shorter = nodes_[nodes_[node].fail].readings != 0 ? nodes_[node].fail : nodes_[nodes_[node].fail].shorter;
  }
}

void Matcher::link(State parent, State child) noexcept {
  if (parent != root) nodes_[child].fail = next(nodes_[parent].fail, static_cast<char>(bytes_[child]));
}

Matcher::State Matcher::child_of(State state, unsigned char byte) const noexcept {
  if (state == root) return from_root_[byte];
  const Node& node = nodes_[state];
  const unsigned char* first = bytes_.data() + node.first_child;
  const unsigned char* found = std::lower_bound(first, first + node.children, byte);
  return found != first + node.children && *found == byte ? node.first_child + static_cast<State>(found - first) : root;
}

Matcher::State Matcher::next(State state, char byte) const noexcept {
  for (;; state = nodes_[state].fail) {
    const State child = child_of(state, static_cast<unsigned char>(byte));
    if (child != root || state == root) return child;
  }
}

std::uint32_t Matcher::open_depth(State state) const noexcept {
  while (state != root && nodes_[state].children == 0) state = nodes_[state].fail;
  return nodes_[state].depth;
}

std::uint32_t Matcher::match(State state, std::uint8_t reading) const noexcept {
  for (; state != root; state = nodes_[state].shorter)
    if ((nodes_[state].readings & reading) != 0) return nodes_[state].depth;
  return 0;
}

}  // namespace herder::redaction
