#include "value/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace herder::value {
namespace {

using testing::ElementsAre;

TEST(Csv, reads_quotes_delimiters_and_line_ends) {
  const auto rows = parse_csv("a,\"b \"\"c\"\"\nd\",\r\n\nlast", {});
  ASSERT_TRUE(rows);
  EXPECT_THAT(*rows, ElementsAre(ElementsAre("a", "b \"c\"\nd", ""), ElementsAre(), ElementsAre("last")));
  EXPECT_THAT(parse_csv("a\tb,c", {.delimiter = '\t'}).value(), ElementsAre(ElementsAre("a", "b,c")));
  EXPECT_TRUE(parse_csv("").value().empty());
}

TEST(Csv, strict_reading_names_the_line) {
  const auto open = parse_csv("a\n\"b\nc", {.file = "x.csv", .strict = true});
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().where.line, 2);
  EXPECT_EQ(open.error().where.file, "x.csv");
  EXPECT_EQ(parse_csv("a\r\n\"b\r\nc\"d", {.strict = true}).error().where.line, 3);
}

TEST(Csv, has_limits) {
  EXPECT_EQ(parse_csv("abcd", {.field_bytes = 3}).error().code, Errc::limit);
  EXPECT_EQ(parse_csv("a", {.delimiter = '"'}).error().code, Errc::usage);
}

RC_GTEST_PROP(CsvProperty, what_is_written_reads_back, (const std::vector<std::vector<std::string>>& rows)) {
  const char delimiter = *rc::gen::element(',', ';', '\t');
  std::string text;
  for (const auto& row : rows) text += print_csv_row(row, delimiter, *rc::gen::element<std::string>("\n", "\r\n"));
  RC_ASSERT(parse_csv(text, {.delimiter = delimiter, .strict = true}).value() == rows);
}

}  // namespace
}  // namespace herder::value
