// The yardstick: libssh alone, in its blocking mode, one host after the other: connect, check the host key, authenticate, run a
// command, read its output and exit code, disconnect. bench/ssh_connect.py compares herder with it.
//
//   libssh_loop HOSTS_FILE COUNT PORT USER KEY KNOWN_HOSTS COMMAND
#include <libssh/libssh.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

namespace {

double seconds(const timeval& span) { return static_cast<double>(span.tv_sec) + static_cast<double>(span.tv_usec) * 1e-6; }

double now() {
  timespec at{};
  clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

struct Settings {
  unsigned port;
  const char* user;
  const char* known_hosts;
  const char* command;
  ssh_key key;
};

bool run_on(const std::string& host, const Settings& how) {
  ssh_session session = ssh_new();
  const int on = 1;
  const int off = 0;
  ssh_options_set(session, SSH_OPTIONS_HOST, host.c_str());
  ssh_options_set(session, SSH_OPTIONS_PORT, &how.port);
  ssh_options_set(session, SSH_OPTIONS_USER, how.user);
  ssh_options_set(session, SSH_OPTIONS_KNOWNHOSTS, how.known_hosts);
  ssh_options_set(session, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
  ssh_options_set(session, SSH_OPTIONS_NODELAY, &on);
  ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &off);
  ssh_options_set(session, SSH_OPTIONS_CIPHERS_C_S, "aes128-gcm@openssh.com");
  ssh_options_set(session, SSH_OPTIONS_CIPHERS_S_C, "aes128-gcm@openssh.com");
  bool good = ssh_connect(session) == SSH_OK && ssh_session_is_known_server(session) == SSH_KNOWN_HOSTS_OK &&
              ssh_userauth_publickey(session, nullptr, how.key) == SSH_AUTH_SUCCESS;
  if (good && *how.command != '\0') {
    ssh_channel channel = ssh_channel_new(session);
    good = ssh_channel_open_session(channel) == SSH_OK && ssh_channel_request_exec(channel, how.command) == SSH_OK;
    char bytes[4096];
    while (good && ssh_channel_read(channel, bytes, sizeof bytes, 0) > 0) {
    }
    good = good && ssh_channel_get_exit_status(channel) == 0;
    ssh_channel_close(channel);
    ssh_channel_free(channel);
  }
  if (!good) std::fprintf(stderr, "%s: %s\n", host.c_str(), ssh_get_error(session));
  ssh_disconnect(session);
  ssh_free(session);
  return good;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 8) return 2;
  Settings how{.port = static_cast<unsigned>(std::atoi(argv[3])), .user = argv[4], .known_hosts = argv[6], .command = argv[7], .key = nullptr};
  if (ssh_pki_import_privkey_file(argv[5], nullptr, nullptr, nullptr, &how.key) != SSH_OK) return 2;
  std::ifstream hosts(argv[1]);
  const double begun = now();
  int good = 0;
  int all = 0;
  for (std::string host; all < std::atoi(argv[2]) && std::getline(hosts, host); ++all) good += run_on(host, how) ? 1 : 0;
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  std::printf("{\"hosts\": %d, \"good\": %d, \"wall_s\": %.4f, \"user_s\": %.4f, \"sys_s\": %.4f, \"rss_kib\": %ld}\n", all, good, now() - begun,
              seconds(used.ru_utime), seconds(used.ru_stime), used.ru_maxrss);
  return good == all ? 0 : 1;
}
