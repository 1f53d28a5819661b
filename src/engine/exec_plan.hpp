// What one `exec` is: the hosts, the command, and the limits. Plain data.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.hpp"
#include "base/units.hpp"
#include "engine/become.hpp"
#include "transport/session.hpp"

namespace herder::engine {

/// Bytes for the standard input of every host: a regular file that is read anew for each (never whole in memory).
struct InputFile {
  UniqueFd fd;
  std::uint64_t bytes = 0;
};

/// A script of the user's that is sent along: it arrives on standard input, is kept in a private temporary file while it runs and
/// is started by the interpreter of its first line (or /bin/sh).
struct Script {
  std::string content;
  std::vector<std::string> arguments;
};

struct ExecHost {
  std::string name;
  std::shared_ptr<const transport::Target> target;  // null: it could not be made; `unusable` says why
  std::optional<Error> unusable;
};

/// What a host is to do in place of a command (a copy). The text is what it says of itself, a line or nothing.
struct HostWork {
  std::function<Async<Result<std::string>>(transport::Session& session, const ExecHost& host, Deadline deadline)> run;
};

struct ExecPlan {
  std::string id;
  std::string kind = "exec";
  std::vector<ExecHost> hosts;

  std::string command;           // for the login shell over there, unless a script is given
  std::optional<HostWork> work;  // instead of a command
  std::optional<Script> script;
  std::vector<std::pair<std::string, std::string>> env;
  std::string chdir;
  std::optional<Become> become;
  std::shared_ptr<const InputFile> input;  // null: empty input

  std::size_t forks = 256;
  std::vector<Amount> serial;          // sizes of the batches, the last repeated; empty: all at once
  Duration timeout = Duration::zero(); // of a whole attempt, connecting included; 0: none
  unsigned retries = 0;                // further attempts when the command cannot have begun
  std::optional<Amount> max_fail;      // more failures than this: nothing new is started
};

/// The command line to send and what goes before the user's input.
struct Prepared {
  std::string line;
  std::string preamble;  // the script's content
  bool pty = false;
};
/// Puts environment, directory, script and becoming around the command. `dialogue` is null without become.
Prepared prepare_command(const ExecPlan& plan, const BecomeDialogue* dialogue);

}  // namespace herder::engine
