// Starting the process that runs a lab.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"

namespace herder::lab {

/// Where a background process reports how its start went: a pipe, when it was given --report.
inline constexpr int report_fd = 3;

/// Starts this program again with `arguments` in a session of its own, its messages in `log_file`, and waits until it reports on
/// descriptor 3 how its start went (a control answer). Gives its number. Errors: what it reported; timeout; io.
Result<int> start_in_background(const std::vector<std::string>& arguments, const std::string& log_file, int timeout_s);

/// Ends a process: SIGTERM, and SIGKILL when it is still there after `patience_ms`. Waits for it only as long as that.
void end_process(int pid, int patience_ms);

}  // namespace herder::lab
