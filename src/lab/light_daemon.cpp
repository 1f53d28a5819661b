#include "lab/light_daemon.hpp"

#include <unistd.h>

#include "base/text.hpp"
#include "lab/control.hpp"

namespace herder::lab {
namespace {

Result<std::string> answer(LightLab& lab, const std::vector<std::string>& words) {
  const std::string verb = words.empty() ? "" : words[0];
  if (verb == "ping") return fmt::format("{}\n", lab.hosts().size());
  if (verb == "status") {
    std::string out;
    const auto states = lab.states();
    for (const HostPlan& host : lab.hosts())
      out += fmt::format("{}\t{}\t{}\t{}\t{}\n", host.name, host.group, host.address, states[host.index].connections,
                         states[host.index].faults.empty() ? "ok" : states[host.index].faults);
    return out;
  }
  if (verb == "resize" && words.size() == 2) {
    const auto hosts = text::to_int(words[1]);
    if (!hosts || *hosts < 1 || *hosts > max_light_hosts) return fail(Errc::usage, "a light lab has 1 to {} hosts", max_light_hosts);
    HERDER_TRY_VOID(lab.resize(static_cast<int>(*hosts)));
    return "";
  }
  if (verb == "break" && words.size() > 2) {
    HERDER_TRY(const Faults faults, parse_faults(std::span(words).subspan(2)));
    HERDER_TRY_VOID(lab.set_faults(words[1], faults));
    return "";
  }
  if (verb == "mend" && words.size() == 2) {
    HERDER_TRY_VOID(lab.set_faults(words[1], {}));
    return "";
  }
  if (verb == "reset" && words.size() == 2) {
    HERDER_TRY_VOID(lab.reset(words[1]));
    return "";
  }
  return fail(Errc::unsupported, "a light lab does not do '{}'", text::printable(verb));
}

void report_start(int ready_fd, const Result<std::string>& how) {
  if (ready_fd < 0) return;
  const std::string text = format_answer(how);
  (void)!::write(ready_fd, text.data(), text.size());
  ::close(ready_fd);
}

}  // namespace

Result<> run_light_daemon(const LightLabOptions& options, int ready_fd) {
  block_control_signals();
  auto lock = LabLock::take(options.state_dir);
  Result<std::unique_ptr<LightLab>> lab = std::unexpected(Error{});
  if (lock) {
    reap_processes(options.state_dir);  // of a lab that crashed here
    lab = LightLab::start(options);
  } else {
    lab = std::unexpected(lock.error());
  }
  if (!lab) {
    report_start(ready_fd, std::unexpected(lab.error()));
    return std::unexpected(std::move(lab).error());
  }
  const auto loop = async::make_loop();
  loop->post([ready_fd] { report_start(ready_fd, ""); });  // runs once the socket is there
  return serve_control(
      *loop, options.state_dir, [&](const std::vector<std::string>& words) { return answer(**lab, words); },
      [&] {
        lab->reset();
        reap_processes(options.state_dir);
      });
}

}  // namespace herder::lab
