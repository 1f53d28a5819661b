// What configuration files say, before any host is asked about: sections in the order in which ssh would go through them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "transport/ssh_keywords.hpp"

namespace herder::transport {

/// One condition behind Match.
struct Criterion {
  enum class What : std::uint8_t { all, canonical, final, host, original_host, user, local_user, exec };
  What what = What::all;
  bool negated = false;
  std::string argument;
};

/// Lines under one Host or Match, or those before the first. A section that an Include interrupts goes on in another one.
struct Section {
  enum class Kind : std::uint8_t { always, host, match, never };
  Kind kind = Kind::always;
  int parent = -1;        // the section whose Include this stands in: it applies only when that one does
  int continues = -1;     // the section whose decision this shares
  std::vector<std::string> patterns;  // Host: each perhaps behind '!'
  std::vector<Criterion> criteria;    // Match
  std::vector<Directive> directives;
  std::string file;
  int line = 0;
};

struct SshConfigPlaces {
  std::string user_file;    // "": none
  std::string system_file;  // "": none
  std::string home;         // what '~' means; relative Includes of the user's file stand in .ssh there
  std::string system_directory = "/etc/ssh";
  bool check_owner = true;  // user files must belong to us (or root) and be writable by nobody else
  bool must_exist = false;  // user_file was named by somebody (-F)
};

/// Reads the user's file, then the system's, with all that they include (at most 16 deep, 4,096 files, 16 MiB each).
/// Errors: parse (with file and line; the first of perhaps many), denied (owner, mode), limit, not_found (must_exist).
Result<std::vector<Section>> read_ssh_config(const SshConfigPlaces& places);

/// The same from text, with `file` as its name; Include looks at the disk unless `included` is given.
using Includer = std::function<Result<std::vector<std::pair<std::string, std::string>>>(const std::string& pattern)>;
Result<std::vector<Section>> parse_ssh_config(std::string_view text, const std::string& file, const Includer& included);

/// One option as behind -o: "Key=Value" or "Key Value". `source` is what to call its place. Errors: parse.
Result<std::optional<Directive>> parse_ssh_option(std::string_view text, const std::string& source);

}  // namespace herder::transport
