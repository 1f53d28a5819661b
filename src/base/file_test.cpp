#include "base/file.hpp"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace herder {
namespace {

class File : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "herder_file_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] static unsigned mode_of(const std::string& path) {
    struct stat info{};
    return ::lstat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator()));
  }

  std::string folder_;
};

}  // namespace

TEST_F(File, reads_back_what_was_written) {
  const std::string content("a\0b\xff\n", 5);
  ASSERT_TRUE(write_file_atomically(path("f"), content).has_value());
  EXPECT_EQ(read_file(path("f")).value(), content);
  EXPECT_EQ(mode_of(path("f")), 0644U);
  ASSERT_TRUE(write_file_atomically(path("f"), "", 0600).has_value());
  EXPECT_EQ(read_file(path("f")).value(), "");
  EXPECT_EQ(mode_of(path("f")), 0600U);
  EXPECT_EQ(entries(), 1U);  // no temporary file is left
}

TEST_F(File, the_limit_is_the_largest_size_allowed) {
  ASSERT_TRUE(write_file_atomically(path("f"), "12345").has_value());
  EXPECT_EQ(read_file(path("f"), 5).value(), "12345");
  EXPECT_EQ(read_file(path("f"), 4).error().code, Errc::limit);
  EXPECT_EQ(read_file("/dev/zero", 1000).error().code, Errc::limit);  // a file that tells no size
}

TEST_F(File, reads_files_whose_size_is_not_told) { EXPECT_FALSE(read_file("/proc/self/status").value().empty()); }

TEST_F(File, failures_name_the_file) {
  EXPECT_EQ(read_file(path("none")).error().code, Errc::not_found);
  EXPECT_NE(read_file(path("none")).error().what.find("none"), std::string::npos);
  EXPECT_EQ(read_file(folder_).error().code, Errc::io);
  EXPECT_EQ(read_file(path("\x1b[31m")).error().what.find('\x1b'), std::string::npos);
  EXPECT_EQ(write_file_atomically(path("none/f"), "x").error().code, Errc::not_found);
}

TEST_F(File, a_failed_write_leaves_nothing_behind) {
  std::filesystem::create_directory(path("taken"));
  EXPECT_FALSE(write_file_atomically(path("taken"), "x").has_value());
  EXPECT_EQ(entries(), 1U);
}

TEST_F(File, a_write_replaces_a_link_instead_of_following_it) {
  ASSERT_TRUE(write_file_atomically(path("target"), "old").has_value());
  std::filesystem::create_symlink("target", path("link"));
  ASSERT_TRUE(write_file_atomically(path("link"), "new").has_value());
  EXPECT_EQ(read_file(path("target")).value(), "old");
}

TEST_F(File, expands_only_leading_home_directories) {
  EXPECT_EQ(expand_user("~"), home_directory());
  EXPECT_EQ(expand_user("~/x"), (home_directory() == "/" ? "" : home_directory()) + "/x");
  EXPECT_EQ(expand_user("~root/x"), std::string(::getpwnam("root")->pw_dir) + "/x");
  EXPECT_EQ(expand_user("/a/~/b"), "/a/~/b");
  EXPECT_EQ(expand_user("~nobody-has-this-name/x"), "~nobody-has-this-name/x");
  EXPECT_EQ(expand_user(""), "");
}

TEST_F(File, private_directories_are_ours_alone) {
  ASSERT_TRUE(make_private_directory(path("d")).has_value());
  EXPECT_EQ(mode_of(path("d")), 0700U);
  ASSERT_TRUE(make_private_directory(path("d")).has_value());  // again: fine
  ::chmod(path("d").c_str(), 0750);
  ASSERT_TRUE(make_private_directory(path("d")).has_value());
  EXPECT_EQ(mode_of(path("d")), 0700U);
  ::chmod(path("d").c_str(), 0720);
  EXPECT_EQ(make_private_directory(path("d")).error().code, Errc::denied);
  std::filesystem::create_symlink("d", path("link"));
  EXPECT_EQ(make_private_directory(path("link")).error().code, Errc::denied);
  ASSERT_TRUE(write_file_atomically(path("f"), "").has_value());
  EXPECT_EQ(make_private_directory(path("f")).error().code, Errc::denied);
  if (::geteuid() == 0) {
    std::filesystem::create_directory(path("theirs"));
    ASSERT_EQ(::chown(path("theirs").c_str(), 12345, 12345), 0);
    EXPECT_EQ(make_private_directory(path("theirs")).error().code, Errc::denied);
  }
}

TEST(UniqueFd, closes_exactly_what_it_owns) {
  int raw = -1;
  {
    UniqueFd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    raw = first.get();
    UniqueFd second(std::move(first));
    EXPECT_FALSE(first);  // NOLINT(bugprone-use-after-move): moving is promised to empty it
    EXPECT_EQ(second.get(), raw);
    EXPECT_EQ(::fcntl(raw, F_GETFD), FD_CLOEXEC);
  }
  EXPECT_EQ(::fcntl(raw, F_GETFD), -1);
}

}  // namespace herder
