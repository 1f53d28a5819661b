// Copies through the system's sftp-server on this machine.
#include "engine/transfer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "async/loop.hpp"
#include "transport/local.hpp"
#include "transport/sftp_packet.hpp"

namespace herder::engine {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Transfer : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/herder-transfer-test-XXXXXX";
    root_ = ::mkdtemp(name);
    fs::create_directories(root_ + "/src/sub/empty");
    write("src/a", "hello");
    write("src/sub/big", std::string(3'000'000, 'b'));
    write("src/sub/zero", "");
    fs::create_symlink("a", root_ + "/src/link");
    ::chmod((root_ + "/src/a").c_str(), 0751);
  }
  void TearDown() override { fs::remove_all(root_); }

  void write(const std::string& name, const std::string& content) { ASSERT_TRUE(write_file_atomically(root_ + "/" + name, content)); }
  std::string read(const std::string& name) { return read_file(root_ + "/" + name).value_or("(missing)"); }

  Result<TransferTotals> put(const std::string& from, const std::string& to, TransferOptions options = {}) {
    auto tree = scan_local(root_ + "/" + from, options.recursive);
    if (!tree) return std::unexpected(tree.error());
    return run([&, this](transport::Session& session) { return upload(session, *tree, root_ + "/" + to, options, Deadline::after(60s)); });
  }
  Result<TransferTotals> get(const std::string& from, const std::string& to, TransferOptions options = {}) {
    return run([&, this](transport::Session& session) { return download(session, root_ + "/" + from, root_ + "/" + to, options, Deadline::after(60s)); });
  }

  std::string root_;

 private:
  template <class Make>
  Result<TransferTotals> run(Make make) {
    const auto loop = async::make_loop();
    return async::run_until_done(*loop, go(make));
  }
  template <class Make>
  static Async<Result<TransferTotals>> go(Make make) {
    const auto connector = transport::make_local_connector();
    HERDER_CO_TRY(const auto session, co_await connector->connect(nullptr, {}));
    co_return co_await make(*session);
  }
};

TEST_F(Transfer, copies_a_tree_with_modes_times_and_links_and_then_nothing) {
  const TransferOptions options{.recursive = true};
  auto first = put("src", "dst", options);
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_EQ(first->files, 4U);
  EXPECT_EQ(read("dst/a"), "hello");
  EXPECT_EQ(read("dst/sub/big"), read("src/sub/big"));
  EXPECT_EQ(read("dst/sub/zero"), "");
  EXPECT_TRUE(fs::is_directory(root_ + "/dst/sub/empty"));
  EXPECT_EQ(fs::read_symlink(root_ + "/dst/link"), "a");
  struct stat from{};
  struct stat to{};
  ::stat((root_ + "/src/a").c_str(), &from);
  ::stat((root_ + "/dst/a").c_str(), &to);
  EXPECT_EQ(from.st_mode, to.st_mode);
  EXPECT_EQ(from.st_mtim.tv_sec, to.st_mtim.tv_sec);
  auto tree = scan_local(root_ + "/src", true);
  const auto second = put("src/", "dst/../dst2", options);
  ASSERT_TRUE(second) << second.error().what;
  fs::remove(root_ + "/dst2/sub/zero");
  // What was cut is completed, what is there is left alone; dst2 exists now, so the tree goes into it.
  fs::rename(root_ + "/dst2", root_ + "/src.new");
  fs::create_directory(root_ + "/into");
  fs::rename(root_ + "/src.new", root_ + "/into/src");
  const auto third = put("src", "into", options);
  ASSERT_TRUE(third) << third.error().what;
  EXPECT_EQ(third->files, 2U);  // the missing file, and the link, which is made anew
  EXPECT_EQ(third->unchanged, 2U);
}

TEST_F(Transfer, checksums_find_what_size_and_time_hide) {
  ASSERT_TRUE(put("src/a", "copy"));
  const auto time = fs::last_write_time(root_ + "/copy");
  write("copy", "jello");
  fs::last_write_time(root_ + "/copy", time);
  const auto blind = put("src/a", "copy");
  ASSERT_TRUE(blind);
  EXPECT_EQ(blind->unchanged, 1U);
  const auto seen = put("src/a", "copy", {.checksum = true});
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_EQ(seen->files, 1U);
  EXPECT_EQ(read("copy"), "hello");
}

TEST_F(Transfer, fetches_a_tree_and_skips_links) {
  fs::create_symlink("/etc", root_ + "/src/sub/escape");
  const auto got = get("src", "out", {.recursive = true, .checksum = true});
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->files, 3U);
  EXPECT_EQ(got->skipped, 2U);
  EXPECT_EQ(read("out/src/sub/big"), read("src/sub/big"));
  EXPECT_FALSE(fs::exists(root_ + "/out/src/sub/escape"));
  const auto again = get("src", "out", {.recursive = true});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->unchanged, 3U);
}

TEST_F(Transfer, does_not_follow_local_links_while_fetching) {
  fs::create_directories(root_ + "/out/src");
  fs::create_directories(root_ + "/elsewhere");
  fs::create_symlink(root_ + "/elsewhere", root_ + "/out/src/sub");
  const auto got = get("src", "out", {.recursive = true});
  EXPECT_FALSE(got);
  EXPECT_TRUE(fs::is_empty(root_ + "/elsewhere"));
}

TEST_F(Transfer, reads_files_whose_size_is_not_told) {
  const auto loop_file = get("../../proc/self/status", "out");
  ASSERT_TRUE(loop_file) << loop_file.error().what;
  EXPECT_NE(read("out/status").find("Name:"), std::string::npos);
}

TEST_F(Transfer, says_clearly_what_cannot_be_copied) {
  EXPECT_EQ(put("src", "dst").error().code, Errc::usage);
  EXPECT_EQ(put("missing", "dst").error().code, Errc::not_found);
  EXPECT_EQ(put("src/a", "no/such/dir").error().code, Errc::not_found);
  EXPECT_EQ(put("src/a", "nodir/").error().code, Errc::not_found);
  EXPECT_EQ(get("src", "out").error().code, Errc::usage);
  EXPECT_EQ(get("missing", "out").error().code, Errc::not_found);
  for (const auto& entry : fs::recursive_directory_iterator(root_)) EXPECT_FALSE(entry.path().string().ends_with(".tmp")) << entry.path();
}

TEST(SftpPackets, foreign_bytes_never_read_past_the_end) {
  const std::string whole = transport::sftp::Writer().text("name").attributes({.size = 5, .mode = 0644, .mtime = 7}).bytes();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    transport::sftp::Reader in(std::string_view(whole).substr(0, size));
    (void)in.text();
    const auto attributes = in.attributes();
    EXPECT_EQ(in.ok(), size == whole.size());
    if (in.ok()) EXPECT_EQ(attributes.mtime, 7U);
  }
}

}  // namespace
}  // namespace herder::engine
