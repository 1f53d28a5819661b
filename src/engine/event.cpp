#include "engine/event.hpp"

namespace herder::engine {

std::string_view name_of(Status status) noexcept {
  switch (status) {
    case Status::ok: return "ok";
    case Status::failed: return "failed";
    case Status::unreachable: return "unreachable";
    case Status::timeout: return "timeout";
    case Status::cancelled: return "cancelled";
    case Status::skipped: return "skipped";
  }
  return "failed";
}

void Totals::add(Status status) noexcept {
  switch (status) {
    case Status::ok: ++ok; break;
    case Status::failed: ++failed; break;
    case Status::unreachable: ++unreachable; break;
    case Status::timeout: ++timeout; break;
    case Status::cancelled: ++cancelled; break;
    case Status::skipped: ++skipped; break;
  }
}

int Totals::exit_code() const noexcept {
  const bool some_failed = failed + timeout + cancelled + skipped > 0;
  return (some_failed ? 2 : 0) + (unreachable > 0 ? 4 : 0);
}

}  // namespace herder::engine
