// A fleet of light hosts in this process. `herder lab` runs one in the background; tests of any room start one beside them:
//
//   auto lab = LightLab::start({.state_dir = temporary.path(), .hosts = 3, .port = 0}).value();
//   lab->set_faults("web02", {.entry = Entry::hang});
//   ... connect to lab->hosts()[0].address, lab->port(), lab->user(), with lab->key_file() and lab->known_hosts_file() ...
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "lab/fault.hpp"
#include "lab/fleet_plan.hpp"
#include "lab/light_settings.hpp"

namespace herder::lab {

struct LightLabOptions {
  std::string state_dir;    // absolute; made when missing; keys and files stay there when the lab stops
  int hosts = 1;            // 1..max_light_hosts
  int port = 22022;         // 0: one that is free
  std::size_t threads = 1;  // loop threads; hosts are dealt out among them
};

/// Call it from any thread but its own; calls wait for its loops. Sets SIGPIPE to be ignored when nobody handles it.
class LightLab {
 public:
  /// Errors: io, denied, conflict (the port is taken), limit (not enough descriptors, with the remedy).
  static Result<std::unique_ptr<LightLab>> start(const LightLabOptions& options);
  LightLab(const LightLab&) = delete;
  LightLab& operator=(const LightLab&) = delete;
  /// Closes everything and ends the processes that hosts run (daemons that left their process group stay; reap_processes()).
  ~LightLab();

  [[nodiscard]] const std::vector<HostPlan>& hosts() const noexcept;
  [[nodiscard]] int port() const noexcept;
  [[nodiscard]] const std::string& user() const noexcept;
  [[nodiscard]] const Secret& password() const noexcept;
  [[nodiscard]] std::string key_file() const;
  [[nodiscard]] std::string known_hosts_file() const;
  [[nodiscard]] std::string inventory_file() const;

  /// `names` as find_hosts() takes them. The whole set of faults is replaced; Faults{} mends. In effect when this returns.
  Result<> set_faults(std::string_view names, const Faults& faults);
  /// Adds or removes hosts at the end.
  Result<> resize(int hosts);
  /// Drops the hosts' connections, removes their files and makes them anew.
  Result<> reset(std::string_view names);

  struct HostState {
    std::string faults;  // format_faults()
    std::size_t connections = 0;
  };
  /// By index.
  std::vector<HostState> states();

 private:
  struct State;
  explicit LightLab(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Raises the soft limit of descriptors as far as needed for so many hosts. Errors: limit, with the remedy.
Result<> ensure_descriptors(int hosts);

/// Kills what commands of the lab in `state_dir` left running in the background (found by their environment). Gives the number.
int reap_processes(const std::string& state_dir);

}  // namespace herder::lab
