// herder lab: practice fleets on this machine. What happens is in room lab; here are the tables and the words.
#include <unistd.h>

#include <algorithm>

#include "base/error_format.hpp"
#include "base/text.hpp"
#include "cli/commands.hpp"
#include "cli/common_options.hpp"
#include "cli/parsed.hpp"
#include "lab/background.hpp"
#include "lab/lab.hpp"
#include "lab/light_daemon.hpp"
#include "value/json.hpp"

namespace herder::cli {
namespace {

constexpr Option state_option{.name = "state", .arg = Arg::directory, .value = "DIR", .env = "HERDER_LAB_STATE",
                              .sees = "~/.local/state/herder/lab", .help = "the lab's directory; labs with different ones are independent"};
constexpr Option state_options[] = {state_option};

constexpr Option up_options[] = {
    {.name = "kind", .arg = Arg::choice, .value = "KIND", .fallback = "light", .choices = "light",
     .help = "light: one process plays all hosts, no privileges"},
    state_option,
    {.name = "port", .arg = Arg::integer, .value = "PORT", .sees = "as before, else 22022", .min = 0, .max = 65535,
     .help = "port of light hosts; 0 picks a free one"},
};
constexpr Option list_options[] = {state_option, {.name = "json", .help = "write it as JSON"}};
constexpr Option down_options[] = {state_option, {.name = "purge", .help = "also remove the lab's directory with keys and files"}};
constexpr Option break_options[] = {
    state_option,
    {.name = "refuse", .help = "the port is closed, open connections are reset"},
    {.name = "hang", .help = "connections are accepted and nothing is ever said; open ones fall silent"},
    {.name = "hang-kex", .help = "new connections get the SSH banner, then nothing"},
    {.name = "flood", .help = "new connections get endless lines before the banner"},
    {.name = "slow", .arg = Arg::duration, .value = "TIME", .help = "delay everything by this, in each direction"},
    {.name = "cut-after", .arg = Arg::text, .value = "SIZE", .help = "reset the connection after so much output of commands (1000B, 64KiB)"},
    {.name = "garbage", .help = "send random bytes when a command has its first output"},
    {.name = "bad-host-key", .help = "new connections are shown another host key"},
    {.name = "auth-fail", .help = "refuse every key and password"},
};
constexpr Option serve_options[] = {
    state_option,
    {.name = "hosts", .arg = Arg::integer, .value = "N", .fallback = "1", .min = 1, .max = lab::max_light_hosts, .help = "number of hosts"},
    {.name = "port", .arg = Arg::integer, .value = "PORT", .fallback = "22022", .min = 0, .max = 65535, .help = "port of the hosts"},
    {.name = "report", .help = "say on descriptor 3 how the start went"},
};

constexpr OptionSet state_sets[] = {{"Lab", state_options}, global_set};
constexpr OptionSet up_sets[] = {{"Lab", up_options}, global_set};
constexpr OptionSet list_sets[] = {{"Lab", list_options}, global_set};
constexpr OptionSet down_sets[] = {{"Lab", down_options}, global_set};
constexpr OptionSet break_sets[] = {{"Lab", break_options}, global_set};
constexpr OptionSet serve_sets[] = {{"Lab", serve_options}, global_set};

constexpr Operand count_operand[] = {{.name = "N", .arg = Arg::integer, .min = 1, .max = lab::max_light_hosts,
                                      .help = "number of hosts, up to 2000"}};
constexpr Operand host_operand[] = {{.name = "HOST", .help = "name, address, group, 'web*' or 'all'; several with commas"}};
constexpr Operand reset_operand[] = {{.name = "HOST", .arity = Arity::optional, .help = "name, address, group or 'web*'; all when missing"}};
constexpr Operand ssh_operands[] = {{.name = "HOST", .help = "name or address of one host"},
                                    {.name = "COMMAND", .arity = Arity::many, .after_dashes = true, .help = "what to run in place of a shell"}};

Result<std::string> state_dir(const std::string& given) {
  return given.empty() ? lab::default_state_dir() : lab::absolute_state_dir(given);
}

int show_failure(const Error& failure, Io& io) {
  io.err.write(format_error(failure, {.color = io.color_err, .verbosity = io.verbosity}));
  return failure.code == Errc::usage ? exit_code::usage : exit_code::herder;
}

/// Runs `work` with the lab's directory; shows what it fails with.
template <class Work>
Action with_state(std::string given, Work work) {
  return [given = std::move(given), work = std::move(work)](Io& io) {
    const auto dir = state_dir(given);
    if (!dir) return show_failure(dir.error(), io);
    const Result<int> code = work(*dir, io);
    return code ? *code : show_failure(code.error(), io);
  };
}

void say(Io& io, const std::string& line) {
  if (io.verbosity >= 0) io.err.write(line + "\n");
}

std::string state_hint(const std::string& dir) { return dir == lab::default_state_dir() ? "" : " --state " + dir; }

Result<int> run_up(lab::UpRequest request, Io& io) {
  request.progress = [&io](const std::string& what) { say(io, what); };
  HERDER_TRY(const lab::UpOutcome made, lab::up(request));
  const std::string& dir = request.state_dir;
  say(io, fmt::format("{} {} {}: {} at {} to {} at {}, port {}", made.hosts.size(), made.record.kind == lab::Kind::light ? "light" : "machine",
                      made.hosts.size() == 1 ? "host" : "hosts", made.hosts.front().name, made.hosts.front().address, made.hosts.back().name,
                      made.hosts.back().address, made.record.port));
  io.out.write(dir + "/hosts.ini\n");
  say(io, fmt::format("try: herder exec -i {}/hosts.ini all -- uptime", dir));
  say(io, fmt::format("     herder lab ssh{} {}", state_hint(dir), made.hosts.front().name));
  say(io, fmt::format("     herder lab down{}", state_hint(dir)));
  return exit_code::ok;
}

Result<Action> prepare_up(const Parsed& parsed) {
  lab::UpRequest request{};
  (void)parsed.text("kind");  // one choice so far
  request.hosts = static_cast<int>(text::to_int(parsed.operand("N")).value_or(0));
  if (parsed.has("port")) request.port = static_cast<int>(parsed.integer("port"));
  return with_state(parsed.text("state"), [request](const std::string& dir, Io& io) {
    lab::UpRequest here = request;
    here.state_dir = dir;
    return run_up(here, io);
  });
}

value::Value listing_value(const lab::Listing& listing, const std::string& dir) {
  value::ListBuilder hosts;
  for (const lab::HostStatus& host : listing.hosts) {
    value::MapBuilder one;
    one.set("name", host.name);
    one.set("group", host.group);
    one.set("address", host.address);
    one.set("connections", host.connections);
    one.set("state", host.state);
    hosts.push_back(std::move(one).build());
  }
  value::MapBuilder all;
  all.set("kind", listing.record.kind == lab::Kind::light ? "light" : "machine");
  all.set("state_dir", dir);
  all.set("inventory", dir + "/hosts.ini");
  all.set("port", std::int64_t{listing.record.port});
  all.set("pid", std::int64_t{listing.pid});
  all.set("hosts", std::move(hosts).build());
  return std::move(all).build();
}

Result<int> run_list(const std::string& dir, bool json, Io& io) {
  HERDER_TRY(const lab::Listing listing, lab::list(dir));
  if (json) {
    io.out.raw(value::print_json(listing_value(listing, dir), {.indent = 4}) + "\n");
    return exit_code::ok;
  }
  std::size_t width = 4;
  for (const lab::HostStatus& host : listing.hosts) width = std::max(width, host.name.size());
  for (const lab::HostStatus& host : listing.hosts)
    io.out.foreign(fmt::format("{:<{}}  {:<5}  {}:{}  {}{}\n", host.name, width, host.group, host.address, listing.record.port, host.state,
                               host.connections == 0 ? "" : fmt::format("  ({} connected)", host.connections)));
  if (listing.pid == 0) say(io, fmt::format("the lab is not running; start it with: herder lab up{} {}", state_hint(dir), listing.record.hosts));
  return exit_code::ok;
}

Result<Action> prepare_list(const Parsed& parsed) {
  return with_state(parsed.text("state"),
                    [json = parsed.flag("json")](const std::string& dir, Io& io) { return run_list(dir, json, io); });
}

Result<int> run_ssh(const std::string& dir, const std::string& name, const std::vector<std::string>& command, Io& io) {
  HERDER_TRY(const lab::HostPlan host, lab::one_host(dir, name));
  std::vector<std::string> words{"ssh", "-F", dir + "/ssh_config", host.name};
  if (!command.empty()) words.emplace_back("--");
  words.insert(words.end(), command.begin(), command.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  io.out.flush();
  io.err.flush();
  ::execvp("ssh", argv.data());
  return std::unexpected(os_error(errno, "start the system's ssh").hint("install openssh-client"));
}

Result<Action> prepare_ssh(const Parsed& parsed) {
  return with_state(parsed.text("state"), [name = parsed.operand("HOST"), command = parsed.operands("COMMAND")](
                                              const std::string& dir, Io& io) { return run_ssh(dir, name, command, io); });
}

Result<Action> prepare_break(const Parsed& parsed) {
  std::vector<std::string> words;
  for (const char* name : {"refuse", "hang", "hang-kex", "flood", "garbage", "bad-host-key", "auth-fail"})
    if (parsed.flag(name)) words.emplace_back(name);
  if (const auto slow = parsed.given("slow")) words.push_back("slow=" + *slow);
  if (const auto size = parsed.given("cut-after")) words.push_back("cut-after=" + *size);
  return with_state(parsed.text("state"), [words, host = parsed.operand("HOST")](const std::string& dir, Io& io) -> Result<int> {
    auto faults = lab::parse_faults(words);
    if (!faults) return std::unexpected(std::move(faults).error().hint("'herder lab break --help' lists the faults"));
    HERDER_TRY_VOID(lab::break_hosts(dir, host, *faults));
    say(io, fmt::format("{}: {}", text::printable(host), lab::format_faults(*faults)));
    return exit_code::ok;
  });
}

Result<Action> prepare_mend(const Parsed& parsed) {
  return with_state(parsed.text("state"), [host = parsed.operand("HOST")](const std::string& dir, Io&) -> Result<int> {
    HERDER_TRY_VOID(lab::mend_hosts(dir, host));
    return exit_code::ok;
  });
}

Result<Action> prepare_reset(const Parsed& parsed) {
  return with_state(parsed.text("state"), [host = parsed.operand("HOST")](const std::string& dir, Io&) -> Result<int> {
    HERDER_TRY_VOID(lab::reset_hosts(dir, host.empty() ? "all" : host));
    return exit_code::ok;
  });
}

Result<Action> prepare_down(const Parsed& parsed) {
  return with_state(parsed.text("state"), [purge = parsed.flag("purge")](const std::string& dir, Io& io) -> Result<int> {
    HERDER_TRY(const bool was, lab::down(dir, purge));
    say(io, was ? "the lab is stopped" : "the lab was not running");
    return exit_code::ok;
  });
}

Result<Action> prepare_serve(const Parsed& parsed) {
  const lab::LightLabOptions options{
      .hosts = static_cast<int>(parsed.integer("hosts")), .port = static_cast<int>(parsed.integer("port")), .threads = 2};
  const int report = parsed.flag("report") ? lab::report_fd : -1;
  return with_state(parsed.text("state"), [options, report](const std::string& dir, Io&) -> Result<int> {
    lab::LightLabOptions here = options;
    here.state_dir = dir;
    HERDER_TRY_VOID(lab::run_light_daemon(here, report));
    return exit_code::ok;
  });
}

constexpr Example up_examples[] = {{"lab up 20", "twenty hosts, a second later"},
                                   {"lab up 5 --state /tmp/lab2 --port 0", "a second lab beside the first one"}};
constexpr Example ssh_examples[] = {{"lab ssh web01", "a shell there"}, {"lab ssh web01 -- cat etc/hostname", "one command"}};
constexpr Example break_examples[] = {{"lab break web01 --hang", "a host that accepts and never speaks"},
                                      {"lab break 'db*' --slow 200ms", "databases on the other side of the world"},
                                      {"lab break cache --cut-after 1000B --bad-host-key", "several faults at once"}};

}  // namespace

extern constinit const Command lab_up_command{
    .name = "lab up",
    .summary = "start a practice fleet on this machine, or resize it",
    .about = "Prints the path of the inventory. The lab's directory also gets an ssh_config, keys and known_hosts.",
    .sets = up_sets,
    .operands = count_operand,
    .examples = up_examples,
    .prepare = prepare_up,
};
extern constinit const Command lab_list_command{
    .name = "lab list", .summary = "list the practice hosts and what is wrong with them", .sets = list_sets, .prepare = prepare_list};
extern constinit const Command lab_ssh_command{
    .name = "lab ssh",
    .summary = "log in to a practice host with the system's ssh",
    .sets = state_sets,
    .operands = ssh_operands,
    .examples = ssh_examples,
    .prepare = prepare_ssh,
};
extern constinit const Command lab_break_command{
    .name = "lab break",
    .summary = "make light practice hosts fail",
    .about = "Faults replace those that the hosts had. They take effect at once, most of them on open connections too.",
    .sets = break_sets,
    .operands = host_operand,
    .examples = break_examples,
    .prepare = prepare_break,
};
extern constinit const Command lab_mend_command{
    .name = "lab mend", .summary = "make practice hosts well again", .sets = state_sets, .operands = host_operand, .prepare = prepare_mend};
extern constinit const Command lab_reset_command{
    .name = "lab reset",
    .summary = "give practice hosts their first files again",
    .sets = state_sets,
    .operands = reset_operand,
    .prepare = prepare_reset,
};
extern constinit const Command lab_down_command{
    .name = "lab down", .summary = "stop the practice fleet", .sets = down_sets, .prepare = prepare_down};
extern constinit const Command lab_serve_command{
    .name = "lab serve", .summary = "run a light lab in the foreground", .sets = serve_sets, .prepare = prepare_serve, .hidden = true};

}  // namespace herder::cli
