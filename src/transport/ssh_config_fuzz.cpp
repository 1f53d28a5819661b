// Foreign bytes as an ssh_config: no crash, and every host gets an answer or an error that says something.
#include <cstddef>
#include <cstdint>

#include "transport/ssh_config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace herder;
  using namespace herder::transport;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto sections = parse_ssh_config(text, "fuzz", [&](const std::string& pattern) {
    std::vector<std::pair<std::string, std::string>> files;
    if (pattern == "self") files.emplace_back("self", std::string(text));
    else files.emplace_back(pattern, "Host web1\nUser x\n");
    return Result<std::vector<std::pair<std::string, std::string>>>(std::move(files));
  });
  (void)parse_ssh_option(text, "option");
  if (!sections) {
    if (sections.error().what.empty()) __builtin_trap();
    return 0;
  }
  const LocalFacts local{.user = "me", .user_id = "1", .home = "/home/me", .host_name = "here"};
  const SshConfig config(*sections, local);
  if (config.runs_programs()) return 0;  // Match exec would run what the fuzzer thinks of
  for (const char* name : {"web1", "a.example.com", "10.0.0.7", "::1"}) {
    const auto host = config.resolve(name);
    if (!host) continue;
    if (host->port < 1 || host->port > 65535) __builtin_trap();
    for (const Directive* file : host->identity_files) (void)host->expand_path(file->args[0], *file, local);
    if (const Directive* proxy = host->find(Key::proxy_command)) (void)host->expand_proxy(proxy->rest, *proxy);
  }
  return 0;
}
