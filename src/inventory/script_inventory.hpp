// Inventory scripts: programs that print JSON.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "inventory/builder.hpp"

namespace herder::inventory {

struct ScriptLimits {
  Duration time = std::chrono::minutes(10);
  std::size_t output_bytes = std::size_t{1} << 30U;
};

/// What the script at `path` prints for `--list` (no host) or `--host HOST`, parsed. Blocks until the program ends or its time is
/// up; then it is killed. Errors: io (cannot run, exit code), timeout, limit, parse. What it writes to stderr becomes part of the
/// error's help, or a warning.
Result<Value> run_script(const std::string& path, const std::string& host, const ScriptLimits& limits,
                         std::vector<Error>& warnings);

/// Adds what `--list` printed; `host_vars` is called for each host when there is no `_meta`. Errors: parse (not the JSON of an
/// inventory), those of `host_vars`.
using HostVarsRunner = std::function<Result<Value>(const std::string& host)>;
Result<> read_script_output(const Value& list, const std::string& path, const HostVarsRunner& host_vars,
                            InventoryBuilder& builder);

}  // namespace herder::inventory
