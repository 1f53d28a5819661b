#include "lab/light_lab.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <csignal>
#include <filesystem>
#include <future>

#include "async/threads.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "lab/authorized_keys.hpp"
#include "lab/host_tree.hpp"
#include "lab/lab_files.hpp"
#include "lab/light_host.hpp"

namespace herder::lab {
namespace {

constexpr rlim_t descriptors_a_host = 8;  // one that listens, and one connection with one command
constexpr rlim_t descriptors_besides = 64;

/// A port that nobody has on the first host's address.
Result<int> free_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, "127.2.0.1", &address.sin_addr);
  socklen_t size = sizeof address;
  if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return std::unexpected(os_error(errno, "find a free port on 127.2.0.1"));
  return ntohs(address.sin_port);
}

void ignore_broken_pipes() {
  struct sigaction now{};
  if (::sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
}

/// Hosts of one loop. Touched on that loop only.
struct Shard {
  explicit Shard(const LightSettings& settings) : keys(settings.authorized_keys) {}
  AuthorizedKeys keys;
  std::vector<std::unique_ptr<LightHost>> hosts;
};

}  // namespace

struct LightLab::State {
  struct Entry {
    LightHost* host;          // belongs to its shard
    std::future<void> ended;  // serve() has returned
  };

  LightSettings settings;
  std::vector<HostPlan> plan;
  std::vector<Entry> hosts;  // by index
  std::vector<std::unique_ptr<Shard>> shards;
  std::unique_ptr<async::LoopThreads> loops;

  Shard& shard_of(std::size_t index) { return *shards[index % shards.size()]; }
  async::Loop& loop_of(std::size_t index) { return (*loops)[index % shards.size()]; }

  /// Runs `work` on the loop of a host and waits for it.
  template <class Work>
  auto on_loop(std::size_t index, Work work) {
    std::promise<decltype(work())> done;
    loop_of(index).post([&] { done.set_value(work()); });
    return done.get_future().get();
  }

  Result<> add_host(const HostPlan& plan_of_host) {
    return on_loop(plan_of_host.index, [&]() -> Result<> {
      auto made = std::make_unique<LightHost>(settings, shard_of(plan_of_host.index).keys, plan_of_host);
      HERDER_TRY_VOID(made->listen());
      auto ended = std::make_unique<std::promise<void>>();
      hosts.push_back({.host = made.get(), .ended = ended->get_future()});
      shard_of(plan_of_host.index).hosts.push_back(std::move(made));
      async::Loop::start(run_host(hosts.back().host, std::move(ended)));
      return {};
    });
  }
  static Async<void> run_host(LightHost* host, std::unique_ptr<std::promise<void>> ended) {
    co_await host->serve();
    ended->set_value();
  }

  /// All are told to stop before the first one is waited for: ending a command may take a moment.
  void shrink_to(std::size_t count) {
    for (std::size_t i = count; i < hosts.size(); ++i) loop_of(i).post([host = hosts[i].host] { host->stop(); });
    for (std::size_t i = count; i < hosts.size(); ++i) {
      hosts[i].ended.wait();
      on_loop(i, [&] { return std::erase_if(shard_of(i).hosts, [&](const auto& one) { return one.get() == hosts[i].host; }); });
    }
    hosts.erase(hosts.begin() + static_cast<std::ptrdiff_t>(std::min(count, hosts.size())), hosts.end());
  }

  Result<> grow_to(std::size_t count) {
    const std::vector<HostPlan> whole = light_plan(static_cast<int>(count));
    for (std::size_t i = hosts.size(); i < count; ++i) HERDER_TRY_VOID(add_host(whole[i]));
    return {};
  }

  Result<> write_clients() {
    const bool python = ::access("/usr/bin/python3", X_OK) == 0;
    return write_client_files({.state_dir = settings.state_dir,
                               .user = settings.user,
                               .port = settings.port,
                               .python = python ? "/usr/bin/python3" : "",
                               .hosts = plan,
                               .host_keys = light_host_keys(settings, plan)});
  }
};

LightLab::LightLab(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<LightLab>> LightLab::start(const LightLabOptions& options) {
  HERDER_ASSERT(options.hosts >= 1 && options.hosts <= max_light_hosts && options.threads >= 1);
  HERDER_TRY_VOID(ensure_descriptors(options.hosts));
  ignore_broken_pipes();
  int port = options.port;
  if (port == 0) {
    HERDER_TRY(port, free_port());
  }
  auto state = std::make_unique<State>();
  HERDER_TRY(state->settings, open_state(options.state_dir, port));
  HERDER_TRY_VOID(make_programs(state->settings));
  for (std::size_t i = 0; i < options.threads; ++i) state->shards.push_back(std::make_unique<Shard>(state->settings));
  state->loops = std::make_unique<async::LoopThreads>(options.threads);
  std::unique_ptr<LightLab> lab(new LightLab(std::move(state)));
  HERDER_TRY_VOID(lab->resize(options.hosts));
  return lab;
}

LightLab::~LightLab() { state_->shrink_to(0); }

const std::vector<HostPlan>& LightLab::hosts() const noexcept { return state_->plan; }
int LightLab::port() const noexcept { return state_->settings.port; }
const std::string& LightLab::user() const noexcept { return state_->settings.user; }
const Secret& LightLab::password() const noexcept { return state_->settings.password; }
std::string LightLab::key_file() const { return state_->settings.state_dir + "/id_ed25519"; }
std::string LightLab::known_hosts_file() const { return state_->settings.state_dir + "/known_hosts"; }
std::string LightLab::inventory_file() const { return state_->settings.state_dir + "/hosts.ini"; }

Result<> LightLab::resize(int count) {
  HERDER_ASSERT(count >= 1 && count <= max_light_hosts);
  HERDER_TRY_VOID(ensure_descriptors(count));
  const auto wanted = static_cast<std::size_t>(count);
  HERDER_TRY_VOID(make_trees(state_->settings, light_plan(count)));
  state_->shrink_to(wanted);
  HERDER_TRY_VOID(state_->grow_to(wanted));
  state_->plan = light_plan(count);
  HERDER_TRY_VOID(state_->write_clients());
  return write_record(state_->settings.state_dir, {.kind = Kind::light, .hosts = count, .port = state_->settings.port, .prefix = {}});
}

Result<> LightLab::set_faults(std::string_view names, const Faults& faults) {
  HERDER_TRY(const auto chosen, find_hosts(state_->plan, names));
  for (const HostPlan* host : chosen)
    HERDER_TRY_VOID(state_->on_loop(host->index, [&] { return state_->hosts[host->index].host->set_faults(faults); }), "host {}", host->name);
  return {};
}

Result<> LightLab::reset(std::string_view names) {
  HERDER_TRY(const auto chosen, find_hosts(state_->plan, names));
  for (const HostPlan* host : chosen) {
    state_->on_loop(host->index, [&] {
      state_->hosts[host->index].host->drop_connections();
      return true;
    });
    HERDER_TRY_VOID(renew_tree(state_->settings, *host));
  }
  return {};
}

std::vector<LightLab::HostState> LightLab::states() {
  std::vector<HostState> out(state_->hosts.size());
  for (std::size_t shard = 0; shard < state_->shards.size(); ++shard)
    state_->on_loop(shard, [&] {
      for (const auto& host : state_->shards[shard]->hosts)
        out[host->plan().index] = {.faults = format_faults(host->faults()), .connections = host->connections()};
      return true;
    });
  return out;
}

Result<> ensure_descriptors(int hosts) {
  const rlim_t needed = static_cast<rlim_t>(hosts) * descriptors_a_host + descriptors_besides;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return {};
  if (limit.rlim_max < needed)
    return std::unexpected(error(Errc::limit, "{} hosts need {} open files, but this user may have {}", hosts, needed, limit.rlim_max)
                               .hint(fmt::format("raise the hard limit (`ulimit -Hn {}` as root, or nofile in /etc/security/limits.conf), "
                                                 "or start at most {} hosts", needed,
                                                 (limit.rlim_max - std::min(limit.rlim_max, descriptors_besides)) / descriptors_a_host)));
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return std::unexpected(os_error(errno, "raise the limit of open files"));
  return {};
}

int reap_processes(const std::string& state_dir) {
  const std::string mark = std::string(1, '\0') + "HERDER_LAB=" + state_dir + std::string(1, '\0');
  int reaped = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const auto pid = text::to_int(entry.path().filename().string());
    if (!pid || *pid <= 1) continue;
    const auto environment = read_file(entry.path().string() + "/environ", std::size_t{4} << 20U);
    if (!environment || (std::string(1, '\0') + *environment + std::string(1, '\0')).find(mark) == std::string::npos) continue;
    if (*pid != ::getpid() && ::kill(static_cast<pid_t>(*pid), SIGKILL) == 0) ++reaped;
  }
  return reaped;
}

}  // namespace herder::lab
