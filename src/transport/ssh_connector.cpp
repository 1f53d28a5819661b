// One connect: dial (through jumps or a proxy command where asked), exchange keys, check the host key, authenticate; and again when
// the server was only busy. Only the part that costs processor time is limited: hosts that hang hold nobody up.
#include "transport/ssh_connector.hpp"

#include <algorithm>
#include <random>
#include <unordered_map>

#include "async/scope.hpp"
#include "async/sync.hpp"
#include "async/threads.hpp"
#include "base/log.hpp"
#include "base/units.hpp"
#include "transport/ssh_auth.hpp"
#include "transport/ssh_algorithms.hpp"
#include "transport/ssh_dial.hpp"
#include "transport/ssh_handshake.hpp"
#include "transport/ssh_session.hpp"

namespace herder::transport {
namespace {

constexpr Duration first_pause = std::chrono::milliseconds(100);
constexpr Duration longest_pause = std::chrono::seconds(2);

/// A view on known_hosts files that is being opened or is open.
struct OpenKnownHosts {
  std::shared_ptr<KnownHosts> known;
  bool loading = false;
  async::Event ready;
};

/// A session to a jump host, shared by all that go through it.
struct Jump {
  explicit Jump(std::size_t most) : limit(most) {}
  std::weak_ptr<SshSession> session;
  async::Limiter connecting{1};
  async::Limiter limit;
  std::optional<Error> failed;      // what those who wait for a failing connect are told
  TimePoint failed_at{};
};

std::string key_of(const Target& hop) {
  return fmt::format("{}@{}:{} {} {}", hop.user, hop.address, hop.port, hop.host_key_alias, static_cast<const void*>(hop.credentials.get()));
}

/// A target behind a jump host that does not answer must not hold up the others.
Async<void> give_back_when_slow(std::optional<async::Permit>& place, Deadline deadline) {
  constexpr Duration slow = std::chrono::milliseconds(500);
  (void)co_await async::sleep_for(slow, std::move(deadline));
  place.reset();
}

class SshConnector final : public Connector {
 public:
  explicit SshConnector(SshSettings settings)
      : settings_(std::move(settings)),
        known_hosts_(settings_.known_hosts ? settings_.known_hosts : std::make_shared<KnownHostsStore>()),
        keyring_(settings_.keys ? settings_.keys : std::make_shared<SshKeyStore>()),
        dialing_(settings_.most_dialing),
        handshakes_(settings_.most_handshakes),
        starts_(settings_.starts_per_second > 0
                    ? std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / settings_.starts_per_second))
                    : Duration::zero()) {}

  Async<Result<std::shared_ptr<Session>>> connect(std::shared_ptr<const Target> target, Deadline deadline) override {
    HERDER_CO_TRY_VOID(co_await dialing_.acquire(deadline));
    const async::Permit dialing(dialing_);
    if (settings_.starts_per_second > 0) HERDER_CO_TRY_VOID(co_await starts_.pass(deadline));
    HERDER_CO_TRY(std::shared_ptr<SshSession> session, co_await reach(std::move(target), nullptr, std::move(deadline)));
    co_return session;
  }

 private:
  using Reached = Result<std::shared_ptr<SshSession>>;

  Async<Reached> reach(std::shared_ptr<const Target> target, std::shared_ptr<SshSession> via, Deadline deadline);
  Async<Reached> attempt(std::shared_ptr<const Target> target, std::shared_ptr<SshSession> via, ConnectProgress& progress,
                         Deadline deadline);
  Async<Result<Dialed>> dial(std::shared_ptr<const Target> target, std::shared_ptr<SshSession> via, ConnectProgress& progress,
                             Deadline deadline);
  Async<Reached> hop(std::shared_ptr<const Target> target, std::size_t count, Deadline deadline);
  Async<Reached> connect_hop(std::shared_ptr<const Target> target, std::size_t count, Deadline deadline);
  Async<Result<std::shared_ptr<KnownHosts>>> open_known_hosts(std::shared_ptr<const Target> target, Deadline deadline);
  Async<Result<NativeSession>> new_session(std::shared_ptr<const Target> target, std::shared_ptr<KnownHosts> known);
  [[nodiscard]] bool again(const ConnectProgress& progress, int tries) const;
  Duration pause_after(int tries);
  Jump& jump_at(const Target& target, std::size_t count);

  SshSettings settings_;
  std::shared_ptr<KnownHostsStore> known_hosts_;
  SshKeyring keyring_;
  async::Limiter dialing_;
  async::Limiter handshakes_;
  async::Pacer starts_;
  std::unordered_map<std::string, NativeSession> patterns_;
  std::unordered_map<std::string, std::unique_ptr<OpenKnownHosts>> opened_;
  std::unordered_map<std::string, std::unique_ptr<Jump>> jumps_;
  std::minstd_rand random_{std::random_device{}()};
};

bool SshConnector::again(const ConnectProgress& progress, int tries) const {
  if (progress.refused || progress.through_proxy) return tries <= settings_.refused_retries;
  return progress.dropped && tries <= settings_.dropped_retries;
}

/// Doubles from 0.1 s to 2 s, each time between half and all of it: those who were refused together do not come back together.
Duration SshConnector::pause_after(int tries) {
  const Duration whole = std::min(longest_pause, first_pause * (1 << std::min(tries - 1, 10)));
  std::uniform_real_distribution<double> part(0.5, 1.0);
  return std::chrono::duration_cast<Duration>(whole * part(random_));
}

Async<SshConnector::Reached> SshConnector::reach(std::shared_ptr<const Target> target, std::shared_ptr<SshSession> via,
                                                 Deadline deadline) {
  const Deadline limited = target->connect_timeout > Duration::zero() ? deadline.within(target->connect_timeout) : deadline;
  for (int tries = 1;; ++tries) {
    ConnectProgress progress;
    Reached session = co_await attempt(target, via, progress, limited);
    if (session) co_return session;
    Error failure = std::move(session).error();
    if (failure.code == Errc::timeout && !deadline.passed())
      failure.what = fmt::format("no answer from {}:{} within {} ({})", target->address, target->port,
                                 format_duration(target->connect_timeout), progress.phase);
    const Duration pause = pause_after(tries);
    if (!again(progress, tries) || pause >= limited.left()) {
      if (tries > 1) failure.what += fmt::format(" ({} tries)", tries);
      co_return std::unexpected(std::move(failure));
    }
    log::info("ssh.retry", {{"host", target->name}, {"problem", failure.what}, {"wait_ms", pause / std::chrono::milliseconds(1)}});
    HERDER_CO_TRY_VOID(co_await async::sleep_for(pause, limited));
  }
}

Async<SshConnector::Reached> SshConnector::attempt(std::shared_ptr<const Target> target, std::shared_ptr<SshSession> via,
                                                   ConnectProgress& progress, Deadline deadline) {
  HERDER_CO_TRY(const std::shared_ptr<KnownHosts> known, co_await open_known_hosts(target, deadline));
  HERDER_CO_TRY(Dialed dialed, co_await dial(target, std::move(via), progress, deadline));
  const std::shared_ptr<const std::string> complaint = std::move(dialed.complaint);
  HERDER_CO_TRY(NativeSession native, co_await new_session(target, known));
  const auto link = std::make_shared<SshLink>(std::move(native), std::move(dialed.socket), std::move(dialed.below));
  HERDER_CO_TRY_VOID(link->begin());
  Result<> exchanged = co_await exchange_keys(*link, handshakes_, progress, deadline);
  if (!exchanged) {
    // What a proxy command complains of reaches us after the end of its output.
    if (progress.dropped && complaint) {
      (void)co_await async::sleep_for(std::chrono::milliseconds(20), deadline);
      exchanged.error().what = "the proxy command or jump host closed the connection before an SSH banner came";
      if (!complaint->empty()) exchanged.error().what += fmt::format("; it said '{}'", *complaint);
      progress.through_proxy = true;
    }
    co_return std::unexpected(std::move(exchanged).error());
  }
  HERDER_CO_TRY_VOID(co_await check_host_key(*link, *target, known));
  progress.phase = "authenticating";
  HERDER_CO_TRY(std::string by, co_await authenticate(*link, target, keyring_, deadline));
  link->release_slot();
  co_return std::make_shared<SshSession>(link, target, std::move(by));
}

Async<Result<Dialed>> SshConnector::dial(std::shared_ptr<const Target> target, std::shared_ptr<SshSession> via,
                                         ConnectProgress& progress, Deadline deadline) {
  if (!via && !target->proxy_command.empty()) co_return dial_command(target->proxy_command);
  if (!via && target->jumps.empty()) co_return co_await dial_tcp(target->address, target->port, target->family, progress, std::move(deadline));
  progress.phase = "connecting through a jump host";
  std::optional<async::Permit> place;
  if (!via) {
    Jump& jump = jump_at(*target, target->jumps.size());
    HERDER_CO_TRY(via, co_await hop(target, target->jumps.size(), deadline), "jump host {}", target->jumps.back()->address);
    HERDER_CO_TRY_VOID(co_await jump.limit.acquire(deadline));
    place.emplace(jump.limit);
  }
  async::Scope scope(deadline);
  scope.spawn(give_back_when_slow(place, scope.deadline()));
  auto channel = co_await via->forward(target->address, target->port, scope.deadline());
  scope.cancel("not slow");
  co_await scope.join();
  if (!channel) co_return std::unexpected(std::move(channel).error());
  co_return dial_process(*std::move(channel), via);
}

Jump& SshConnector::jump_at(const Target& target, std::size_t count) {
  std::string key;
  for (std::size_t i = 0; i < count; ++i) key += key_of(*target.jumps[i]) + "\n";
  std::unique_ptr<Jump>& place = jumps_[key];
  if (!place) place = std::make_unique<Jump>(settings_.most_per_jump);
  return *place;
}

/// A session to the jump host number `count`, through those before it.
Async<SshConnector::Reached> SshConnector::hop(std::shared_ptr<const Target> target, std::size_t count, Deadline deadline) {
  Jump& jump = jump_at(*target, count);
  const TimePoint asked = async::Loop::current().now();
  const auto live = [&] {
    auto session = jump.session.lock();
    return session && session->alive() ? session : nullptr;
  };
  if (auto session = live()) co_return session;
  HERDER_CO_TRY_VOID(co_await jump.connecting.acquire(deadline));
  const async::Permit turn(jump.connecting);
  if (auto session = live()) co_return session;
  if (jump.failed && jump.failed_at >= asked) co_return std::unexpected(*jump.failed);
  Reached made = co_await connect_hop(target, count, deadline);
  if (made) {
    jump.session = *made;
    jump.failed.reset();
  } else if (made.error().code != Errc::cancelled) {
    jump.failed = made.error();
    jump.failed_at = async::Loop::current().now();
  }
  co_return made;
}

Async<SshConnector::Reached> SshConnector::connect_hop(std::shared_ptr<const Target> target, std::size_t count, Deadline deadline) {
  std::shared_ptr<SshSession> via;
  if (count > 1) {
    HERDER_CO_TRY(via, co_await hop(target, count - 1, deadline));
  }
  co_return co_await reach(target->jumps[count - 1], std::move(via), std::move(deadline));
}

Async<Result<std::shared_ptr<KnownHosts>>> SshConnector::open_known_hosts(std::shared_ptr<const Target> target, Deadline deadline) {
  std::string key;
  for (const auto* list : {&target->user_known_hosts, &target->global_known_hosts}) {
    for (const std::string& file : *list) key += file + "\n";
    key += "\n";
  }
  std::unique_ptr<OpenKnownHosts>& place = opened_[key];
  if (!place) place = std::make_unique<OpenKnownHosts>();
  OpenKnownHosts* const found = place.get();
  if (!found->known && !found->loading) {
    found->loading = true;
    found->known = co_await async::offload(
        [store = known_hosts_, target] { return store->open(target->user_known_hosts, target->global_known_hosts); });
    for (const Error& warning : found->known->warnings())
      log::warn("ssh.known_hosts", {{"file", warning.where.file}, {"line", warning.where.line}, {"problem", warning.what}});
    found->ready.set();
  }
  HERDER_CO_TRY_VOID(co_await found->ready.wait(std::move(deadline)), "reading known_hosts");
  co_return found->known;
}

Async<Result<NativeSession>> SshConnector::new_session(std::shared_ptr<const Target> target, std::shared_ptr<KnownHosts> known) {
  const KnownName name = known_name(*target);
  const auto look_up = [&] { return known->known_types(name.host, name.port); };
  const auto types = known->hashed_lines() > KnownHosts::few_hashed_lines ? co_await async::offload(look_up) : look_up();
  const Algorithms algorithms = with_default_algorithms(target->algorithms);
  const std::string host_keys = host_key_offer(target->algorithms.host_keys, types);
  std::string key;
  for (const std::string* list : {&algorithms.kex, &algorithms.ciphers, &algorithms.macs, &host_keys, &algorithms.public_key})
    key += *list + "\n";
  key += target->compression ? "z" : "-";
  NativeSession& pattern = patterns_[key];
  if (!pattern) {
    HERDER_CO_TRY(pattern, make_session_pattern(algorithms, host_keys, target->compression));
  }
  co_return copy_session(pattern.get(), target->user);
}

}  // namespace

std::unique_ptr<Connector> make_ssh_connector(SshSettings settings) { return std::make_unique<SshConnector>(std::move(settings)); }

}  // namespace herder::transport
