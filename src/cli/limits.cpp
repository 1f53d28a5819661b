#include "cli/limits.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>

namespace herder::cli {
namespace {

constexpr int most_loops = 8;

}  // namespace

std::size_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

std::size_t loop_count() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(std::clamp(CPU_COUNT(&set), 1, most_loops));
}

}  // namespace herder::cli
