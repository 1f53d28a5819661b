// For tests in Python: one JSON request a line on stdin, one JSON answer a line on stdout.
//   {"op": "known_hosts", "content": "...", "name": "[web1]:2222"}  ->  {"ok": [[line, "" | "CA" | "REVOKED", "SHA256:..."], ...]}
//   {"op": "verify", "content": "...", "host": "web1", "port": 22, "key": "base64"}  ->  {"ok": ["changed", line]}
//   {"op": "ssh_config", "file": "...", "host": "...", "options": ["Port=1"]}  ->  {"ok": {"port": ["22"], ...}} as `ssh -G` prints it
//   {"op": "target", "name": "web1", "vars": {"ansible_port": 1}, "config": "FILE", "user": "u"}  ->  {"ok": {"port": 1, ...}}
//   {"op": "algorithms", "wanted": "+x", "defaults": "a,b", "supported": "a,b,x"}  ->  {"ok": "a,b,x"}
#include <cstdio>
#include <iostream>
#include <map>
#include <string>

#include "base/text.hpp"
#include "transport/key_blob.hpp"
#include "transport/known_hosts.hpp"
#include "transport/known_hosts_file.hpp"
#include "transport/ssh_algorithms.hpp"
#include "transport/ssh_config.hpp"
#include "transport/target_from.hpp"
#include "value/json.hpp"

namespace herder::transport {
namespace {

std::string text_of(const Value& request, std::string_view name) { return std::string(request.get(name).as_string()); }

Result<Value> op_known_hosts(const Value& request) {
  const KnownHostsFile file("known_hosts", text_of(request, "content"));
  value::ListBuilder out;
  for (const auto& entry : file.find(text_of(request, "name"))) {
    const char* marker = entry.marker == KeyMarker::none ? "" : entry.marker == KeyMarker::revoked ? "REVOKED" : "CA";
    out.push_back(Value::list({Value(entry.line), Value(marker), Value(fingerprint(text::unbase64(entry.key).value_or("")))}));
  }
  return std::move(out).build();
}

Result<Value> op_verify(const Value& request) {
  const KnownHosts hosts({std::make_shared<KnownHostsFile>("known_hosts", text_of(request, "content"))}, false);
  const auto verdict = hosts.verify(text_of(request, "host"), static_cast<int>(request.get("port").as_int()),
                                    text::unbase64(text_of(request, "key")).value_or(""));
  constexpr const char* names[] = {"match", "unknown", "changed", "revoked", "only_cert_authority"};
  return Value::list({Value(names[static_cast<int>(verdict.state)]), Value(verdict.line)});
}

Value words(const std::vector<std::string>& list) {
  value::ListBuilder out;
  for (const std::string& word : list) out.push_back(Value(word));
  return std::move(out).build();
}

Result<std::vector<std::string>> known_hosts_paths(const HostSettings& host, const LocalFacts& local) {
  std::vector<std::string> out;
  const Directive* line = host.find(Key::user_known_hosts);
  if (line == nullptr) return std::vector<std::string>{local.home + "/.ssh/known_hosts", local.home + "/.ssh/known_hosts2"};
  for (const std::string& path : line->args) {
    HERDER_TRY(std::string full, host.expand_path(path, *line, local));
    out.push_back(std::move(full));
  }
  return out;
}

/// Settings in the form of `ssh -G`: everything that was set, and what is always computed.
Result<Value> op_ssh_config(const Value& request) {
  const SshConfigPlaces places{.user_file = text_of(request, "file"), .system_file = "", .home = LocalFacts::of_this_process().home, .must_exist = true};
  HERDER_TRY(const auto config, SshConfig::load(places, LocalFacts::of_this_process()));
  std::vector<Directive> options;
  for (const Value& option : request.get("options").items()) {
    HERDER_TRY(auto parsed, parse_ssh_option(option.as_string(), "command line"));
    if (parsed) options.push_back(*std::move(parsed));
  }
  HERDER_TRY(const HostSettings host, config->resolve(text_of(request, "host"), options));
  value::MapBuilder out;
  for (int i = 0; i < static_cast<int>(Key::harmless); ++i) {
    const auto key = static_cast<Key>(i);
    const Directive* line = host.find(key);
    if (line == nullptr) continue;
    out.set(keyword_name(key), line->rest.empty() ? words(line->args) : Value::list({Value(line->rest)}));
  }
  value::ListBuilder identities;
  for (const Directive* line : host.identity_files) identities.push_back(Value(line->args[0]));
  out.set("identityfile", std::move(identities).build());
  value::ListBuilder certificates;
  for (const Directive* line : host.certificate_files) certificates.push_back(Value(line->args[0]));
  out.set("certificatefile", std::move(certificates).build());
  out.set("sendenv", words(host.send_env));
  out.set("setenv", words(host.set_env));
  out.set("hostname", Value::list({Value(host.host_name)}));
  out.set("port", Value::list({Value(std::to_string(host.port))}));
  out.set("user", Value::list({Value(host.user)}));
  if (!host.host_key_alias().empty()) out.set("hostkeyalias", Value::list({Value(host.host_key_alias())}));
  HERDER_TRY(const auto paths, known_hosts_paths(host, config->local()));
  out.set("userknownhostsfile", words(paths));
  if (const Directive* agent = host.find(Key::identity_agent)) {
    HERDER_TRY(const std::string path, host.expand_path(agent->args[0], *agent, config->local()));
    out.set("identityagent", Value::list({Value(path)}));
  }
  for (const Key key : {Key::connect_timeout, Key::alive_interval})
    if (host.find(key) != nullptr) out.set(keyword_name(key), Value::list({Value(std::to_string(host.seconds(key).value_or(-1)))}));
  return std::move(out).build();
}

Result<Value> op_algorithms(const Value& request) {
  return Value(combine_algorithms(text_of(request, "wanted"), text_of(request, "defaults"), text_of(request, "supported")));
}

Value words_of_jumps(const Target& target) {
  value::ListBuilder out;
  for (const auto& jump : target.jumps) out.push_back(Value(fmt::format("{}@{}:{}", jump->user, jump->address, jump->port)));
  return std::move(out).build();
}

/// The target that a host's variables and the command line make.
Result<Value> op_target(const Value& request) {
  TargetSettings settings{.user_config = text_of(request, "config"), .system_config = ""};
  if (const Value* user = request.find("user")) settings.user = std::string(user->as_string());
  if (const Value* key = request.find("private_key")) settings.private_keys = {std::string(key->as_string())};
  if (const Value* timeout = request.find("timeout")) settings.connect_timeout = std::chrono::seconds(timeout->as_int());
  HERDER_TRY(const auto maker, TargetMaker::make(std::move(settings)));
  const Value vars = request.get("vars");
  HERDER_TRY(const auto target, maker->target(text_of(request, "name"), [&](std::string_view name) { return vars.get(name); }));
  constexpr const char* methods[] = {"ssh", "system_ssh", "local"};
  constexpr const char* policies[] = {"strict", "accept-new", "off"};
  value::MapBuilder out;
  out.set("method", Value(methods[static_cast<int>(target->method)]));
  out.set("address", Value(target->address));
  out.set("port", Value(target->port));
  out.set("user", Value(target->user));
  out.set("host_keys", Value(policies[static_cast<int>(target->host_keys)]));
  out.set("user_known_hosts", words(target->user_known_hosts));
  out.set("jumps", words_of_jumps(*target));
  out.set("proxy_command", Value(target->proxy_command));
  out.set("connect_timeout", Value(static_cast<std::int64_t>(target->connect_timeout / std::chrono::seconds(1))));
  out.set("alive_interval", Value(static_cast<std::int64_t>(target->alive_interval / std::chrono::seconds(1))));
  out.set("compression", Value(target->compression));
  if (target->credentials) {
    out.set("identity_files", words(target->credentials->identity_files));
    out.set("identities_only", Value(target->credentials->identities_only));
    out.set("has_password", Value(!target->credentials->password.empty()));
  }
  return std::move(out).build();
}

struct Op {
  std::string_view name;
  Result<Value> (*run)(const Value& request);
};

constexpr Op ops[] = {{"known_hosts", op_known_hosts}, {"verify", op_verify}, {"ssh_config", op_ssh_config}, {"algorithms", op_algorithms}, {"target", op_target}};

Result<Value> run(const std::string& line) {
  HERDER_TRY(const Value request, value::parse_json(line, {.depth = 100}));
  for (const Op& op : ops)
    if (op.name == request.get("op").as_string()) return op.run(request);
  return fail(Errc::usage, "unknown op");
}

std::string answer(const Result<Value>& result) {
  if (result) return value::print_json(Value::map({{"ok", *result}}));
  const Error& failure = result.error();
  return value::print_json(Value::map({{"error", failure.what},
                                       {"code", name_of(failure.code)},
                                       {"file", failure.where.file},
                                       {"line", failure.where.line},
                                       {"help", failure.help}}));
}

}  // namespace
}  // namespace herder::transport

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << herder::transport::answer(herder::transport::run(line)) << "\n" << std::flush;
  return 0;
}
