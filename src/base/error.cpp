#include "base/error.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace herder {

std::string_view name_of(Errc code) noexcept {
  switch (code) {
    case Errc::none: return "none";
    case Errc::usage: return "usage";
    case Errc::parse: return "parse";
    case Errc::not_found: return "not_found";
    case Errc::unreachable: return "unreachable";
    case Errc::timeout: return "timeout";
    case Errc::denied: return "denied";
    case Errc::conflict: return "conflict";
    case Errc::limit: return "limit";
    case Errc::io: return "io";
    case Errc::cancelled: return "cancelled";
    case Errc::unsupported: return "unsupported";
    case Errc::bug: return "bug";
  }
  return "bug";
}

namespace {

Errc code_of(int number) noexcept {
  switch (number) {
    case EACCES:
    case EPERM: return Errc::denied;
    case ENOENT:
    case ENOTDIR: return Errc::not_found;
    case ETIMEDOUT: return Errc::timeout;
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case EDQUOT: return Errc::limit;
    case ECONNREFUSED:
    case ECONNRESET:
    case EHOSTUNREACH:
    case ENETUNREACH: return Errc::unreachable;
    default: return Errc::io;
  }
}

}  // namespace

Error os_error(int number, std::string_view doing) {
  char buffer[128];
  const char* text = strerror_r(number, buffer, sizeof buffer);  // the GNU form: returns the text
  return error(code_of(number), "cannot {}: {}", doing, text);
}

void assertion_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "herder: internal error: %s:%d: '%s' does not hold; please report this\n", file, line, condition);
  std::abort();
}

}  // namespace herder
