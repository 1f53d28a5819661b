// A keeper with the local connector behind it: everything but SSH itself is real.
#include <gtest/gtest.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <latch>
#include <thread>

#include "async/scope.hpp"
#include "base/file.hpp"
#include "transport/keeper/client.hpp"
#include "transport/keeper/launch.hpp"
#include "transport/keeper/protocol.hpp"
#include "transport/keeper/server.hpp"
#include "transport/local.hpp"

namespace herder::transport::keeper {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const Target> target(std::string address, std::string user = "me") {
  auto made = std::make_shared<Target>();
  made->address = std::move(address);
  made->user = std::move(user);
  return made;
}

/// Counts how many connections were really made.
class CountingConnector final : public Connector {
 public:
  explicit CountingConnector(std::atomic<int>& made) : made_(&made), local_(make_local_connector()) {}
  Async<Result<std::shared_ptr<Session>>> connect(std::shared_ptr<const Target> target, Deadline deadline) override {
    if (target->user == "nobody") co_return std::unexpected(error(Errc::denied, "refused").hint("try another user"));
    ++*made_;
    co_return co_await local_->connect(std::move(target), std::move(deadline));
  }

 private:
  std::atomic<int>* made_;
  std::unique_ptr<Connector> local_;
};

class Keeper : public testing::Test {
 protected:
  void SetUp() override { start(1h); }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(directory_);
  }

  void start(Duration idle) {
    char name[] = "/tmp/herder-keeper-test-XXXXXX";
    directory_ = ::mkdtemp(name);
    socket_ = directory_ + "/s";
    std::latch ready(1);
    server_ = std::jthread([this, idle, &ready] {
      outcome_ = run_keeper({.socket = socket_, .idle = idle, .loops = 2,
                             .make_connector = [this] { return std::make_unique<CountingConnector>(made_); },
                             .on_ready = [this, &ready](std::function<void()> stop) {
                               stop_ = std::move(stop);
                               ready.count_down();
                             }});
    });
    ready.wait();
  }
  void stop() {
    if (!server_.joinable()) return;
    stop_();
    server_.join();
    EXPECT_TRUE(outcome_);
  }

  template <class Make>
  auto with_connector(Make make) {
    const auto loop = async::make_loop();
    return async::run_until_done(*loop, run(make));
  }
  template <class Make>
  Async<bool> run(Make make) {
    const auto connector = make_keeper_connector({.socket = socket_});
    co_await make(*connector);
    co_await connector->close();
    co_return true;
  }

  std::string directory_;
  std::string socket_;
  std::atomic<int> made_{0};
  Result<> outcome_;
  std::function<void()> stop_;
  std::jthread server_;
};

struct Ran {
  std::string out, err;
  Exit exit;
};

Async<Result<Ran>> run_line(Connector& connector, std::shared_ptr<const Target> target, std::string line, std::string input = {}) {
  const Deadline deadline = Deadline::after(60s);
  HERDER_CO_TRY(const auto session, co_await connector.connect(std::move(target), deadline));
  HERDER_CO_TRY(const auto process, co_await session->start({.line = std::move(line)}, deadline));
  async::Scope feeding(deadline);
  feeding.spawn([](Process* to, std::string bytes, Deadline until) -> Async<void> {
    (void)co_await to->write(bytes, until);
    (void)co_await to->close_input(until);
  }(process.get(), std::move(input), feeding.deadline()));
  Ran ran;
  Result<Exit> exit = Exit{};
  for (;;) {
    auto chunk = co_await process->read(deadline);
    if (!chunk) exit = std::unexpected(chunk.error());
    if (!chunk || chunk->end) break;
    (chunk->source == Source::out ? ran.out : ran.err) += chunk->bytes;
  }
  if (exit) exit = co_await process->wait(deadline);
  feeding.cancel("done");
  co_await feeding.join();
  if (!exit) co_return std::unexpected(exit.error());
  ran.exit = *exit;
  co_return ran;
}

TEST_F(Keeper, runs_commands_and_reuses_the_connection) {
  for (int round = 0; round < 3; ++round)
    with_connector([](Connector& connector) -> Async<void> {
      const auto ran = co_await run_line(connector, target("10.0.0.1"), "echo out; echo err >&2; exit 7");
      EXPECT_TRUE(ran);
      if (!ran) co_return;
      EXPECT_EQ(ran->out, "out\n");
      EXPECT_EQ(ran->err, "err\n");
      EXPECT_EQ(ran->exit.code, 7);
    });
  EXPECT_EQ(made_, 1);
}

TEST_F(Keeper, other_users_and_other_hosts_get_other_connections) {
  with_connector([](Connector& connector) -> Async<void> {
    (void)co_await run_line(connector, target("10.0.0.1", "a"), "true");
    (void)co_await run_line(connector, target("10.0.0.1", "b"), "true");
    (void)co_await run_line(connector, target("10.0.0.2", "a"), "true");
  });
  EXPECT_EQ(made_, 3);
}

TEST_F(Keeper, passes_megabytes_both_ways) {
  with_connector([](Connector& connector) -> Async<void> {
    const std::string input(5'000'000, 'x');
    const auto ran = co_await run_line(connector, target("10.0.0.1"), "cat; head -c 20000000 /dev/zero >&2", input);
    EXPECT_TRUE(ran);
    if (!ran) co_return;
    EXPECT_EQ(ran->out, input);
    EXPECT_EQ(ran->err.size(), 20'000'000U);
  });
}

TEST_F(Keeper, input_that_nobody_reads_does_not_block) {
  with_connector([](Connector& connector) -> Async<void> {
    const auto ran = co_await run_line(connector, target("10.0.0.1"), "exec 0<&-; sleep 0.1; echo done", std::string(3'000'000, 'x'));
    EXPECT_TRUE(ran);
    if (ran) EXPECT_EQ(ran->out, "done\n");
  });
}

Async<void> one_of_many(Connector* connector, int number, int* right) {
  const auto ran = co_await run_line(*connector, target(fmt::format("10.0.1.{}", number)), fmt::format("echo {}", number));
  if (ran && ran->out == fmt::format("{}\n", number)) ++*right;
}

TEST_F(Keeper, serves_many_at_a_time) {
  int right = 0;
  with_connector([&right](Connector& connector) -> Async<void> {
    async::Scope scope;
    for (int i = 0; i < 100; ++i) scope.spawn(one_of_many(&connector, i, &right));
    co_await scope.join();
  });
  EXPECT_EQ(right, 100);
  EXPECT_EQ(made_, 100);
}

TEST_F(Keeper, gives_failures_back_with_their_remedy) {
  with_connector([](Connector& connector) -> Async<void> {
    const auto ran = co_await run_line(connector, target("10.0.0.1", "nobody"), "true");
    EXPECT_FALSE(ran);
    if (ran) co_return;
    EXPECT_EQ(ran.error().code, Errc::denied);
    EXPECT_EQ(ran.error().help, "try another user");
  });
}

TEST_F(Keeper, ends_a_command_whose_client_no_longer_wants_it) {
  const std::string marker = directory_ + "/pid";
  with_connector([&](Connector& connector) -> Async<void> {
    const auto session = co_await connector.connect(target("10.0.0.1"), Deadline::after(60s));
    EXPECT_TRUE(session);
    if (!session) co_return;
    auto process = co_await (*session)->start({.line = fmt::format("echo $$ > {}; echo up; sleep 300", marker)}, Deadline::after(60s));
    EXPECT_TRUE(process);
    if (process) (void)co_await (*process)->read(Deadline::after(60s));
  });
  const int pid = std::stoi(read_file(marker).value_or("0"));
  ASSERT_GT(pid, 0);
  bool gone = false;
  for (int i = 0; i < 400 && !gone; ++i) {
    const auto status = read_file(fmt::format("/proc/{}/stat", pid));
    gone = !status || status->find(") Z") != std::string::npos;
    if (!gone) ::usleep(25'000);
  }
  EXPECT_TRUE(gone);
}

TEST_F(Keeper, a_client_that_talks_nonsense_is_dropped_and_others_go_on) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.c_str(), socket_.size() + 1);
  for (const std::string_view nonsense : {std::string_view("\xff\xff\xff\xff garbage", 12), std::string_view("\x03\0\0\0\x03\x01\x99", 7)}) {
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::write(fd.get(), nonsense.data(), nonsense.size()), static_cast<ssize_t>(nonsense.size()));
    char buffer[4096];
    while (::read(fd.get(), buffer, sizeof buffer) > 0) {  // until it hangs up
    }
  }
  with_connector([](Connector& connector) -> Async<void> {
    EXPECT_TRUE(co_await run_line(connector, target("10.0.0.1"), "true"));
  });
}

TEST_F(Keeper, without_a_keeper_the_host_is_unreachable) {
  stop();
  socket_ = directory_ + "/nobody-listens";
  with_connector([](Connector& connector) -> Async<void> {
    const auto ran = co_await run_line(connector, target("10.0.0.1"), "true");
    EXPECT_FALSE(ran);
  });
}

TEST(KeeperIdle, ends_when_nothing_is_left_and_takes_its_socket_along) {
  char name[] = "/tmp/herder-keeper-test-XXXXXX";
  const std::string directory = ::mkdtemp(name);
  const std::string socket = directory + "/s";
  std::atomic<int> made{0};
  const Result<> outcome = run_keeper({.socket = socket, .idle = 100ms, .loops = 1,
                                       .make_connector = [&made] { return std::make_unique<CountingConnector>(made); },
                                       .on_ready = [&](const std::function<void()>&) { EXPECT_TRUE(keeper_answers(socket)); }});
  EXPECT_TRUE(outcome);
  EXPECT_FALSE(std::filesystem::exists(socket));
  std::filesystem::remove_all(directory);
}

TEST(KeeperProtocol, targets_survive_the_way) {
  Target target;
  target.address = "web1.example";
  target.port = 2222;
  target.user = "ops";
  target.set_env = {{"A", "1"}};
  target.user_known_hosts = {"/k1", "/k2"};
  target.proxy_command = "nc %h";
  auto jump = std::make_shared<Target>();
  jump->name = "bastion";
  jump->address = "10.1.1.1";
  target.jumps.push_back(jump);
  wire::Packer packed;
  pack_target(packed, target);
  wire::Unpacker in(packed.bytes());
  const auto back = unpack_target(in, nullptr);
  ASSERT_TRUE(back && in.finished());
  wire::Packer again;
  pack_target(again, *back);
  EXPECT_EQ(again.bytes(), packed.bytes());
  EXPECT_EQ(back->jumps.at(0)->name, "bastion");
  for (std::size_t size = 0; size < packed.bytes().size(); ++size) {
    wire::Unpacker cut(std::string_view(packed.bytes()).substr(0, size));
    EXPECT_FALSE(unpack_target(cut, nullptr) && cut.finished()) << size;
  }
}

}  // namespace
}  // namespace herder::transport::keeper
