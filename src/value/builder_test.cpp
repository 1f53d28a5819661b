#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "value/value.hpp"

namespace herder::value {
namespace {

TEST(ListBuilder, changes_in_place_when_alone_and_copies_when_shared) {
  Value list = Value::list({1, 2, 3});
  const Value* before = list.items().data();
  ListBuilder alone(std::move(list));
  alone.set(0, "changed");
  EXPECT_EQ(&alone[0], before);

  const Value held = std::move(alone).build();
  ListBuilder shared(held);
  shared.push_back(4);
  EXPECT_EQ(held.size(), 3U);
  EXPECT_EQ(std::move(shared).build().size(), 4U);
}

TEST(ListBuilder, keeps_marks_and_position_of_its_start) {
  const Value start = Value::list({1}).marked(Mark::secret).at(SourcePos(1, 2, 3));
  ListBuilder builder(start);
  builder.push_back(2);
  const Value out = std::move(builder).build();
  EXPECT_EQ(out.marks(), Mark::secret);
  EXPECT_EQ(out.source(), start.source());
}

TEST(ListBuilder, takes_itself_and_its_own_elements) {
  ListBuilder builder(Value::list({1, Value::list({2})}));
  builder.append_all(builder[1]);
  builder.push_back(builder[1]);
  const Value once = std::move(builder).build();
  ListBuilder twice(once);
  twice.append_all(once);
  EXPECT_TRUE(std::move(twice).build() ==
              Value::list({1, Value::list({2}), 2, Value::list({2}), 1, Value::list({2}), 2, Value::list({2})}));
}

TEST(MapBuilder, an_empty_one_builds_an_empty_map) {
  EXPECT_TRUE(MapBuilder().build() == Value::empty_map());
  EXPECT_TRUE(ListBuilder().build() == Value::empty_list());
  EXPECT_TRUE(MapBuilder().entries().empty());
}

TEST(MapBuilder, copies_once_when_shared) {
  const Value start = Value::map({{"a", 1}});
  MapBuilder builder(start);
  EXPECT_FALSE(builder.set("a", 2));
  EXPECT_TRUE(builder.set("b", 3));
  EXPECT_FALSE(builder.erase("missing"));
  EXPECT_EQ(start.find("a")->as_int(), 1);
  EXPECT_TRUE(std::move(builder).build() == Value::map({{"a", 2}, {"b", 3}}));
}

/// A list of pairs searched from the start: what a map must look like from outside.
class NaiveMap {
 public:
  void set(int key, int value) {
    for (auto& [k, v] : pairs)
      if (k == key) {
        v = value;
        return;
      }
    pairs.emplace_back(key, value);
  }
  void erase(int key) {
    std::erase_if(pairs, [&](const auto& pair) { return pair.first == key; });
  }
  std::vector<std::pair<int, int>> pairs;
};

void check_same(const MapBuilder& builder, const NaiveMap& naive, bool text_keys) {
  RC_ASSERT(builder.size() == naive.pairs.size());
  for (std::size_t i = 0; i < naive.pairs.size(); ++i) {
    const auto& [key, value] = naive.pairs[i];
    const Value wanted = text_keys ? Value(std::to_string(key)) : Value(key);
    RC_ASSERT(builder.entries()[i].key == wanted);
    RC_ASSERT(builder.entries()[i].value == Value(value));
    const Value* found = text_keys ? builder.find(std::to_string(key)) : builder.find(wanted);
    RC_ASSERT(found == &builder.entries()[i].value);
  }
}

RC_GTEST_PROP(MapBuilderProperty, behaves_as_a_list_of_pairs, ()) {
  const bool text_keys = *rc::gen::arbitrary<bool>();
  const int keys = *rc::gen::element(4, 12, 60);
  NaiveMap naive;
  MapBuilder builder;
  std::vector<std::pair<Value, NaiveMap>> snapshots;
  for (int step = *rc::gen::inRange(0, 200); step > 0; --step) {
    const int key = *rc::gen::inRange(0, keys);
    const int action = *rc::gen::inRange(0, 20);
    if (action < 12) {
      if (text_keys) builder.set(std::to_string(key), step);
      else builder.set(Value(key), step);
      naive.set(key, step);
    } else if (action < 19) {
      if (text_keys) builder.erase(std::to_string(key));
      else builder.erase(Value(key));
      naive.erase(key);
    } else {
      const Value built = std::move(builder).build();
      snapshots.emplace_back(built, naive);
      builder = MapBuilder(built);
    }
  }
  check_same(builder, naive, text_keys);
  for (const auto& [value, then] : snapshots) check_same(MapBuilder(value), then, text_keys);
}

RC_GTEST_PROP(ListBuilderProperty, behaves_as_a_vector, (const std::vector<std::uint8_t>& script)) {
  std::vector<int> naive;
  ListBuilder builder;
  Value held;
  for (const std::uint8_t step : script) {
    const std::size_t at = naive.empty() ? 0 : step % naive.size();
    switch (step % 5) {
      case 0: {
        builder.insert(at, int{step});
        naive.insert(naive.begin() + static_cast<std::ptrdiff_t>(at), step);
        break;
      }
      case 1: {
        if (naive.empty()) break;
        builder.erase(at);
        naive.erase(naive.begin() + static_cast<std::ptrdiff_t>(at));
        break;
      }
      case 2: {
        if (naive.empty()) break;
        builder.set(at, int{step});
        naive[at] = step;
        break;
      }
      case 3: {
        held = std::move(builder).build();
        builder = ListBuilder(held);
        break;
      }
      default: {
        builder.push_back(int{step});
        naive.push_back(step);
      }
    }
  }
  RC_ASSERT(builder.size() == naive.size());
  for (std::size_t i = 0; i < naive.size(); ++i) RC_ASSERT(builder[i] == Value(naive[i]));
}

}  // namespace
}  // namespace herder::value
