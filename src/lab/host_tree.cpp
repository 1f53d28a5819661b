#include "lab/host_tree.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "base/file.hpp"

namespace herder::lab {
namespace {

struct File {
  std::string path;
  std::string content;
  unsigned mode = 0644;
};

std::string app_log(const HostPlan& host) {
  constexpr const char* words[] = {"started", "request served", "request served", "cache refreshed", "slow request", "request served"};
  std::string out;
  for (unsigned line = 0; line < 12; ++line) {
    const unsigned pick = (line * 7 + static_cast<unsigned>(host.index) * 13) % 6;
    out += fmt::format("2026-01-01T00:{:02}:{:02}Z {} app[{}]: {} in {} ms\n", line, pick * 9, host.name, 400 + host.index % 500, words[pick],
                       pick * 37 + line);
  }
  return out;
}

File group_config(const HostPlan& host) {
  if (host.group == "web")
    return {"etc/nginx/nginx.conf", "worker_processes auto;\nhttp {\n  server {\n    listen 8080;\n    root /srv/www;\n  }\n}\n"};
  if (host.group == "db") return {"etc/postgresql/postgresql.conf", "max_connections = 100\nshared_buffers = 128MB\nlog_timezone = 'UTC'\n"};
  return {"etc/redis/redis.conf", "maxmemory 256mb\nmaxmemory-policy allkeys-lru\nappendonly no\n"};
}

std::vector<File> files_of(const HostPlan& host) {
  return {
      {"etc/hostname", host.name + "\n"},
      {"etc/hosts", fmt::format("127.0.0.1 localhost\n{} {}.lab {}\n", host.address, host.name, host.name)},
      {"etc/motd", fmt::format("This is {}, a practice host. Its files are below this directory; programs, processes and users are this "
                               "machine's.\n", host.name)},
      group_config(host),
      {"srv/app/VERSION", fmt::format("1.{}.{}\n", host.index % 3, host.index % 7)},
      {"var/log/app.log", app_log(host), 0640},
      {".profile", "PS1=\"${HERDER_LAB_HOST}:\\$PWD\\$ \"\n"},
  };
}

/// Plain writes: thousands of small files that can be made again need no fsync each.
Result<> write_plain(const std::string& path, const File& file) {
  std::FILE* out = std::fopen(path.c_str(), "we");
  if (out == nullptr) return std::unexpected(os_error(errno, fmt::format("write {}", path)));
  const bool good = std::fwrite(file.content.data(), 1, file.content.size(), out) == file.content.size();
  if (std::fclose(out) != 0 || !good) return std::unexpected(os_error(errno, fmt::format("write {}", path)));
  ::chmod(path.c_str(), file.mode);
  return {};
}

Result<> write_files(const std::string& root, const std::vector<File>& files) {
  for (const File& file : files) {
    const std::string path = root + "/" + file.path;
    std::error_code failure;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failure);
    if (failure) return std::unexpected(os_error(failure.value(), fmt::format("make the directory of {}", path)));
    HERDER_TRY_VOID(write_plain(path, file));
  }
  return {};
}

Result<> make_tree(const LightSettings& settings, const HostPlan& host) {
  const std::string home = settings.home_of(host.name);
  if (std::error_code ignored; std::filesystem::exists(home, ignored)) return {};
  // Under another name first: a home that is there is complete.
  const std::string unfinished = home + ".new";
  std::error_code failure;
  std::filesystem::remove_all(unfinished, failure);
  HERDER_TRY_VOID(write_files(unfinished, files_of(host)), "making the files of {}", host.name);
  if (std::rename(unfinished.c_str(), home.c_str()) != 0) return std::unexpected(os_error(errno, fmt::format("make {}", home)));
  return {};
}

}  // namespace

Result<> make_trees(const LightSettings& settings, const std::vector<HostPlan>& plan) {
  for (const HostPlan& host : plan) HERDER_TRY_VOID(make_tree(settings, host));
  return {};
}

Result<> renew_tree(const LightSettings& settings, const HostPlan& host) {
  std::error_code failure;
  std::filesystem::remove_all(settings.home_of(host.name), failure);
  if (failure) return std::unexpected(os_error(failure.value(), fmt::format("remove the files of {}", host.name)));
  return make_tree(settings, host);
}

Result<> make_programs(const LightSettings& settings) {
  return write_files(settings.state_dir, {
      {"bin/hostname",
       "#!/bin/sh\n# A practice host has no host name of its own in the kernel: this answers for it.\n"
       "case \"$1\" in\n"
       "  ''|-s|--short) echo \"$HERDER_LAB_HOST\" ;;\n"
       "  -f|--fqdn|--long) echo \"$HERDER_LAB_HOST.lab\" ;;\n"
       "  -d|--domain) echo lab ;;\n"
       "  -i|-I|--ip-address|--all-ip-addresses) echo \"$HERDER_LAB_ADDRESS\" ;;\n"
       "  *) echo \"hostname: $1: not in a practice host\" >&2; exit 1 ;;\n"
       "esac\n", 0755},
      {"bin/uname",
       "#!/bin/sh\n# uname -n is the practice host's name; everything else is this machine's.\n"
       "PATH=${PATH#*:}\n"
       "case \"$*\" in\n"
       "  -n|--nodename) echo \"$HERDER_LAB_HOST\" ;;\n"
       "  -a|--all) echo \"$(uname -s) $HERDER_LAB_HOST $(uname -r) $(uname -v) $(uname -m) $(uname -o)\" ;;\n"
       "  *) exec uname \"$@\" ;;\n"
       "esac\n", 0755},
  });
}

}  // namespace herder::lab
