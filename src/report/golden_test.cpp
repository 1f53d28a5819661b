// What people and programs see, as whole texts: tests/cases/report/*.txt. HERDER_UPDATE=1 writes them anew; look at the difference.
#include <cstdlib>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "report/ansible_view.hpp"
#include "report/testing.hpp"

namespace herder::report {
namespace {

using namespace std::chrono_literals;

void expect_golden(const std::string& name, const std::string& got) {
  const std::string folder = std::string(HERDER_SOURCE_DIR) + "/tests/cases/report";
  const std::string path = folder + "/" + name + ".txt";
  if (std::getenv("HERDER_UPDATE") != nullptr) {
    ASSERT_TRUE(make_directories(folder));
    ASSERT_TRUE(write_file_atomically(path, got));
  }
  const auto wanted = read_file(path);
  ASSERT_TRUE(wanted) << wanted.error().what;
  EXPECT_EQ(*wanted, got) << path;
}

/// Every kind of outcome, with output that is easy to get wrong.
void play(FakeRun& run) {
  for (const char* host : {"web1", "web2", "web3"}) run.start(host);
  run.pass(200ms);
  for (const char* host : {"web2", "web1"}) {
    run.print(host, "up 3 ");
    run.print(host, "days\nno newline at the end");
    run.exit(host, 0);
  }
  run.whole("quiet", "");
  run.whole("db1", "half done\n", 2, "no such table: users\n");
  run.whole("db2", "half done\n", 2, "no such table: users\n");
  run.print("web3", "\x1b[2Jcleared \xff\xfe bell\a tab\there\r\nsecond\r\n");
  run.exit("web3", 0);
  run.start("gone");
  run.lose("gone", "connection refused");
  run.start("gone2");
  run.lose("gone2", "connection refused");
  run.start("slow");
  run.pass(2s);
  run.lose("slow", "no answer within 2 s", engine::Status::timeout);
  run.start("hit");
  run.finish("hit", {.status = engine::Status::failed, .signal = "KILL"});
  run.finish("late", {.status = engine::Status::skipped});
}

const std::vector<std::string> fleet{"web1", "web2", "web3", "quiet", "db1", "db2", "gone", "gone2", "slow", "hit", "late"};

std::string text_of(const FakeRun& run, int code) {
  return "=== stdout\n" + run.outputs.out_text + "=== stderr\n" + run.outputs.err_text + "=== exit code " + std::to_string(code) + "\n";
}

struct Case {
  const char* name;
  Format format = Format::text;
  std::optional<bool> fold;
  int verbosity = 0;
  bool color = false;
  bool terminal = false;
};

class Golden : public testing::TestWithParam<Case> {};

TEST_P(Golden, text) {
  const Case& one = GetParam();
  FakeRun run;
  run.settings = {.format = one.format, .fold = one.fold, .progress = Progress::none, .verbosity = one.verbosity};
  run.terminal.out = run.terminal.err = one.terminal;
  run.begin(fleet, "exec", one.color);
  play(run);
  std::string text = text_of(run, run.end());
  if (const auto time = text.find("\"time\": \""); time != std::string::npos) text.replace(time + 9, 24, "2026-01-31T10:20:30.123Z");
  expect_golden(one.name, text);
}

INSTANTIATE_TEST_SUITE_P(Report, Golden,
                         testing::Values(Case{.name = "folded", .fold = true}, Case{.name = "each_host", .fold = false, .verbosity = -1},
                                         Case{.name = "lines"}, Case{.name = "lines_verbose", .verbosity = 2},
                                         Case{.name = "folded_verbose", .fold = true, .verbosity = 1},
                                         Case{.name = "failures_only", .verbosity = -1}, Case{.name = "terminal", .color = true, .terminal = true},
                                         Case{.name = "ndjson", .format = Format::ndjson}, Case{.name = "json", .format = Format::json},
                                         Case{.name = "yaml", .format = Format::yaml}, Case{.name = "csv", .format = Format::csv}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(GoldenArea, is_drawn_over_and_lines_scroll_above) {
  FakeRun run;
  run.settings = {.fold = false};
  run.terminal.out = run.terminal.err = true;
  run.terminal.dimensions = {60, 24};
  std::vector<std::string> hosts;
  for (int i = 1; i <= 20; ++i) hosts.push_back("web" + std::to_string(i));
  run.begin(hosts);
  for (int i = 0; i < 10; ++i) run.start(hosts[static_cast<std::size_t>(i)]);
  run.pass(100ms);
  run.pass(500ms);
  run.whole("web11", "first line\n");
  run.pass(1s);
  for (int i = 0; i < 9; ++i) run.exit(hosts[static_cast<std::size_t>(i)], i == 3 ? 1 : 0);
  run.pass(20ms);
  run.pass(100ms);
  run.end(engine::Stop::interrupted);
  run.console.reset();
  std::string shown;
  for (const char c : run.outputs.both_text) shown += c == '\x1b' ? '~' : c;
  expect_golden("area", shown);
}

TEST(GoldenAnsible, minimal_and_one_line) {
  std::string all;
  for (const bool one_line : {false, true})
    for (const char* module : {"shell", "raw", "script", "ping"}) {
      FakeRun run;
      run.console = std::make_unique<Console>(run.outputs.out, run.outputs.err, run.terminal, false, false);
      run.reporter = std::make_unique<Reporter>(*run.console, StoreLimits{});
      run.reporter->add(std::make_unique<AnsibleView>(*run.console, AnsibleStyle{.module = module, .arguments = "x", .one_line = one_line}));
      const bool ping = std::string_view(module) == "ping";
      run.begin_with({"good", "bad", "gone"});
      run.whole("good", ping ? "" : "two\nlines\x1b[m\n");
      if (ping) run.whole("bad", "");
      else if (!one_line) run.whole("bad", "out\n", 3, "err\n");
      else run.whole("bad", "out\n");
      run.start("gone");
      run.lose("gone", "Connection refused");
      run.end();
      all += fmt::format("=== {}{}: exit code {}\n{}", module, one_line ? " -o" : "", ansible_exit_code(run.reporter->run().totals), run.outputs.out_text);
    }
  expect_golden("ansible", all);
}

}  // namespace
}  // namespace herder::report
