// Passwords from the person or from a file, never from the command line.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace herder::cli {

/// Asks on the terminal of the process (/dev/tty), without showing what is typed; signals wait until the terminal is as
/// before. Known to the redactor from then on. Errors: unsupported (there is no terminal), cancelled (Ctrl-C, Ctrl-D).
Result<Secret> ask_secret(std::string_view prompt);

/// The first line of a file without its line end. Known to the redactor from then on. Errors: denied when others can read the file,
/// not_found, io, parse (empty).
Result<Secret> secret_from_file(const std::string& path);

}  // namespace herder::cli
