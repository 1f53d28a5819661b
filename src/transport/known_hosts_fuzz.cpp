// Foreign bytes as a known_hosts file: no crash, and what is asked about it stays consistent.
#include <cstddef>
#include <cstdint>

#include "transport/known_hosts.hpp"
#include "transport/known_hosts_file.hpp"
#include "transport/known_hosts_gen_test.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace herder::transport;
  const std::string content(reinterpret_cast<const char*>(data), size);
  const auto file = std::make_shared<KnownHostsFile>("fuzz", content);
  const KnownHosts hosts({file}, true);
  const std::string blob = ed25519_blob(1);
  for (const int port : {0, 22, 2222}) {
    for (const char* name : {"web1", "a.example.com", "::1"}) {
      const HostKeyVerdict verdict = hosts.verify(name, port, blob);
      const bool listed = !hosts.known_types(name, port).empty();
      if (verdict.state == HostKeyState::match && !listed) __builtin_trap();
      if (verdict.state == HostKeyState::only_cert_authority && !hosts.has_cert_authority(name, port)) __builtin_trap();
      if (verdict.state != HostKeyState::unknown && verdict.line == 0) __builtin_trap();
    }
  }
  for (const auto& warning : hosts.warnings())
    if (warning.where.line < 1) __builtin_trap();
  return 0;
}
