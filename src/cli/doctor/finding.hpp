// What `herder doctor` looks at: small checks, each of which says what it found and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace herder::cli::doctor {

enum class Level : std::uint8_t {
  ok,
  note,  // works, but could be better; or one should know
  fix,   // does not work, or is not safe
};

struct Finding {
  Level level = Level::ok;
  std::string check;   // "open files", "ssh-agent"
  std::string what;    // one sentence without full stop; may hold names from this machine (not made printable)
  std::string remedy;  // what to do; for notes and fixes
};
using Findings = std::vector<Finding>;

// limits.cpp
Finding check_open_files(std::uint64_t soft, std::uint64_t hard);
Finding check_processes(std::uint64_t limit);
Finding check_backlog(const std::string& somaxconn_file);
Finding check_ports(const std::string& range_file);
/// `now_ms`: wall clock; `synchronized`: the kernel's idea of it (adjtimex), -1 unknown, 0 no, 1 yes.
Finding check_clock(std::int64_t now_ms, int synchronized);
int clock_is_synchronized();

// ssh.cpp and agent.cpp
Findings check_home(const std::string& home, const std::string& home_of_database);
/// ~/.ssh and what is in it: who may write and read there.
Findings check_ssh_folder(const std::string& home);
Findings check_known_hosts(const std::string& file);
/// `socket` is SSH_AUTH_SOCK, maybe empty. Waits at most two seconds for an answer.
Finding check_agent(const std::string& socket);
/// Looks for `ssh` in a PATH and asks it for its version, for at most two seconds.
Finding check_ssh_program(const std::string& path);

// places.cpp
/// A directory for temporary files: writable, sticky when shared, programs may start.
Finding check_temporary(const std::string& directory);
/// Room for what hosts print.
Finding check_space(const std::string& directory, std::uint64_t free_bytes);
std::uint64_t free_bytes_of(const std::string& directory);
/// The private directory of the keeper's socket.
Finding check_run_directory(const std::string& directory);
/// Names of -i when none is given: exist and can be read.
Finding check_inventory(const std::string& sources);
/// ansible.cfg in a directory that others can write is not safe to use.
Finding check_working_directory(const std::string& directory);

}  // namespace herder::cli::doctor
