// Runs a program and collects what it prints.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace herder::inventory {

struct ProgramOutput {
  int exit_code = 0;  // 128 + signal when it was killed
  std::string out;
  std::string err;    // its first 64 KiB
};

/// Runs `arguments[0]` (a path, no search) with our environment, working directory and standard input. Blocks until it has ended,
/// or kills it when `time` is up. Errors: of starting it; timeout; limit, when it prints more than `output_bytes`.
Result<ProgramOutput> run_program(const std::vector<std::string>& arguments, Duration time, std::size_t output_bytes);

}  // namespace herder::inventory
