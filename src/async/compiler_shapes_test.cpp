// Is the compiler in use fit for coroutines? Every shape passes tracked values around a co_await in one of the ways that people
// write; the shape must compute the right answer, and every value must be constructed and destroyed exactly once, at its own
// address. g++ 12.2 fails about half of such a battery, which is why clang builds herder.
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "async/loop.hpp"
#include "async/scope.hpp"

namespace herder::async {
namespace {

/// What happened to all Tracked values; one test runs at a time, on one thread.
struct Book {
  std::set<const void*> alive;
  int mistakes = 0;
};
Book book;  // NOLINT: Tracked needs it from its special members

/// Knows where it was made: copied bytewise, used after its end or destroyed twice counts as a mistake.
class Tracked {
 public:
  explicit Tracked(int value = 7) : value_(value) { enter(); }
  Tracked(const Tracked& other) : value_(other.get()) { enter(); }
  Tracked(Tracked&& other) noexcept : value_(other.get()) {
    other.value_ = -1;
    enter();
  }
  Tracked& operator=(const Tracked& other) = default;
  Tracked& operator=(Tracked&& other) noexcept {
    value_ = std::exchange(other.value_, -1);
    return *this;
  }
  ~Tracked() {
    if (book.alive.erase(this) == 0) ++book.mistakes;
  }
  [[nodiscard]] int get() const {
    if (!book.alive.contains(this)) ++book.mistakes;
    return value_;
  }

 private:
  void enter() {
    if (!book.alive.insert(this).second) ++book.mistakes;
  }
  int value_;
};

/// Suspends and is resumed by the loop, so that nothing is on the stack any more.
struct Hop {
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) const { Loop::current().resume_later(self); }
  void await_resume() const noexcept {}
};

struct Pair {
  Tracked first;
  Tracked second;
  int extra = 0;
};

Async<int> by_value(Tracked value) {
  co_await Hop{};
  co_return value.get();
}
Async<int> by_reference(const Tracked& value) {
  co_await Hop{};
  co_return value.get();
}
Async<int> by_move(Tracked&& value) {
  const Tracked own(std::move(value));
  co_await Hop{};
  co_return own.get();
}
Async<int> sum_of(Pair pair) {
  co_await Hop{};
  co_return pair.first.get() + pair.second.get() + pair.extra;
}
Async<int> sum_of_all(std::vector<Tracked> values) {
  int sum = 0;
  for (const Tracked& value : values) {
    co_await Hop{};
    sum += value.get();
  }
  co_return sum;
}
Async<Tracked> make(int value = 7) {
  co_await Hop{};
  co_return Tracked(value);
}
Async<bool> truth(bool value) {
  co_await Hop{};
  co_return value;
}
Async<std::vector<Tracked>> three() {
  co_await Hop{};
  std::vector<Tracked> values;
  for (const int i : {1, 2, 3}) values.emplace_back(i);
  co_return values;
}
Async<std::pair<Tracked, Tracked>> two() {
  co_await Hop{};
  co_return std::pair(Tracked(3), Tracked(4));
}
Async<Result<Tracked>> maybe(bool good) {
  const Tracked local(1);
  co_await Hop{};
  if (!good) co_return fail(Errc::timeout, "asked to fail");
  co_return Tracked(7);
}
template <class F>
Async<int> call(F function) {
  co_await Hop{};
  co_return co_await function();
}
template <class F>
Async<int> call_plain(F function) {
  co_await Hop{};
  co_return function();
}
Async<int> call_erased(std::function<Async<int>()> function) {
  co_await Hop{};
  co_return co_await function();
}
Async<int> call_erased_plain(std::function<int()> function) {
  co_await Hop{};
  co_return function();
}

// Arguments.
Async<bool> argument_copied() {
  const Tracked value;
  co_return co_await by_value(value) == 7;
}
Async<bool> argument_moved() {
  Tracked value;
  co_return co_await by_value(std::move(value)) == 7;
}
Async<bool> argument_temporary() { co_return co_await by_value(Tracked()) == 7; }
Async<bool> argument_temporary_by_reference() { co_return co_await by_reference(Tracked()) == 7; }
Async<bool> argument_temporary_by_move() { co_return co_await by_move(Tracked()) == 7; }
Async<bool> argument_from_await() { co_return (co_await make()).get() + co_await by_value(co_await make()) == 14; }
Async<bool> argument_from_awaited_reference() { co_return co_await by_reference(co_await make()) == 7; }
Async<bool> arguments_kept_for_later() {
  Async<int> first = by_value(Tracked(1));
  Async<int> second = by_value(Tracked(2));
  const int late = co_await std::move(second);
  co_return late * 10 + co_await std::move(first) == 21;
}
Async<bool> never_awaited() {
  const Async<int> unused = by_value(Tracked());
  co_await Hop{};
  co_return true;
}

// Aggregates.
Async<bool> aggregate_named() { co_return co_await sum_of(Pair{Tracked(), Tracked(), 1}) == 15; }
Async<bool> aggregate_braces() { co_return co_await sum_of({Tracked(), Tracked(), 1}) == 15; }
Async<bool> aggregate_designated() { co_return co_await sum_of({.first = Tracked(), .second = Tracked(), .extra = 1}) == 15; }
Async<bool> aggregate_of_awaits() {
  const Pair pair{.first = co_await make(1), .second = co_await make(2), .extra = co_await by_value(Tracked(3))};
  co_return pair.first.get() + pair.second.get() + pair.extra == 6;
}
Async<bool> aggregate_braces_of_awaits() { co_return co_await sum_of({co_await make(1), co_await make(2), 3}) == 6; }

// Lambdas.
Async<bool> lambda_by_value() {
  const Tracked value;
  co_return co_await call_plain([value] { return value.get(); }) == 7;
}
Async<bool> lambda_by_reference() {
  const Tracked value;
  co_return co_await call_plain([&value] { return value.get(); }) == 7;
}
Async<bool> lambda_by_move() {
  Tracked value;
  co_return co_await call_plain([own = std::move(value)] { return own.get(); }) == 7;
}
Async<bool> lambda_several_captures() {
  const Tracked a(1);
  const Tracked b(2);
  const std::string text(100, 'x');
  co_return co_await call_plain([a, &b, text] { return a.get() + b.get() + static_cast<int>(text.size()); }) == 103;
}
Async<bool> coroutine_lambda_by_value() {
  const Tracked value;
  const auto body = [value]() -> Async<int> {
    co_await Hop{};
    co_return value.get();
  };
  co_return co_await call(body) == 7;
}
Async<bool> coroutine_lambda_inline() {
  const Tracked value;
  co_return co_await call([value]() -> Async<int> {
    co_await Hop{};
    co_return value.get();
  }) == 7;
}
Async<bool> coroutine_lambda_named_and_called_here() {
  const Tracked value;
  const auto body = [value]() -> Async<int> {
    co_await Hop{};
    co_return value.get();
  };
  co_return co_await body() == 7;
}
Async<bool> coroutine_lambda_called_in_place() {
  const Tracked value(5);
  co_return co_await [](Tracked own) -> Async<int> {
    co_await Hop{};
    co_return own.get();
  }(value) == 5;
}
Async<bool> function_object() {
  const Tracked value;
  co_return co_await call_erased_plain([value] { return value.get(); }) == 7;
}
Async<bool> function_object_coroutine() {
  const Tracked value;
  co_return co_await call_erased([value]() -> Async<int> {
    co_await Hop{};
    co_return value.get();
  }) == 7;
}

// Branches and loops.
Async<bool> ternary_of_classes() {
  const Tracked other(3);
  const Tracked got = co_await truth(true) ? co_await make() : other;
  const Tracked kept = co_await truth(false) ? co_await make() : other;
  co_return got.get() + kept.get() == 10;
}
Async<bool> ternary_of_numbers() { co_return ((co_await truth(true)) ? co_await by_value(Tracked()) : 3) == 7; }
Async<bool> ternary_as_argument() { co_return co_await by_value(co_await truth(false) ? Tracked(1) : Tracked(2)) == 2; }
Async<bool> switch_on_await() {
  switch (co_await by_value(Tracked())) {
    case 7: {
      const Tracked inner(1);
      co_return co_await by_value(inner) == 1;
    }
    default: co_return false;
  }
}
Async<bool> switch_falls_through_awaits() {
  int sum = 0;
  switch ((co_await make(1)).get()) {
    case 1: sum += co_await by_value(Tracked(1)); [[fallthrough]];
    case 2: sum += co_await by_value(Tracked(2)); break;
    default: sum = 100;
  }
  co_return sum == 3;
}
Async<bool> if_with_initialiser() {
  if (const Tracked value = co_await make(); value.get() == 7) co_return true;
  co_return false;
}
Async<bool> short_circuit() {
  co_return !(co_await truth(false) && (co_await make()).get() == 7) && (co_await truth(true) || (co_await make()).get() == 0);
}
Async<bool> while_on_await() {
  int rounds = 0;
  while ((co_await make(rounds)).get() < 3 && co_await truth(true)) ++rounds;
  co_return rounds == 3;
}
Async<bool> range_for_over_await() {
  int sum = 0;
  for (const Tracked& value : co_await three()) {
    co_await Hop{};
    sum += value.get();
  }
  co_return sum == 6;
}
Async<bool> loop_with_break_and_continue() {
  int sum = 0;
  for (int i = 0; i < 10; ++i) {
    const Tracked value = co_await make(i);
    if (i % 2 == 0) continue;
    if (i > 6) break;
    sum += co_await by_value(value);
  }
  co_return sum == 1 + 3 + 5;
}
Async<bool> early_return_from_nested_scopes() {
  const Tracked outer(1);
  for (int i = 0;; ++i) {
    const Tracked inner = co_await make(i);
    if (inner.get() == 2) {
      const Tracked last(3);
      co_return co_await by_value(last) + outer.get() == 4;
    }
  }
}

// Failures without exceptions.
Async<Result<int>> through_try(bool good) {
  const Tracked before(1);
  HERDER_CO_TRY(const Tracked value, co_await maybe(good), "step {}", 1);
  const Tracked after(2);
  co_await Hop{};
  co_return value.get() + before.get() + after.get();
}
Async<bool> try_passes_values() { co_return (co_await through_try(true)).value() == 10; }
Async<bool> try_returns_early() {
  const Result<int> got = co_await through_try(false);
  co_return !got && got.error().code == Errc::timeout && got.error().via.size() == 1;
}

// Values made across a co_await.
Async<bool> structured_binding_of_await() {
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    const auto [a, b] = co_await two();
    co_await Hop{};
    sum += a.get() + b.get();
  }
  co_return sum == 21;
}
Async<bool> structured_binding_of_awaits() {
  const auto [a, b] = std::pair{co_await make(1), co_await make(2)};
  co_await Hop{};
  co_return a.get() + b.get() == 3;
}
Async<bool> tuple_of_awaits() {
  const auto [a, b, c] = std::tuple(co_await make(1), std::string("x"), co_await make(2));
  co_return a.get() + c.get() == 3 && b == "x";
}
Async<bool> optional_of_await() {
  std::optional<Tracked> value{co_await make()};
  co_await Hop{};
  value.emplace(co_await make(8));
  co_return value->get() == 8;
}
Async<bool> variant_of_await() {
  std::variant<int, Tracked> value{co_await make()};
  co_await Hop{};
  co_return std::get<Tracked>(value).get() == 7;
}
Async<bool> unique_pointer_of_await() {
  const auto value = std::make_unique<Tracked>(co_await make());
  co_await Hop{};
  co_return value->get() == 7;
}
Async<bool> vector_moved_in() {
  std::vector<Tracked> values;
  for (const int i : {1, 2, 3}) values.emplace_back(i);
  co_return co_await sum_of_all(std::move(values)) == 6 && values.empty();  // NOLINT(bugprone-use-after-move)
}
Async<bool> vector_braces_of_awaits() { co_return co_await sum_of_all({co_await make(1), Tracked(2), co_await make(3)}) == 6; }
Async<bool> vector_grows_by_awaits() {
  std::vector<Tracked> values;
  for (int i = 0; i < 5; ++i) values.push_back(co_await make(i));
  values.insert(values.end(), {co_await make(10), Tracked(20)});
  co_return co_await sum_of_all(values) == 40;
}
Async<bool> map_of_awaits() {
  std::map<std::string, Tracked> values;
  values.emplace("a", co_await make(1));
  values.insert_or_assign("a", co_await make(2));
  co_return values.at("a").get() == 2;
}
Async<bool> assignment_from_await() {
  Tracked value(1);
  value = co_await make(2);
  co_await Hop{};
  co_return value.get() == 2;
}
Async<bool> text_joined_across_awaits() {
  const std::string text = std::string(50, 'a') + (co_await truth(true) ? "b" : "c") + std::to_string(co_await by_value(Tracked()));
  co_return text.ends_with("ab7") && text.size() == 52;
}
Async<bool> temporary_outlives_the_await() {
  const auto first_of = [](const Tracked& value, int number) { return value.get() + number; };
  co_return first_of(Tracked(1), co_await by_value(Tracked(2))) == 3;
}
Async<bool> deep_recursion() {
  struct Step {
    static Async<int> down(Tracked value, int depth) {
      if (depth == 0) co_return value.get();
      const Tracked here(depth);
      co_return co_await down(std::move(value), depth - 1) + (here.get() > 0 ? 1 : 0);
    }
  };
  co_return co_await Step::down(Tracked(0), 500) == 500;
}

// Coroutines side by side.
Async<void> add_to(int* sum, Tracked value) {
  co_await Hop{};
  *sum += value.get();
}
Async<bool> children_of_a_scope() {
  int sum = 0;
  Scope scope;
  for (int i = 0; i < 5; ++i) scope.spawn(add_to(&sum, Tracked(i)));
  co_await scope.join();
  co_return sum == 10;
}

struct Shape {
  const char* name;
  Async<bool> (*run)();
};
#define SHAPE(name) Shape{#name, name}
constexpr Shape shapes[] = {
    SHAPE(argument_copied), SHAPE(argument_moved), SHAPE(argument_temporary), SHAPE(argument_temporary_by_reference),
    SHAPE(argument_temporary_by_move), SHAPE(argument_from_await), SHAPE(argument_from_awaited_reference),
    SHAPE(arguments_kept_for_later), SHAPE(never_awaited), SHAPE(aggregate_named), SHAPE(aggregate_braces),
    SHAPE(aggregate_designated), SHAPE(aggregate_of_awaits), SHAPE(aggregate_braces_of_awaits), SHAPE(lambda_by_value),
    SHAPE(lambda_by_reference), SHAPE(lambda_by_move), SHAPE(lambda_several_captures), SHAPE(coroutine_lambda_by_value),
    SHAPE(coroutine_lambda_inline), SHAPE(coroutine_lambda_named_and_called_here), SHAPE(coroutine_lambda_called_in_place),
    SHAPE(function_object), SHAPE(function_object_coroutine), SHAPE(ternary_of_classes), SHAPE(ternary_of_numbers),
    SHAPE(ternary_as_argument), SHAPE(switch_on_await), SHAPE(switch_falls_through_awaits), SHAPE(if_with_initialiser),
    SHAPE(short_circuit), SHAPE(while_on_await), SHAPE(range_for_over_await), SHAPE(loop_with_break_and_continue),
    SHAPE(early_return_from_nested_scopes), SHAPE(try_passes_values), SHAPE(try_returns_early), SHAPE(structured_binding_of_await),
    SHAPE(structured_binding_of_awaits), SHAPE(tuple_of_awaits), SHAPE(optional_of_await), SHAPE(variant_of_await),
    SHAPE(unique_pointer_of_await), SHAPE(vector_moved_in), SHAPE(vector_braces_of_awaits), SHAPE(vector_grows_by_awaits),
    SHAPE(map_of_awaits), SHAPE(assignment_from_await), SHAPE(text_joined_across_awaits), SHAPE(temporary_outlives_the_await),
    SHAPE(deep_recursion), SHAPE(children_of_a_scope),
};
#undef SHAPE

class CompilerShapes : public ::testing::TestWithParam<Shape> {};

TEST_P(CompilerShapes, computes_right_and_destroys_everything_once) {
  book = {};
  const auto loop = make_loop();
  EXPECT_TRUE(run_until_done(*loop, GetParam().run()));
  EXPECT_EQ(book.alive.size(), 0U) << "leaked";
  EXPECT_EQ(book.mistakes, 0) << "used or destroyed outside of its life";
}

INSTANTIATE_TEST_SUITE_P(Clang, CompilerShapes, ::testing::ValuesIn(shapes),
                         [](const ::testing::TestParamInfo<Shape>& shape) { return std::string(shape.param.name); });

}  // namespace
}  // namespace herder::async
