// herder doctor: what is missing or unsafe on this machine, and what to do about it.
#include <algorithm>

#include <fmt/core.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/common_options.hpp"
#include "cli/doctor/finding.hpp"
#include "cli/parsed.hpp"
#include "report/encode.hpp"

namespace herder::cli {
namespace {

using doctor::Finding;
using doctor::Findings;
using doctor::Level;

constexpr Option options[] = {
    {.name = "output", .letter = 'o', .arg = Arg::choice, .value = "FORMAT", .fallback = "text", .choices = "text|json", .help = "how findings are written"},
};
constexpr OptionSet sets[] = {{"Output", options}, global_set};
constexpr Example examples[] = {
    {"doctor", "look at everything"},
    {"doctor -q", "say only what should be looked at"},
};

std::string variable(const Io& io, const char* name) {
  const char* value = io.getenv(name);
  return value == nullptr ? "" : value;
}

/// The first environment variable of these that is set.
std::string first_of(const Io& io, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (std::string value = variable(io, name); !value.empty()) return value;
  return {};
}

std::string working_directory() {
  char buffer[4096];
  return ::getcwd(buffer, sizeof buffer) == nullptr ? "" : buffer;
}

Findings examine(const Io& io) {
  Findings out;
  const auto add = [&out](Findings more) { out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end())); };
  rlimit files{}, processes{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_NPROC, &processes);
  out.push_back(doctor::check_open_files(files.rlim_cur, files.rlim_max));
  out.push_back(doctor::check_processes(processes.rlim_cur));
  out.push_back(doctor::check_backlog("/proc/sys/net/core/somaxconn"));
  out.push_back(doctor::check_ports("/proc/sys/net/ipv4/ip_local_port_range"));
  out.push_back(doctor::check_clock(wall_now_ms(), doctor::clock_is_synchronized()));

  const std::string home = home_directory();
  add(doctor::check_home(variable(io, "HOME"), home));
  add(doctor::check_ssh_folder(home));
  add(doctor::check_known_hosts(home + "/.ssh/known_hosts"));
  out.push_back(doctor::check_agent(variable(io, "SSH_AUTH_SOCK")));
  out.push_back(doctor::check_ssh_program(variable(io, "PATH")));

  const std::string temporary = variable(io, "TMPDIR");
  out.push_back(doctor::check_temporary(temporary.empty() ? "/tmp" : temporary));
  const std::string spill = temporary.empty() ? "/var/tmp" : temporary;
  out.push_back(doctor::check_space(spill, doctor::free_bytes_of(spill)));
  const std::string runtime = variable(io, "XDG_RUNTIME_DIR");
  out.push_back(doctor::check_run_directory(runtime.starts_with('/') ? runtime + "/herder" : fmt::format("/tmp/herder-{}", ::getuid())));
  out.push_back(doctor::check_inventory(first_of(io, {"HERDER_INVENTORY", "ANSIBLE_INVENTORY"})));
  out.push_back(doctor::check_working_directory(working_directory()));
  return out;
}

std::string_view name_of(Level level) {
  switch (level) {
    case Level::ok: return "ok";
    case Level::note: return "note";
    case Level::fix: return "fix";
  }
  return "fix";
}

std::size_t count_of(const Findings& findings, Level level) {
  return static_cast<std::size_t>(std::ranges::count(findings, level, &Finding::level));
}

void write_json(const Findings& findings, Io& io) {
  io.out.write("{\"findings\": [");
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Finding& one = findings[i];
    io.out.write(fmt::format("{}\n  {{\"level\": \"{}\", \"check\": {}, \"what\": {}, \"remedy\": {}}}", i == 0 ? "" : ",", name_of(one.level),
                             report::json_quote(one.check), report::json_quote(one.what), report::json_quote(one.remedy)));
  }
  io.out.write(fmt::format("\n ],\n \"fix\": {}, \"note\": {}, \"ok\": {}}}\n", count_of(findings, Level::fix), count_of(findings, Level::note),
                           count_of(findings, Level::ok)));
}

void write_text(const Findings& findings, Io& io) {
  const report::Paint paint(io.color_out);
  for (const Finding& one : findings) {
    if (one.level == Level::ok && io.verbosity < 0) continue;
    const std::string word = one.level == Level::ok ? paint.good("ok  ") : one.level == Level::note ? paint.warn("note") : paint.bad("FIX ");
    io.out.write(fmt::format("{}  {:<18}  {}\n", word, one.check, text::printable_line(one.what)));
    if (!one.remedy.empty()) io.out.write(fmt::format("{:26}help: {}\n", "", text::printable_line(one.remedy)));
  }
  const std::size_t fix = count_of(findings, Level::fix);
  const std::size_t notes = count_of(findings, Level::note);
  const std::string total = fmt::format("{} checks: {} to fix, {} {}", findings.size(), fix, notes, notes == 1 ? "note" : "notes");
  io.out.write((fix > 0 ? paint.bad(total) : paint.good(total)) + "\n");
}

Result<Action> prepare_doctor(const Parsed& parsed) {
  return Action([json = parsed.text("output") == "json"](Io& io) {
    const Findings findings = examine(io);
    if (json) write_json(findings, io);
    else write_text(findings, io);
    return count_of(findings, Level::fix) > 0 ? exit_code::failed : exit_code::ok;
  });
}

}  // namespace

extern constinit const Command doctor_command{
    .name = "doctor",
    .summary = "say what is missing or unsafe on this machine, and what to do about it",
    .about = "Looks at limits, SSH files, agent, known hosts, clock, temporary directories and the ssh program. Nothing is changed. Ends with 2\n"
             "when something has to be fixed, with 0 when there are only notes.",
    .sets = sets,
    .examples = examples,
    .prepare = prepare_doctor,
};

}  // namespace herder::cli
