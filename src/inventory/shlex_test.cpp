#include "inventory/shlex.hpp"

#include <gtest/gtest.h>

namespace herder::inventory {
namespace {

std::string words(std::string_view line) {
  const auto split = shlex_split(line);
  if (!split) return fmt::format("error {}: {}", split.error().where.column, split.error().what);
  std::string shown;
  for (const ShlexWord& word : *split) shown += fmt::format("<{}>{} ", word.text, word.offset);
  return shown;
}

TEST(Shlex, splits_as_python_does) {
  EXPECT_EQ(words("web1 a=1  b=2"), "<web1>0 <a=1>5 <b=2>10 ");
  EXPECT_EQ(words("h a='x y' b=\"p q\""), "<h>0 <a=x y>2 <b=p q>10 ");
  EXPECT_EQ(words("h a='x'\\''y'"), "<h>0 <a=x'y>2 ");
  EXPECT_EQ(words(R"(h a="\"\\\n$")"), R"(<h>0 <a="\\n$>2 )");
  EXPECT_EQ(words("h a=1#c b"), "<h>0 <a=1>2 ");
  EXPECT_EQ(words("h a='#' # c"), "<h>0 <a=#>2 ");
  EXPECT_EQ(words("h ''"), "<h>0 <>2 ");
  EXPECT_EQ(words("h\\ x"), "<h x>0 ");
  EXPECT_EQ(words(""), "");
}

TEST(Shlex, names_the_quote_that_is_open) {
  EXPECT_EQ(words("h a='x"), "error 5: a single quote is not closed");
  EXPECT_EQ(words("h a=\"x\\"), "error 5: a double quote is not closed");
  EXPECT_EQ(words("h a\\"), "error 4: a backslash ends the line");
}

}  // namespace
}  // namespace herder::inventory
