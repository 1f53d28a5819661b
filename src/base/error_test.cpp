#include "base/error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/error_format.hpp"
#include "base/file.hpp"
#include "base/secret.hpp"

namespace herder {
namespace {

Result<int> parse_port(int port) {
  if (port > 65535) return fail(Errc::parse, "port {} is not in 1..65535", port);
  return port;
}

Result<> check(int port) {
  if (port == 22) return fail(Errc::conflict, "port 22 is taken");
  return {};
}

Result<int> read_host(int port) {
  HERDER_TRY(const int got, parse_port(port), "inventory host {}", "web1");
  HERDER_TRY_VOID(check(got), "checking port {}", got);
  return got + 1;
}

}  // namespace

TEST(Error, try_passes_values_and_collects_steps) {
  EXPECT_EQ(read_host(80).value(), 81);
  const Error parse = read_host(99999).error();
  EXPECT_EQ(parse.code, Errc::parse);
  EXPECT_EQ(parse.what, "port 99999 is not in 1..65535");
  EXPECT_EQ(parse.via, std::vector<std::string>{"inventory host web1"});
  EXPECT_EQ(read_host(22).error().via, std::vector<std::string>{"checking port 22"});
}

TEST(Error, system_errors_get_the_code_that_fits) {
  EXPECT_EQ(os_error(EACCES, "open x").code, Errc::denied);
  EXPECT_EQ(os_error(ECONNREFUSED, "connect").code, Errc::unreachable);
  EXPECT_EQ(os_error(ENOSPC, "write").code, Errc::limit);
  EXPECT_EQ(os_error(ENOENT, "open x").what, "cannot open x: No such file or directory");
}

TEST(Error, every_code_has_its_own_name) {
  std::vector<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Errc::bug); ++code) names.push_back(name_of(static_cast<Errc>(code)));
  std::ranges::sort(names);
  EXPECT_EQ(std::ranges::adjacent_find(names), names.end());
}

TEST(Error, a_broken_invariant_aborts_with_a_report) {
  EXPECT_DEATH(HERDER_ASSERT(1 + 1 == 3), "internal error: .*error_test.cpp:[0-9]+: '1 \\+ 1 == 3' does not hold");
}

TEST(ErrorFormat, points_at_the_place) {
  const Error failure = with_via(
      error(Errc::parse, "port 99999 is not in 1..65535").at({.file = "hosts.ini", .line = 7, .column = 19, .text = "web1 ansible_port=99999"}).hint("use 1 to 65535"),
      "reading inventory host {}", "web1");
  EXPECT_EQ(format_error(failure),
            "error: port 99999 is not in 1..65535\n"
            "  --> hosts.ini:7:19\n"
            "     7 | web1 ansible_port=99999\n"
            "       |                   ^\n"
            "  while reading inventory host web1\n"
            "  help: use 1 to 65535\n");
  EXPECT_EQ(format_error_line(failure), "port 99999 is not in 1..65535 (hosts.ini:7:19)");
}

TEST(ErrorFormat, takes_the_line_from_the_file_when_it_is_there) {
  std::string folder = (std::filesystem::temp_directory_path() / "herder_error_XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/hosts";
  ASSERT_TRUE(write_file_atomically(path, "one\n\ttwo\x1b\nthree\n").has_value());
  const std::string shown = format_error(error(Errc::parse, "bad").at({.file = path, .line = 2, .column = 2}));
  std::filesystem::remove_all(folder);
  EXPECT_NE(shown.find("     2 |  two\\x1b\n       |  ^\n"), std::string::npos) << shown;
}

TEST(ErrorFormat, long_chains_are_cut_unless_asked_for) {
  Error failure = error(Errc::io, "broken");
  for (int i = 0; i < 5; ++i) failure = with_via(std::move(failure), "step {}", i);
  EXPECT_NE(format_error(failure).find("... and 2 more steps"), std::string::npos);
  EXPECT_NE(format_error(failure, {.verbosity = 1}).find("while step 4\n"), std::string::npos);
}

TEST(ErrorFormat, colours_only_when_asked_and_never_from_the_text) {
  const Error failure = error(Errc::io, "\x1b[31mred");
  EXPECT_EQ(format_error(failure), "error: \\x1b[31mred\n");
  EXPECT_NE(format_error(failure, {.color = true}).find("\x1b["), std::string::npos);
}

TEST(Secret, moves_and_never_copies) {
  Secret first("hunter22");
  Secret second(std::move(first));
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): moving is promised to empty it
  EXPECT_EQ(second.reveal(), "hunter22");
  EXPECT_EQ(second.clone().reveal(), "hunter22");
  static_assert(!std::is_copy_constructible_v<Secret> && !fmt::is_formattable<Secret>::value);
  std::string text = "hunter22";
  wipe(text);
  EXPECT_TRUE(text.empty());
}

TEST(Clock, wall_time_is_rfc_3339_in_utc) {
  const std::string now = wall_now_text();
  ASSERT_EQ(now.size(), 24U) << now;
  EXPECT_EQ(now[10], 'T');
  EXPECT_EQ(now.substr(19, 1) + now.substr(23), ".Z");
  const TimePoint before = boot_now();
  EXPECT_LE(before, boot_now());
  EXPECT_LT(before, TimePoint::never());
}

}  // namespace herder
