// What hosts do that are broken, busy or hostile, before there is a session.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

#include "async/scope.hpp"
#include "transport/ssh_server_test.hpp"

namespace herder::transport {
namespace {

using namespace std::chrono_literals;

/// Listens on a port and gives each connection to a handler, on a thread.
class RawServer {
 public:
  using Handler = std::function<void(int fd, int number)>;
  explicit RawServer(Handler handler, int port = 0) : handler_(std::move(handler)) {
    listener_.reset(::socket(AF_INET, SOCK_STREAM, 0));
    const int on = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(static_cast<std::uint16_t>(port)), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    EXPECT_EQ(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::listen(listener_.get(), 64);
    socklen_t size = sizeof address;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    if (handler_) thread_ = std::jthread([this] { serve(); });
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  ~RawServer() {
    stopping_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
  }
  [[nodiscard]] int port() const noexcept { return port_; }
  [[nodiscard]] int accepted() const noexcept { return accepted_; }

 private:
  void serve() {
    for (;;) {
      const UniqueFd fd(::accept(listener_.get(), nullptr, nullptr));
      if (!fd || stopping_) return;
      handler_(fd.get(), accepted_++);
    }
  }
  Handler handler_;
  UniqueFd listener_;
  int port_ = 0;
  std::atomic<int> accepted_ = 0;
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;
};

void say(int fd, std::string_view text) { (void)!::send(fd, text.data(), text.size(), MSG_NOSIGNAL); }

Target target_at(int port, Duration timeout = 60s) {
  Target target;
  target.name = "broken";
  target.address = "127.0.0.1";
  target.port = port;
  target.user = current_user();
  target.connect_timeout = timeout;
  return target;
}

Error failure_at(int port, Duration timeout = 60s, SshSettings settings = {}) {
  const auto done = ssh_try(std::make_shared<const Target>(target_at(port, timeout)), std::move(settings));
  EXPECT_FALSE(done);
  return done ? Error{} : done.error();
}

TEST(SshFault, a_port_where_nothing_listens_is_refused_after_some_tries) {
  const Error failure = failure_at(free_port());
  EXPECT_EQ(failure.code, Errc::unreachable);
  EXPECT_THAT(failure.what, testing::HasSubstr("refused")) << failure.what;
  EXPECT_THAT(failure.what, testing::HasSubstr("4 tries"));
}

TEST(SshFault, a_host_that_hangs_at_connect_times_out) {
  // A full backlog drops what comes: nobody accepts.
  RawServer server(nullptr);
  std::vector<UniqueFd> fillers;
  for (int i = 0; i < 200; ++i) {
    fillers.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    const sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(static_cast<std::uint16_t>(server.port())), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    (void)::connect(fillers.back().get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  const Error failure = failure_at(server.port(), 300ms);
  EXPECT_EQ(failure.code, Errc::timeout);
  EXPECT_THAT(failure.what, testing::HasSubstr("no answer from 127.0.0.1"));
}

TEST(SshFault, a_host_that_never_sends_a_banner_times_out_and_says_so) {
  RawServer server([](int fd, int) {
    char byte = 0;
    while (::read(fd, &byte, 1) > 0) {
    }
  });
  const Error failure = failure_at(server.port(), 300ms);
  EXPECT_EQ(failure.code, Errc::timeout);
  EXPECT_THAT(failure.what, testing::HasSubstr("waiting for the SSH banner"));
}

TEST(SshFault, a_host_that_hangs_in_the_key_exchange_times_out_and_says_so) {
  RawServer server([](int fd, int) {
    say(fd, "SSH-2.0-OpenSSH_9.2\r\n");
    char byte = 0;
    while (::read(fd, &byte, 1) > 0) {
    }
  });
  const Error failure = failure_at(server.port(), 1500ms);  // longer than a stalled key exchange may keep its place
  EXPECT_EQ(failure.code, Errc::timeout);
  EXPECT_THAT(failure.what, testing::HasSubstr("exchanging keys"));
}

Async<void> connect_and_count(Connector& connector, std::shared_ptr<const Target> target, int& good, Deadline deadline) {
  const auto session = co_await connector.connect(std::move(target), deadline);
  if (!session) co_return;
  ++good;
  co_await (*session)->close(deadline);
}

TEST(SshFault, hosts_that_hang_do_not_hold_up_the_others) {
  const TestSshd good_server;
  std::vector<int> hanging;
  RawServer server([&](int fd, int) {
    hanging.push_back(::dup(fd));
    say(fd, "SSH-2.0-OpenSSH_9.2\r\n");
  });
  int good = 0;
  on_loop([&]() -> Async<bool> {
    SshSettings settings;
    settings.most_handshakes = 2;
    const auto connector = make_ssh_connector(settings);
    async::Scope scope(Deadline::after(60s));
    auto bad_target = std::make_shared<const Target>(target_at(server.port(), 10min));
    auto good_target = std::make_shared<const Target>(good_server.target());
    int none = 0;
    async::Scope hopeless(scope.deadline());
    for (int i = 0; i < 6; ++i) hopeless.spawn(connect_and_count(*connector, bad_target, none, hopeless.deadline()));
    (void)co_await async::sleep_for(100ms);
    for (int i = 0; i < 4; ++i) scope.spawn(connect_and_count(*connector, good_target, good, scope.deadline()));
    co_await scope.join();  // in 60 s at most, though the hanging ones would keep all places for 10 minutes
    hopeless.cancel("enough");
    co_await hopeless.join();
    EXPECT_EQ(none, 0);
    co_return true;
  });
  EXPECT_EQ(good, 4);
  for (const int fd : hanging) ::close(fd);
}

TEST(SshFault, connects_are_paced_on_request) {
  const TestSshd server;
  int good = 0;
  const TimePoint begun = boot_now();
  on_loop([&]() -> Async<bool> {
    SshSettings settings;
    settings.starts_per_second = 20;
    const auto connector = make_ssh_connector(settings);
    async::Scope scope(Deadline::after(60s));
    const auto target = std::make_shared<const Target>(server.target());
    for (int i = 0; i < 6; ++i) scope.spawn(connect_and_count(*connector, target, good, scope.deadline()));
    co_await scope.join();
    co_return true;
  });
  EXPECT_EQ(good, 6);
  EXPECT_GE(boot_now() - begun, 240ms);
}

TEST(SshFault, loops_share_keys_and_known_hosts) {
  const TestSshd server;
  auto target = std::make_shared<Target>(server.target());
  const TestDirectory directory;
  target->user_known_hosts = {directory / "known_hosts"};
  target->host_keys = HostKeyPolicy::accept_new;
  SshSettings settings;
  settings.known_hosts = std::make_shared<KnownHostsStore>();
  settings.keys = std::make_shared<SshKeyStore>();
  std::array<int, 4> good{};
  {
    std::vector<std::jthread> threads;
    for (int& mine : good) {
      threads.emplace_back([&] {
        on_loop([&]() -> Async<bool> {
          const auto connector = make_ssh_connector(settings);
          async::Scope scope(Deadline::after(60s));
          for (int i = 0; i < 5; ++i) scope.spawn(connect_and_count(*connector, target, mine, scope.deadline()));
          co_await scope.join();
          co_return true;
        });
      });
    }
  }
  for (const int mine : good) EXPECT_EQ(mine, 5);
  EXPECT_EQ(read_file(directory / "known_hosts").value(), fmt::format("[127.0.0.1]:{} {}\n", server.port(), server.host_public_key()));
}

TEST(SshFault, garbage_instead_of_a_banner_is_shown_harmless) {
  RawServer server([](int fd, int) {
    say(fd, "HTTP/1.1 400 \x1b[31mBad Request" + std::string(400, 'x') + "\r\n\r\n");
    ::shutdown(fd, SHUT_WR);
  });
  const Error failure = failure_at(server.port());
  EXPECT_EQ(failure.code, Errc::unreachable);
  EXPECT_THAT(failure.what, testing::HasSubstr("no SSH server"));
  EXPECT_THAT(failure.what, testing::HasSubstr("HTTP/1.1 400 \\x1b[31mBad Request"));
}

TEST(SshFault, a_flood_before_the_banner_is_cut) {
  RawServer server([](int fd, int) {
    std::string line(200, 'x');
    line += '\n';
    while (::send(fd, line.data(), line.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  const Error failure = failure_at(server.port());
  EXPECT_EQ(failure.code, Errc::unreachable);
  EXPECT_THAT(failure.what, testing::HasSubstr("bytes without a banner"));
}

TEST(SshFault, a_giant_packet_is_refused) {
  RawServer server([](int fd, int) {
    say(fd, "SSH-2.0-OpenSSH_9.2\r\n");
    const std::string packet = std::string("\x7f\xff\xff\xff", 4) + std::string(100'000, 'x');
    say(fd, packet);
    char byte = 0;
    while (::read(fd, &byte, 1) > 0) {
    }
  });
  const Error failure = failure_at(server.port());
  EXPECT_EQ(failure.code, Errc::unreachable);
  EXPECT_THAT(failure.what, testing::HasSubstr("key exchange failed"));
}

TEST(SshFault, a_busy_server_is_tried_again) {
  RawServer server([](int fd, int) { say(fd, "Exceeded MaxStartups\r\n"); });
  SshSettings settings;
  settings.dropped_retries = 2;
  const Error failure = failure_at(server.port(), 60s, settings);
  EXPECT_EQ(failure.code, Errc::unreachable);
  EXPECT_THAT(failure.what, testing::HasSubstr("it said 'Exceeded MaxStartups'"));
  EXPECT_THAT(failure.what, testing::HasSubstr("3 tries"));
  EXPECT_EQ(server.accepted(), 3);
}

TEST(SshFault, tries_end_with_the_connect_timeout) {
  RawServer server([](int, int) {});
  const Error failure = failure_at(server.port(), 700ms);
  EXPECT_EQ(failure.code, Errc::unreachable);
  EXPECT_THAT(failure.what, testing::HasSubstr("before its SSH banner"));
  EXPECT_GT(server.accepted(), 1);
}

TEST(SshFault, a_server_that_starts_late_is_reached) {
  TestSshd server;
  server.stop();
  std::jthread starter([&] {
    std::this_thread::sleep_for(150ms);
    server.start();
  });
  SshSettings settings;
  settings.refused_retries = 100;
  const auto done = ssh_try(std::make_shared<const Target>(server.target()), settings);
  starter.join();
  EXPECT_TRUE(done) << done.error().what;
}

TEST(SshFault, a_name_that_does_not_exist_is_unreachable) {
  Target target = target_at(22, 20s);
  target.address = "no-such-host.invalid";
  const auto done = ssh_try(std::make_shared<const Target>(target));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, testing::HasSubstr("no-such-host.invalid"));
}

}  // namespace
}  // namespace herder::transport
