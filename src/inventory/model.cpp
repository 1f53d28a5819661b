#include "inventory/model.hpp"

#include <algorithm>

#include "inventory/var_name.hpp"

namespace herder::inventory {

std::uint32_t VarNames::intern(std::string_view name) {
  const std::uint32_t number = texts_.intern(name);
  if (number == keys_.size()) keys_.emplace_back(name);
  return number;
}

std::uint32_t VarNames::intern_key(const Value& name) {
  if (name.is_string()) return intern(name.as_string());
  const auto found = std::ranges::find(odd_keys_, name);
  if (found == odd_keys_.end()) odd_keys_.push_back(name);
  return static_cast<std::uint32_t>(found == odd_keys_.end() ? odd_keys_.size() - 1 : found - odd_keys_.begin()) | odd_bit;
}

Value VarNames::key(std::uint32_t number) const { return (number & odd_bit) != 0 ? odd_keys_[number & ~odd_bit] : keys_[number]; }

std::vector<std::uint32_t> VarNames::invalid() const {
  std::vector<std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < keys_.size(); ++i)
    if (!is_variable_name(texts_[i])) numbers.push_back(i);
  for (std::uint32_t i = 0; i < odd_keys_.size(); ++i) numbers.push_back(i | odd_bit);
  return numbers;
}

Value Model::vars_of(VarChain chain) const {
  value::MapBuilder map;
  for (std::uint32_t at = chain.first; at != no_index; at = vars[at].next) {
    const VarLink& link = vars[at];
    Value key = var_names.key(link.name);
    const Value* old = merge_hashes && link.value.is_map() ? map.find(key) : nullptr;
    if (old != nullptr && old->is_map()) {
      map.set(std::move(key), value::combine(*old, link.value, true));
    } else {
      map.set(std::move(key), link.value);
    }
  }
  return std::move(map).build();
}

Where Model::where(std::uint32_t source, std::uint32_t line) const {
  Where place;
  if (source == no_index) return place;
  place.file = sources[source].path;
  place.line = static_cast<int>(line);
  return place;
}

Value combine_vars(const Value& base, const Value& over, bool merge_hashes) {
  if (over.size() == 0) return base;
  if (base.size() == 0) return over;
  return value::combine(base, over, merge_hashes);
}

}  // namespace herder::inventory
