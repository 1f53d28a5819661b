// The one place that turns an Error into text.
#pragma once

#include <string>

#include "base/error.hpp"

namespace herder {

struct ErrorStyle {
  bool color = false;   // ANSI colours; only for a terminal
  int verbosity = 0;    // 0: the first three `via` steps; 1 and more: all
};

/// As a compiler prints it, ending in a newline:
///
///     error: port 99999 is not in 1..65535
///       --> hosts.ini:7:14
///        7 | web1 ansible_port=99999
///          |              ^
///       while reading inventory host web1
///       help: use a number from 1 to 65535
///
/// The line comes from `where.text`, else from the file itself if it can be read. Control characters are shown, not sent.
std::string format_error(const Error& failure, ErrorStyle style = {});

/// One line, without place and remedy: "unreachable: connection refused (connecting to 127.1.0.4:22)".
std::string format_error_line(const Error& failure);

}  // namespace herder
