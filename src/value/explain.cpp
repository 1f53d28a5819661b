// Where two values differ.
#include <algorithm>

#include "base/text.hpp"
#include "value/diff.hpp"
#include "value/json.hpp"
#include "value/python_literal.hpp"

namespace herder::value {
namespace {

constexpr int deepest = 64;

bool is_plain_name(std::string_view key) noexcept {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  return !key.empty() && std::ranges::all_of(key, plain);
}

std::string key_path(const std::string& path, const Value& key) {
  if (has(key.marks(), Mark::secret)) return path + "['********']";
  if (key.is_string() && is_plain_name(key.as_string())) return path + (path.empty() ? "" : ".") + std::string(key.as_string());
  return path + "[" + python_repr(key) + "]";
}

class Explainer {
 public:
  explicit Explainer(std::size_t most) : most_(most) {}

  void compare(const std::string& path, const Value& before, const Value& after, int depth) {
    if (out.size() >= most_ || before == after) return;
    const bool inside = depth < deepest && before.kind() == after.kind() && !has(before.marks() | after.marks(), Mark::secret);
    if (inside && before.is_map()) return compare_maps(path, before, after, depth);
    if (inside && before.is_list()) return compare_lists(path, before, after, depth);
    add(path, &before, &after);
  }

  std::vector<Difference> out;

 private:
  void add(std::string path, const Value* before, const Value* after) {
    if (out.size() >= most_) return;
    out.push_back({.path = std::move(path),
                   .was = before != nullptr,
                   .is = after != nullptr,
                   .before = before == nullptr ? Value() : *before,
                   .after = after == nullptr ? Value() : *after});
  }

  void compare_maps(const std::string& path, const Value& before, const Value& after, int depth) {
    for (const MapEntry& entry : before.entries()) {
      const Value* other = after.find(entry.key);
      if (other == nullptr) add(key_path(path, entry.key), &entry.value, nullptr);
      else compare(key_path(path, entry.key), entry.value, *other, depth + 1);
    }
    for (const MapEntry& entry : after.entries())
      if (before.find(entry.key) == nullptr) add(key_path(path, entry.key), nullptr, &entry.value);
  }

  /// Without the common start and end; what is left is compared place by place, and the longer rest was removed or added.
  void compare_lists(const std::string& path, const Value& before, const Value& after, int depth) {
    const auto a = before.items();
    const auto b = after.items();
    std::size_t start = 0;
    while (start < a.size() && start < b.size() && a[start] == b[start]) ++start;
    std::size_t end = 0;
    while (start + end < a.size() && start + end < b.size() && a[a.size() - 1 - end] == b[b.size() - 1 - end]) ++end;
    const auto place = [&](std::size_t i) { return fmt::format("{}[{}]", path, i); };
    const std::size_t both = std::min(a.size(), b.size()) - end;
    for (std::size_t i = start; i < both; ++i) compare(place(i), a[i], b[i], depth + 1);
    for (std::size_t i = both; i < a.size() - end; ++i) add(place(i), &a[i], nullptr);
    for (std::size_t i = both; i < b.size() - end; ++i) add(place(i), nullptr, &b[i]);
  }

  std::size_t most_;
};

}  // namespace

std::string Difference::text(std::size_t bytes) const {
  const auto show = [&](const Value& value) {
    const std::string whole = print_json(value, {.ascii = false});
    return whole.size() <= bytes ? whole : std::string(text::cut(whole, bytes)) + "...";
  };
  const std::string where = path.empty() ? "" : path + ": ";
  if (!was) return where + "added " + show(after);
  if (!is) return where + "removed " + show(before);
  return where + show(before) + " -> " + show(after);
}

std::vector<Difference> explain_difference(const Value& before, const Value& after, std::size_t most) {
  Explainer explainer(most);
  explainer.compare({}, before, after, 0);
  return std::move(explainer.out);
}

}  // namespace herder::value
