// Behaviour that whole texts do not show: nothing lost, nothing dangerous let through, bounds kept.
#include <cstdlib>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/file.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"
#include "base/utf8.hpp"
#include "report/ansible_view.hpp"
#include "report/file_view.hpp"
#include "report/grouped_view.hpp"
#include "report/line_view.hpp"
#include "report/records.hpp"
#include "report/testing.hpp"
#include "value/json.hpp"

namespace herder::report {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

struct TempDir {
  std::string path;
  TempDir() {
    std::string name = testing::TempDir() + "/herder-report-XXXXXX";
    path = ::mkdtemp(name.data());
  }
  ~TempDir() { std::filesystem::remove_all(path); }
};

std::string random_bytes(std::size_t size) {
  std::string out;
  // Half of it from what terminals obey, so that sequences come about.
  static const std::string spicy("\x1b[]()0;m\a\b\r\n\t\x7f\xc2\x9b\xe2\x80\xae\xff\xf0\x9f\x98\x80" "A", 27);
  for (std::size_t i = 0; i < size; ++i)
    out += *rc::gen::arbitrary<bool>() ? spicy[*rc::gen::inRange<std::size_t>(0, spicy.size())] : static_cast<char>(*rc::gen::inRange(0, 256));
  return out;
}

/// What a terminal must never get from a host: every control character but \n and \t, also C1 in UTF-8, direction overrides, and
/// bytes that are no UTF-8.
bool is_harmless(std::string_view text) {
  while (!text.empty()) {
    const utf8::Step step = utf8::decode(text);
    if (step.size == 0 || !text::is_printable(step.code)) return false;
    text.remove_prefix(step.size);
  }
  return true;
}

RC_GTEST_PROP(ReportProperty, no_control_character_of_a_host_reaches_any_output, ()) {
  for (const Format format : {Format::text, Format::json, Format::ndjson, Format::yaml, Format::csv})
    for (const bool fold : {false, true}) {
      FakeRun run;
      run.settings = {.format = format, .fold = fold, .progress = Progress::none, .verbosity = 2};
      const std::string name = "h" + random_bytes(5);
      run.begin({name, "other"});
      run.start(name);
      for (int chunk = 0; chunk < 4; ++chunk) {
        run.print(name, random_bytes(*rc::gen::inRange<std::size_t>(0, 30)));
        run.complain(name, random_bytes(*rc::gen::inRange<std::size_t>(0, 10)));
      }
      run.reporter->on(engine::Warning{.host = 0, .what = error(Errc::io, "{}", random_bytes(8))});
      run.exit(name, 1);
      run.start("other");
      run.lose("other", random_bytes(10));
      run.end();
      RC_ASSERT(is_harmless(run.outputs.both_text));
    }
}

RC_GTEST_PROP(ReportProperty, ansible_output_is_harmless_too, ()) {
  for (const char* module : {"shell", "script", "ping"})
    for (const bool one_line : {false, true}) {
      FakeRun run;
      run.console = std::make_unique<Console>(run.outputs.out, run.outputs.err, run.terminal, false, false);
      run.reporter = std::make_unique<Reporter>(*run.console, StoreLimits{});
      run.reporter->add(std::make_unique<AnsibleView>(*run.console, AnsibleStyle{.module = module, .one_line = one_line}));
      run.begin_with({"a", "b"});
      run.whole("a", random_bytes(30), *rc::gen::inRange(0, 2), random_bytes(10));
      run.start("b");
      run.lose("b", random_bytes(10));
      run.end();
      RC_ASSERT(is_harmless(run.outputs.both_text));
    }
}

RC_GTEST_PROP(ReportProperty, folding_never_loses_a_host, ()) {
  FakeRun run;
  run.settings = {.fold = true, .progress = Progress::none};
  std::vector<std::string> hosts;
  const int count = *rc::gen::inRange(1, 60);
  for (int i = 0; i < count; ++i) hosts.push_back("host" + std::to_string(i));
  run.begin(hosts);
  for (const std::string& host : hosts) {
    switch (*rc::gen::inRange(0, 5)) {
      case 0: run.finish(host, {.status = engine::Status::skipped}); break;
      case 1: run.start(host), run.lose(host, *rc::gen::element<std::string>("refused", "no route")); break;
      default: run.whole(host, *rc::gen::element<std::string>("a\n", "b\n", ""), *rc::gen::inRange(0, 3), *rc::gen::element<std::string>("", "e")); break;
    }
  }
  run.end();
  std::multiset<std::string> seen;
  for (const Group& group : group_results(run.reporter->run(), true))
    for (const engine::HostIndex host : group.hosts) seen.insert(run.reporter->run().name(host));
  RC_ASSERT(seen == std::multiset<std::string>(hosts.begin(), hosts.end()));
  // And on the page: the lists before the colons name every host once.
  std::multiset<std::string> listed;
  for (const std::string_view line : text::lines(run.outputs.out_text)) {
    if (!line.starts_with("host")) continue;
    for (const std::string_view name : text::split(line.substr(0, line.find_first_of(" :")), ',')) listed.insert(std::string(name));
  }
  RC_ASSERT(listed == seen);
}

RC_GTEST_PROP(ReportProperty, lines_of_a_host_come_back_whole_whatever_the_chunks, ()) {
  FakeRun run;
  run.settings = {.fold = false, .progress = Progress::none};
  run.begin({"h"});
  run.start("h");
  std::string sent;
  const int period = *rc::gen::element(1, 2, 97, 9000, 20'000);
  const int size = *rc::gen::inRange(0, 60'000);
  for (int i = 0; i < size; ++i) sent += i % period == period - 1 ? "\n" : (i % 5 == 0 ? "é" : "x");
  const auto step = *rc::gen::inRange<std::size_t>(1, 30'000);
  for (std::size_t at = 0; at < sent.size(); at += step) run.print("h", sent.substr(at, step));
  run.exit("h", 0);
  std::vector<std::string> got;
  for (const std::string_view line : text::lines(run.outputs.out_text)) {
    RC_ASSERT(line.starts_with("h: ") || (line.starts_with("h+ ") && !got.empty()));
    RC_ASSERT(line.size() <= LineView::part_bytes + 3);
    if (line[1] == ':') got.emplace_back();
    got.back() += line.substr(3);
  }
  std::vector<std::string> wanted;
  for (const std::string_view line : text::lines(sent)) wanted.emplace_back(line);
  RC_ASSERT(got == wanted);
}

RC_GTEST_PROP(ReportProperty, json_gives_back_what_the_host_printed, ()) {
  FakeRun run;
  run.settings = {.format = Format::ndjson, .progress = Progress::none};
  run.begin({"h"});
  const std::string out = random_bytes(*rc::gen::inRange<std::size_t>(0, 60));
  run.start("h");
  for (std::size_t at = 0; at < out.size(); at += 7) run.print("h", out.substr(at, 7));
  run.exit("h", 0);
  run.end();
  const auto lines = text::lines(run.outputs.out_text);
  RC_ASSERT(lines.size() == 4U);
  const auto record = value::parse_json(lines[2]);
  RC_ASSERT(record.has_value());
  const Value* base64 = record->find("stdout_base64");
  RC_ASSERT((base64 != nullptr) == !text::is_utf8(out));
  RC_ASSERT((base64 != nullptr ? *text::unbase64(base64->as_string()) : std::string(record->get("stdout").as_string())) == out);
}

TEST(Report, output_of_an_earlier_attempt_does_not_count) {
  FakeRun run;
  run.settings = {.fold = true, .progress = Progress::none};
  run.begin({"h"});
  run.start("h");
  run.print("h", "first try\n");
  run.start("h", 2);
  run.print("h", "second try\n");
  run.exit("h", 0);
  EXPECT_EQ(run.end(), 0);
  EXPECT_THAT(run.outputs.out_text, Not(HasSubstr("first")));
  EXPECT_THAT(run.outputs.out_text, HasSubstr("second try"));
}

TEST(Report, two_thousand_hosts_with_the_same_mebibyte_keep_one_copy) {
  FakeRun run;
  run.settings = {.fold = true, .progress = Progress::none, .limits = {.output_bytes = std::uint64_t{4} << 20U}};
  std::vector<std::string> hosts;
  for (int i = 0; i < 2000; ++i) hosts.push_back("h" + std::to_string(i));
  run.begin(hosts);
  const std::string mebibyte(std::size_t{1} << 20U, 'x');
  for (const std::string& host : hosts) run.whole(host, mebibyte);
  EXPECT_EQ(run.reporter->store().usage().outputs, 1U);
  EXPECT_LE(run.reporter->store().usage().file_bytes, mebibyte.size());
  run.end();
  EXPECT_LT(run.outputs.out_text.size(), mebibyte.size() + 20'000);
}

TEST(Report, what_is_cut_is_said) {
  FakeRun run;
  run.settings = {.fold = true, .progress = Progress::none, .limits = {.output_bytes = 1000}};
  run.begin({"h"});
  run.whole("h", std::string(5000, 'x'));
  run.end();
  EXPECT_THAT(run.outputs.out_text, HasSubstr("more dropped; --output-limit keeps more"));
  FakeRun json;
  json.settings = {.format = Format::json, .limits = {.output_bytes = 1000}};
  json.begin({"h"});
  json.whole("h", std::string(5000, 'x'));
  json.end();
  EXPECT_THAT(json.outputs.out_text, HasSubstr("\"stdout_dropped\": 4000"));
}

TEST(Report, a_full_disk_stops_the_run_and_ends_with_1) {
  FakeRun run;
  run.settings = {.fold = true, .progress = Progress::none, .limits = {.directory = "/proc/nowhere"}};
  run.begin({"h", "i"});
  run.start("h");
  EXPECT_FALSE(run.reporter->must_stop());
  run.print("h", std::string(100'000, 'x'));
  EXPECT_TRUE(run.reporter->must_stop());
  run.exit("h", 0);
  run.finish("i", {.status = engine::Status::skipped});
  EXPECT_EQ(run.end(engine::Stop::report_failed), 1);
  EXPECT_THAT(run.outputs.err_text, HasSubstr("keep the hosts' output"));
  EXPECT_THAT(run.outputs.err_text, HasSubstr("TMPDIR"));
}

TEST(Report, a_closed_pipe_stops_the_run_quietly) {
  FakeRun run;
  run.begin({"h"});
  run.start("h");
  run.outputs.out.break_it(error(Errc::io, "broken pipe"), true);
  EXPECT_TRUE(run.reporter->must_stop());
  run.exit("h", 0);
  EXPECT_EQ(run.end(engine::Stop::report_failed), 1);
  EXPECT_THAT(run.outputs.err_text, Not(HasSubstr("broken pipe")));
}

TEST(Report, secrets_are_taken_out_also_across_chunks) {
  redactor().add(std::string_view("canary-7Yq2-secret"));
  TempDir dir;
  FakeRun run;
  run.settings = {.fold = false, .progress = Progress::none, .output_dir = dir.path};
  run.begin({"h"});
  run.start("h");
  run.print("h", "before canary-7Y");
  run.print("h", "q2-secret after\n");
  run.exit("h", 0);
  run.end();
  EXPECT_THAT(run.outputs.both_text, Not(HasSubstr("7Yq2")));
  EXPECT_THAT(run.outputs.out_text, HasSubstr("h: before ******** after"));
  EXPECT_EQ(*read_file(dir.path + "/h.out"), "before ******** after\n");
}

TEST(Heartbeat, speaks_after_thirty_silent_seconds_only) {
  FakeRun run;
  run.settings = {.fold = true};
  run.begin({"a", "b"});
  run.start("a");
  run.start("b");
  run.pass(29s);
  EXPECT_EQ(run.outputs.err_text, "");
  run.pass(1s);
  EXPECT_EQ(run.outputs.err_text, "herder: 0 of 2 hosts done, 2 running, longest a (30 s)\n");
  run.pass(29s);
  run.exit("a", 0);
  run.pass(1s);
  EXPECT_THAT(run.outputs.err_text, HasSubstr("herder: 1 of 2 hosts done, 1 running, longest b (1 m 00 s)\n"));
}

TEST(LiveProgress, never_takes_more_than_twelve_lines_nor_more_than_fit) {
  for (const int rows : {2, 5, 24}) {
    FakeRun run;
    run.settings = {.fold = true};
    run.terminal.out = run.terminal.err = true;
    run.terminal.dimensions = {40, rows};
    std::vector<std::string> hosts;
    for (int i = 0; i < 3000; ++i) hosts.push_back("a-host-with-a-name-that-is-wider-than-the-terminal-" + std::to_string(i));
    run.begin(hosts);
    for (const std::string& host : hosts) run.start(host);
    run.pass(10s);
    const auto drawn = std::count(run.outputs.err_text.begin(), run.outputs.err_text.end(), '\n');
    EXPECT_LE(drawn, std::min(12, rows - 1));
    EXPECT_GT(drawn, 0);
    for (const std::string_view line : text::lines(run.outputs.err_text)) EXPECT_LE(text::columns(line), 40U + 6U + 3U);  // hiding the cursor, clearing the rest
  }
}

TEST(LiveProgress, is_drawn_ten_times_a_second_at_most) {
  FakeRun run;
  run.settings = {.fold = true};
  run.terminal.err = true;
  run.begin({"a"});
  run.start("a");
  for (int i = 0; i < 1000; ++i) run.pass(5ms);
  std::size_t draws = 0;
  for (std::size_t at = 0; (at = run.outputs.err_text.find("0/1 hosts", at)) != std::string::npos; ++at) ++draws;
  EXPECT_GE(draws, 40U);
  EXPECT_LE(draws, 46U);
}

TEST(LiveProgress, a_narrower_terminal_is_cleared_by_its_rows) {
  FakeRun run;
  run.settings = {.fold = true};
  run.terminal.err = true;
  run.begin({"a"});
  run.start("a");
  run.pass(600ms);  // two lines: the bar (about 54 columns) and the counts
  run.terminal.dimensions.columns = 20;
  run.outputs.err_text.clear();
  run.console->hide_area();
  EXPECT_EQ(run.outputs.err_text, "\r\x1b[4A\x1b[J");
}

TEST(LiveProgress, gives_the_cursor_back) {
  FakeRun run;
  run.settings = {.fold = true};
  run.terminal.err = true;
  run.begin({"a"});
  run.start("a");
  run.pass(1s);
  EXPECT_THAT(run.outputs.err_text, HasSubstr("\x1b[?25l"));
  run.console.reset();
  EXPECT_TRUE(run.outputs.err_text.ends_with("\x1b[J\x1b[?25h"));
}

TEST(LiveProgress, dumb_terminals_and_quiet_get_none) {
  for (const bool quiet : {false, true}) {
    FakeRun run;
    run.settings = {.fold = true, .verbosity = quiet ? -1 : 0};
    run.terminal.err = true;
    run.terminal.moves = quiet;
    run.begin({"a"});
    run.start("a");
    run.pass(10s);
    EXPECT_EQ(run.outputs.err_text, "");
  }
}

TEST(FileNames, no_path_comes_of_a_host_name) {
  EXPECT_EQ(file_name_for("web-1.example.com"), "web-1.example.com");
  EXPECT_EQ(file_name_for("../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd");
  EXPECT_EQ(file_name_for(".."), "%2E.");
  EXPECT_EQ(file_name_for(""), "%");
  EXPECT_EQ(file_name_for("fe80::1"), "fe80::1");
  EXPECT_LT(file_name_for(std::string(5000, 'a')).size(), 240U);
}

RC_GTEST_PROP(FileNamesProperty, different_hosts_have_different_files, (const std::string& a, const std::string& b)) {
  RC_ASSERT((a == b) == (file_name_for(a) == file_name_for(b)));
  RC_ASSERT(file_name_for(a).find('/') == std::string::npos && file_name_for(a)[0] != '.');
}

TEST(OutputDir, holds_the_bytes_as_they_came) {
  TempDir dir;
  FakeRun run;
  run.settings = {.fold = true, .progress = Progress::none, .output_dir = dir.path + "/new/deep"};
  run.begin({"h", "../up", "gone"});
  const std::string raw("\x1b[1m\0\xff\r\n", 8);
  run.whole("h", raw, 1, "oops\n");
  run.whole("../up", "x");
  run.start("gone");
  run.lose("gone", "refused");
  EXPECT_EQ(run.end(), 6);
  EXPECT_EQ(*read_file(dir.path + "/new/deep/h.out"), raw);
  EXPECT_EQ(*read_file(dir.path + "/new/deep/h.err"), "oops\n");
  EXPECT_EQ(*read_file(dir.path + "/new/deep/%2E.%2Fup.out"), "x");
  EXPECT_EQ(*read_file(dir.path + "/new/deep/gone.out"), "");
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(dir.path + "/new/deep")) ++files;
  EXPECT_EQ(files, 6U);
}

TEST(OutputDir, that_cannot_be_written_stops_the_run) {
  FakeRun run;
  run.settings = {.progress = Progress::none, .output_dir = "/proc/nowhere/at/all"};
  run.begin({"h"});
  EXPECT_TRUE(run.reporter->must_stop());
  run.finish("h", {.status = engine::Status::skipped});
  EXPECT_EQ(run.end(engine::Stop::report_failed), 1);
  EXPECT_THAT(run.outputs.err_text, HasSubstr("/proc/nowhere"));
}

TEST(ExitCode, tells_interruption_from_failure) {
  FakeRun run;
  run.begin({"h"});
  run.start("h");
  run.finish("h", {.status = engine::Status::cancelled});
  EXPECT_EQ(run.end(engine::Stop::interrupted), 130);
}

TEST(PythonLines, split_where_python_does) {
  EXPECT_THAT(python_lines("a\nb\r\nc\rd"), testing::ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(python_lines("a\n\n"), testing::ElementsAre("a", ""));
  EXPECT_THAT(python_lines("a\v\x1c\xc2\x85\xe2\x80\xa8z"), testing::ElementsAre("a", "", "", "", "z"));
  EXPECT_THAT(python_lines(""), testing::IsEmpty());
}

TEST(Color, follows_flag_environment_and_terminal) {
  FakeTerminal terminal;
  ::unsetenv("NO_COLOR");
  EXPECT_TRUE(use_color(ColorMode::automatic, true, terminal));
  EXPECT_FALSE(use_color(ColorMode::automatic, false, terminal));
  EXPECT_TRUE(use_color(ColorMode::always, false, terminal));
  terminal.moves = false;
  EXPECT_FALSE(use_color(ColorMode::automatic, true, terminal));
  terminal.moves = true;
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(use_color(ColorMode::automatic, true, terminal));
  EXPECT_TRUE(use_color(ColorMode::always, true, terminal));
  ::setenv("NO_COLOR", "", 1);
  EXPECT_TRUE(use_color(ColorMode::automatic, true, terminal));
  ::unsetenv("NO_COLOR");
}

}  // namespace
}  // namespace herder::report
