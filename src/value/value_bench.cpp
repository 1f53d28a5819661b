// What templates, inventories and results do all day.
#include <benchmark/benchmark.h>

#include "value/diff.hpp"
#include "value/json.hpp"
#include "value/python_literal.hpp"
#include "value/python_regex.hpp"

namespace herder::value {
namespace {

Value map_of(std::int64_t entries) {
  MapBuilder out;
  for (std::int64_t i = 0; i < entries; ++i) out.set("variable_" + std::to_string(i), i);
  return std::move(out).build();
}

/// About what the setup module returns for one host.
Value facts() {
  ListBuilder devices;
  for (int i = 0; i < 20; ++i)
    devices.push_back(Value::map({{"device", "/dev/sda" + std::to_string(i)}, {"size_total", std::int64_t{1} << 40U}, {"mount", "/srv"}, {"uuid", "N/A"}}));
  MapBuilder out(map_of(200));
  out.set("ansible_mounts", std::move(devices).build());
  out.set("load", 0.25);
  return std::move(out).build();
}

void copy(benchmark::State& state) {
  const Value value = facts();
  for (auto step : state) {
    Value held = value;
    benchmark::DoNotOptimize(held);
  }
}
BENCHMARK(copy);

void find_text(benchmark::State& state) {
  const Value map = map_of(state.range(0));
  const std::string key = "variable_" + std::to_string(state.range(0) / 2);
  for (auto step : state) benchmark::DoNotOptimize(map.find(std::string_view(key)));
}
BENCHMARK(find_text)->Arg(4)->Arg(8)->Arg(9)->Arg(100)->Arg(10'000);

void find_value(benchmark::State& state) {
  const Value map = map_of(state.range(0));
  const Value key = "variable_" + std::to_string(state.range(0) / 2);
  for (auto step : state) benchmark::DoNotOptimize(map.find(key));
}
BENCHMARK(find_value)->Arg(4)->Arg(100)->Arg(10'000);

void make_text(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto step : state) benchmark::DoNotOptimize(Value(text));
}
BENCHMARK(make_text)->Arg(8)->Arg(1000);

void concatenate(benchmark::State& state) {
  const Value a = "a host name";
  const Value b = ".example.com";
  for (auto step : state) {
    std::string text(a.as_string());
    text += b.as_string();
    benchmark::DoNotOptimize(Value(text));
  }
}
BENCHMARK(concatenate);

void append(benchmark::State& state) {
  for (auto step : state) {
    ListBuilder list;
    for (int i = 0; i < 100; ++i) list.push_back(i);
    benchmark::DoNotOptimize(std::move(list).build());
  }
}
BENCHMARK(append);

void change_own_map(benchmark::State& state) {
  Value map = map_of(100);
  int i = 0;
  for (auto step : state) {
    MapBuilder builder(std::move(map));
    builder.set("variable_50", ++i);
    map = std::move(builder).build();
  }
}
BENCHMARK(change_own_map);

void change_shared_map(benchmark::State& state) {
  const Value map = map_of(100);
  for (auto step : state) {
    MapBuilder builder(map);
    builder.set("variable_50", 1);
    benchmark::DoNotOptimize(std::move(builder).build());
  }
}
BENCHMARK(change_shared_map);

void combine_variables(benchmark::State& state) {
  const Value base = facts();
  const Value over = map_of(20);
  for (auto step : state) benchmark::DoNotOptimize(combine(base, over));
}
BENCHMARK(combine_variables);

void compare(benchmark::State& state) {
  const Value a = facts();
  const Value b = facts();
  for (auto step : state) benchmark::DoNotOptimize(a == b);
}
BENCHMARK(compare);

void hash_new_text(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto step : state) benchmark::DoNotOptimize(Value(text).hash());
}
BENCHMARK(hash_new_text)->Arg(8)->Arg(100);

void json_read(benchmark::State& state) {
  const std::string text = print_json(facts());
  for (auto step : state) benchmark::DoNotOptimize(parse_json(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(json_read);

void json_read_with_places(benchmark::State& state) {
  const std::string text = print_json(facts());
  for (auto step : state) benchmark::DoNotOptimize(parse_json(text, {.file = "bench.json"}));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(json_read_with_places);

void json_write(benchmark::State& state) {
  const Value value = facts();
  std::size_t bytes = 0;
  for (auto step : state) bytes += print_json(value).size();
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes));
}
BENCHMARK(json_write);

void json_read_output(benchmark::State& state) {  // a command's result: one long text with line ends
  std::string output;
  for (int i = 0; i < 1000; ++i) output += "Jan 31 10:20:30 host kernel: [12345.678] eth0: link up\n";
  const std::string text = print_json(Value::map({{"stdout", output}}));
  for (auto step : state) benchmark::DoNotOptimize(parse_json(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(json_read_output);

void literal_read(benchmark::State& state) {
  const std::string text = python_repr(facts());
  for (auto step : state) benchmark::DoNotOptimize(parse_python_literal(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}
BENCHMARK(literal_read);

void regex_compile(benchmark::State& state) {
  for (auto step : state) benchmark::DoNotOptimize(PythonRegex::compile(R"(^(?P<name>\w+)\s+(\d+\.\d+\.\d+\.\d+)$)"));
}
BENCHMARK(regex_compile);

void regex_search(benchmark::State& state) {
  const PythonRegex regex = PythonRegex::compile(R"((\d+\.\d+\.\d+\.\d+))").value();
  const std::string text = "GigabitEthernet0/1 is up, line protocol is up, Internet address is 10.20.30.40/24";
  for (auto step : state) benchmark::DoNotOptimize(regex.search(text));
}
BENCHMARK(regex_search);

void diff_lines(benchmark::State& state) {
  std::string before;
  std::string after;
  for (int i = 0; i < 1000; ++i) {
    before += "option_" + std::to_string(i) + " = 1\n";
    after += "option_" + std::to_string(i) + (i % 50 == 0 ? " = 2\n" : " = 1\n");
  }
  const DiffOptions options{.method = state.range(0) == 0 ? DiffMethod::python : DiffMethod::shortest};
  for (auto step : state) benchmark::DoNotOptimize(unified_diff(before, after, "a", "b", options));
}
BENCHMARK(diff_lines)->Arg(0)->Arg(1);

}  // namespace
}  // namespace herder::value
