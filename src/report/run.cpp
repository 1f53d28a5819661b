#include "report/run.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "base/units.hpp"

namespace herder::report {
namespace {

using engine::Status;

int rank(Status status) {
  switch (status) {
    case Status::ok: return 0;
    case Status::skipped: return 1;
    case Status::cancelled: return 2;
    case Status::unreachable: return 3;
    case Status::timeout: return 4;
    case Status::failed: return 5;
  }
  return 5;
}

/// What must be equal for two hosts to be shown as one. Where and while doing what an error came up (addresses, mostly) is not in it.
std::string key_of(const HostResult& one) {
  std::string key = fmt::format("{}/{}/{}/{}/{}/{}/", static_cast<int>(one.status), one.exit_code ? *one.exit_code : -1, one.out, one.err,
                                one.out_dropped, one.err_dropped);
  key += one.signal;
  if (one.error) key += '\0' + std::string(name_of(one.error->code)) + '\0' + one.error->what;
  return key;
}

std::string with_reason(std::string_view word, const HostResult& result) {
  if (!result.error) return std::string(word);
  return fmt::format("{}: {}", word, text::printable_line(result.error->what));
}

}  // namespace

std::vector<Group> group_results(const Run& run, bool together) {
  std::vector<Group> out;
  std::map<std::string, std::size_t> by_key;
  for (const auto& result : run.results) {
    if (!result) continue;
    if (together) {
      const auto [place, is_new] = by_key.try_emplace(key_of(*result), out.size());
      if (!is_new) {
        out[place->second].hosts.push_back(result->host);
        continue;
      }
    }
    out.push_back({&*result, {result->host}});
  }
  std::ranges::stable_sort(out, {}, [](const Group& group) { return rank(group.sample->status); });
  return out;
}

std::string describe(const HostResult& result) {
  switch (result.status) {
    case Status::ok: return "ok";
    case Status::skipped: return with_reason("not started", result);
    case Status::cancelled: return with_reason("stopped", result);
    case Status::unreachable: return with_reason("unreachable", result);
    case Status::timeout: return with_reason("timed out", result);
    case Status::failed: break;
  }
  if (result.exit_code) return fmt::format("exit code {}", *result.exit_code);
  if (!result.signal.empty()) return fmt::format("killed by SIG{}", text::printable_line(result.signal));
  return with_reason("failed", result);
}

std::string count_hosts(std::uint64_t count) { return count == 1 ? "1 host" : fmt::format("{} hosts", count); }

std::string recap(const Run& run) {
  const engine::Totals& totals = run.totals;
  std::string out = count_hosts(run.info.hosts.size()) + ": ";
  auto add = [&out, first = true](std::uint64_t count, std::string_view what) mutable {
    if (count == 0) return;
    out += fmt::format("{}{} {}", first ? "" : ", ", count, what);
    first = false;
  };
  add(totals.ok, "ok");
  add(totals.failed, "failed");
  add(totals.timeout, "timed out");
  add(totals.unreachable, "unreachable");
  add(totals.cancelled, "stopped");
  add(totals.skipped, "not started");
  if (run.info.hosts.empty()) out += "nothing to do";
  out += " in " + format_duration(run.elapsed());
  const double seconds = std::chrono::duration<double>(run.elapsed()).count();
  if (run.done() >= 10 && seconds > 0.01) out += fmt::format(" ({:.0f} hosts/s)", static_cast<double>(run.done()) / seconds);
  return out;
}

}  // namespace herder::report
