// For measuring (bench/ssh_connect.py) and for trying things by hand: connects to hosts, runs a command, prints one line of JSON.
//
//   ssh_connect_probe HOSTS_FILE COUNT PORT USER KEY KNOWN_HOSTS COMMAND CONCURRENCY [hold]
//
// With `hold` all sessions stay open until the last one is there, for the memory of an idle one.
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "async/scope.hpp"
#include "async/sync.hpp"
#include "transport/ssh_connector.hpp"

namespace herder::transport {
namespace {

struct Probe {
  std::vector<std::string> hosts;
  Target pattern;
  std::string command;
  std::size_t concurrency = 1;
  bool hold = false;
  std::size_t good = 0;
  std::size_t bytes = 0;
  long baseline_kib = 0;
  long held_kib = 0;
  std::vector<std::shared_ptr<Session>> held;
};

double seconds(const timeval& span) { return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) * 1e-6; }

long resident_kib() {
  std::ifstream in("/proc/self/statm");
  long pages = 0;
  long resident = 0;
  in >> pages >> resident;
  return resident * (::sysconf(_SC_PAGESIZE) / 1024);
}

Async<Result<>> run_one(Probe& probe, Connector& connector, std::string host, Deadline deadline) {
  auto target = std::make_shared<Target>(probe.pattern);
  target->name = target->address = std::move(host);
  HERDER_CO_TRY(auto session, co_await connector.connect(target, deadline));
  if (!probe.command.empty()) {
    HERDER_CO_TRY(const auto process, co_await session->start({.line = probe.command}, deadline));
    for (;;) {
      HERDER_CO_TRY(const Chunk chunk, co_await process->read(deadline));
      if (chunk.end) break;
      probe.bytes += chunk.bytes.size();
    }
    HERDER_CO_TRY(const Exit exit, co_await process->wait(deadline));
    if (exit.code != 0) co_return fail(Errc::conflict, "exit code {}", exit.code.value_or(-1));
  }
  if (probe.hold) probe.held.push_back(std::move(session));
  else co_await session->close(deadline);
  ++probe.good;
  co_return Result<>{};
}

Async<void> worker(Probe& probe, Connector& connector, std::size_t& next, Deadline deadline) {
  while (next < probe.hosts.size()) {
    const std::string host = probe.hosts[next++];
    const Result<> done = co_await run_one(probe, connector, host, deadline);
    if (!done) std::fprintf(stderr, "%s: %s\n", host.c_str(), done.error().what.c_str());
  }
}

Async<bool> run(Probe& probe) {
  const auto connector = make_ssh_connector({});
  std::size_t next = 0;
  async::Scope scope(Deadline::after(std::chrono::minutes(10)));
  for (std::size_t i = 0; i < probe.concurrency; ++i) scope.spawn(worker(probe, *connector, next, scope.deadline()));
  co_await scope.join();
  malloc_trim(0);
  probe.held_kib = resident_kib();
  for (const auto& session : probe.held) co_await session->close(Deadline::after(std::chrono::seconds(1)));
  probe.held.clear();
  co_return probe.good == probe.hosts.size();
}

int main_of(int argc, char** argv) {
  constexpr int least = 9;
  if (argc < least) return 2;
  std::signal(SIGPIPE, SIG_IGN);
  Probe probe;
  std::ifstream in(argv[1]);
  for (std::string host; probe.hosts.size() < std::strtoul(argv[2], nullptr, 10) && std::getline(in, host);) probe.hosts.push_back(host);
  Credentials credentials;
  credentials.identity_files = {argv[5]};
  probe.pattern.port = std::atoi(argv[3]);
  probe.pattern.user = argv[4];
  probe.pattern.credentials = std::make_shared<const Credentials>(std::move(credentials));
  probe.pattern.user_known_hosts = {argv[6]};
  probe.pattern.connect_timeout = std::chrono::minutes(2);
  probe.command = argv[7];
  probe.concurrency = std::strtoul(argv[8], nullptr, 10);
  probe.hold = argc > least && std::string_view(argv[least]) == "hold";
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  const auto loop = async::make_loop();
  probe.baseline_kib = resident_kib();
  const TimePoint begun = boot_now();
  const bool all = async::run_until_done(*loop, run(probe));
  const double wall = std::chrono::duration<double>(boot_now() - begun).count();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  std::printf(
      "{\"hosts\": %zu, \"good\": %zu, \"bytes\": %zu, \"wall_s\": %.4f, \"user_s\": %.4f, \"sys_s\": %.4f, \"rss_kib\": %ld, "
      "\"baseline_kib\": %ld, \"held_kib\": %ld}\n",
      probe.hosts.size(), probe.good, probe.bytes, wall, seconds(used.ru_utime), seconds(used.ru_stime), used.ru_maxrss, probe.baseline_kib,
      probe.held_kib);
  return all ? 0 : 1;
}

}  // namespace
}  // namespace herder::transport

int main(int argc, char** argv) { return herder::transport::main_of(argc, argv); }
