// Limits of the system and the clock.
#include <algorithm>
#include <ctime>

#include <fmt/core.h>
#include <sys/timex.h>

#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/doctor/finding.hpp"

namespace herder::cli::doctor {
namespace {

// Two descriptors a connection (socket, agent) and some for files: what the default of 256 hosts at a time needs.
constexpr std::uint64_t files_for_default_forks = 1024;
constexpr std::uint64_t files_for_large_fleets = 16'384;
constexpr std::uint64_t few_processes = 256;
constexpr std::int64_t usual_backlog = 1024;
constexpr std::int64_t many_ports = 10'000;
// 2026-01-01: no herder is older than that. 2100: whoever lives then may raise it.
constexpr std::int64_t earliest_ms = 1'767'225'600'000;
constexpr std::int64_t latest_ms = 4'102'444'800'000;

}  // namespace

Finding check_open_files(std::uint64_t soft, std::uint64_t hard) {
  const std::string what = fmt::format("{} files may be open at a time ({} after raising the limit)", soft, hard);
  if (hard < files_for_default_forks)
    return {Level::fix, "open files", what, "raise 'nofile' in /etc/security/limits.conf (or LimitNOFILE= of the service) to 16384 and log in again"};
  if (soft < files_for_default_forks) return {Level::fix, "open files", what, fmt::format("run 'ulimit -n {}' first, or put it into your shell's profile", std::min(hard, files_for_large_fleets))};
  if (hard < files_for_large_fleets)
    return {Level::note, "open files", what, "enough for some thousand hosts at a time; raise 'nofile' in /etc/security/limits.conf for more"};
  return {Level::ok, "open files", what, ""};
}

Finding check_processes(std::uint64_t limit) {
  if (limit < few_processes)
    return {Level::fix, "processes", fmt::format("this user may run only {} processes and threads", limit),
            "raise 'nproc' in /etc/security/limits.conf (or TasksMax= of the service)"};
  return {Level::ok, "processes", limit > 1'000'000'000 ? "as many processes as one likes" : fmt::format("{} processes allowed", limit), ""};
}

Finding check_backlog(const std::string& somaxconn_file) {
  const auto text = read_file(somaxconn_file, 100);
  const auto number = text ? text::to_int(text::trim(*text)) : std::nullopt;
  if (!number) return {Level::note, "connection backlog", "net.core.somaxconn cannot be read", "look at " + somaxconn_file};
  const std::string what = fmt::format("net.core.somaxconn is {}", *number);
  if (*number >= usual_backlog) return {Level::ok, "connection backlog", what, ""};
  return {Level::note, "connection backlog", what + "; practice fleets on this machine may refuse connections under load",
          "sysctl -w net.core.somaxconn=4096"};
}

Finding check_ports(const std::string& range_file) {
  const auto text = read_file(range_file, 100);
  std::int64_t first = 0;
  std::int64_t last = -1;
  if (text) {
    const auto tab = text->find_first_of(" \t");
    first = text::to_int(text::trim(std::string_view(*text).substr(0, tab))).value_or(0);
    last = tab == std::string::npos ? -1 : text::to_int(text::trim(std::string_view(*text).substr(tab))).value_or(-1);
  }
  if (last < first) return {Level::ok, "local ports", "the system does not tell the range of local ports", ""};
  const std::string what = fmt::format("{} local ports for connections", last - first + 1);
  if (last - first + 1 >= many_ports) return {Level::ok, "local ports", what, ""};
  return {Level::note, "local ports", what, "sysctl -w net.ipv4.ip_local_port_range='32768 60999'"};
}

int clock_is_synchronized() {
  timex state{};
  const int answer = ::adjtimex(&state);
  if (answer < 0) return -1;
  return (static_cast<unsigned>(state.status) & static_cast<unsigned>(STA_UNSYNC)) != 0 ? 0 : 1;
}

Finding check_clock(std::int64_t now_ms, int synchronized) {
  const auto seconds = static_cast<std::time_t>(now_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  const std::string day = fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
  if (now_ms < earliest_ms || now_ms > latest_ms)
    return {Level::fix, "clock", fmt::format("the clock says {}, which cannot be", day), "set the clock; certificates and logs depend on it (timedatectl set-ntp true)"};
  if (synchronized == 0)
    return {Level::note, "clock", fmt::format("the clock says {}, but nothing keeps it in step with others", day),
            "run a time service (systemd-timesyncd, chrony); containers take the clock of their host and may ignore this"};
  return {Level::ok, "clock", fmt::format("the clock says {}{}", day, synchronized == 1 ? " and is kept in step" : ""), ""};
}

}  // namespace herder::cli::doctor
