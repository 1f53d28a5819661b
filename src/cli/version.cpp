// herder version: which herder this is, and what it was built with.
#include "base/version.hpp"
#include "cli/commands.hpp"
#include "cli/common_options.hpp"
#include "cli/parsed.hpp"
#include "report/records.hpp"

namespace herder::cli {
namespace {

constexpr Option options[] = {
    {.name = "json", .help = "write it as JSON"},
};
constexpr OptionSet sets[] = {{"Version", options}, global_set};
constexpr Example examples[] = {{"version --json", "the same for a program"}};

#if defined(__clang__)
constexpr std::string_view compiler = "clang " __clang_version__;
#else
constexpr std::string_view compiler = "gcc " __VERSION__;
#endif

Result<Action> prepare_version(const Parsed& parsed) {
  return Action([json = parsed.flag("json")](Io& io) {
    if (json)
      io.out.write(fmt::format("{{\"herder\": \"{}\", \"events\": \"{}\", \"compiler\": \"{}\", \"standard_library\": {}}}\n", version(),
                               report::events_version, compiler, __GLIBCXX__));
    else
      io.out.write(fmt::format("herder {}\n", version()));
    return exit_code::ok;
  });
}

}  // namespace

extern constinit const Command version_command{
    .name = "version",
    .summary = "say which herder this is",
    .sets = sets,
    .examples = examples,
    .prepare = prepare_version,
};

}  // namespace herder::cli
