// Failures as values. A failure that a user, a file or a host can cause is a `Result`; a broken invariant is HERDER_ASSERT.
// The one formatter for people, JSON and UI is in base/error_format.hpp.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

namespace herder {

/// What kind of failure it is: decides exit codes, retries and how results are counted.
enum class Errc : std::uint8_t {
  none,
  usage,        // the command line is wrong
  parse,        // a file of the user's is wrong
  not_found,    // a name, file or host does not exist
  unreachable,  // the target could not be reached or was lost
  timeout,      // a deadline passed
  denied,       // authentication, permission, host key
  conflict,     // the state is not what was expected
  limit,        // a bound was hit (size, depth, count)
  io,           // the operating system refused
  cancelled,    // somebody asked to stop
  unsupported,  // understood, but not something herder does
  bug,          // herder itself
};

/// Stable lower-case name of a code ("not_found"), used in JSON output.
std::string_view name_of(Errc code) noexcept;

/// A place in the USER's file. Lines and columns count from 1; 0 means unknown. Columns count characters, not bytes.
struct Where {
  std::string file;
  int line = 0;
  int column = 0;
  std::string text;  // the offending line itself, when the parser had it at hand; never a secret
};

/// One failure, told in the reader's order: what broke, then what was being done, innermost first.
struct Error {
  Errc code{};
  std::string what;              // "port 99999 is not in 1..65535"
  Where where{};                 // file, line, column in the USER's file, when there is one
  std::string help{};            // the remedy: "did you mean 'service_name'? (play vars, site.yml:4)"
  std::vector<std::string> via{};  // "task 'install nginx'", "host web1"

  Error& at(Where place) & { where = std::move(place); return *this; }
  Error&& at(Where place) && { where = std::move(place); return std::move(*this); }
  Error&& hint(std::string text) && { help = std::move(text); return std::move(*this); }
};

template <class T = void>
using Result = std::expected<T, Error>;

/// Makes the failing side of any Result: `return fail(Errc::parse, "port {} is not in 1..65535", port);`
/// To add place or remedy: `return std::unexpected(error(Errc::parse, "...").at(where).hint("..."));`
template <class... Args>
[[nodiscard]] Error error(Errc code, fmt::format_string<Args...> text, Args&&... args) {
  return Error{.code = code, .what = fmt::format(text, std::forward<Args>(args)...)};
}
template <class... Args>
[[nodiscard]] std::unexpected<Error> fail(Errc code, fmt::format_string<Args...> text, Args&&... args) {
  return std::unexpected(error(code, text, std::forward<Args>(args)...));
}

/// The failure of a system call: "cannot <doing>: <strerror(number)>", with the code that fits `number` (EACCES: denied ...).
[[nodiscard]] Error os_error(int number, std::string_view doing);

inline Error with_via(Error failure) { return failure; }
template <class... Args>
Error with_via(Error failure, fmt::format_string<Args...> step, Args&&... args) {
  failure.via.push_back(fmt::format(step, std::forward<Args>(args)...));
  return failure;
}

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace herder

#define HERDER_CAT2(a, b) a##b
#define HERDER_CAT(a, b) HERDER_CAT2(a, b)

/// HERDER_TRY(const int port, parse_port(text), "inventory host {}", name): declares `port`, or returns the failure with one
/// more `via` (the format and its arguments are optional). HERDER_TRY_VOID(expr, ...) for results without a value.
/// The HERDER_CO_ forms do the same inside a coroutine.
#define HERDER_TRY_IMPL(RETURN, decl, expr, ...)                                                                       \
  auto HERDER_CAT(try_, __LINE__) = (expr);                                                                            \
  if (!HERDER_CAT(try_, __LINE__)) [[unlikely]]                                                                        \
    RETURN std::unexpected(::herder::with_via(std::move(HERDER_CAT(try_, __LINE__)).error() __VA_OPT__(, ) __VA_ARGS__)); \
  decl = *std::move(HERDER_CAT(try_, __LINE__))
#define HERDER_TRY_VOID_IMPL(RETURN, expr, ...)                                                                      \
  do {                                                                                                               \
    auto try_result = (expr);                                                                                        \
    if (!try_result) [[unlikely]]                                                                                    \
      RETURN std::unexpected(::herder::with_via(std::move(try_result).error() __VA_OPT__(, ) __VA_ARGS__));          \
  } while (false)
#define HERDER_TRY(decl, expr, ...) HERDER_TRY_IMPL(return, decl, expr __VA_OPT__(, ) __VA_ARGS__)
#define HERDER_TRY_VOID(expr, ...) HERDER_TRY_VOID_IMPL(return, expr __VA_OPT__(, ) __VA_ARGS__)
#define HERDER_CO_TRY(decl, expr, ...) HERDER_TRY_IMPL(co_return, decl, expr __VA_OPT__(, ) __VA_ARGS__)
#define HERDER_CO_TRY_VOID(expr, ...) HERDER_TRY_VOID_IMPL(co_return, expr __VA_OPT__(, ) __VA_ARGS__)

/// Stays on in release builds: a broken invariant of herder's own aborts with a report.
#define HERDER_ASSERT(condition) \
  do {                           \
    if (!(condition)) [[unlikely]] ::herder::assertion_failed(#condition, __FILE__, __LINE__); \
  } while (false)
