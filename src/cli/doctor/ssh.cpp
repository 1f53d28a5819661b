// The user's SSH files, agent and client.
#include <cerrno>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "cli/doctor/finding.hpp"
#include "transport/known_hosts_line.hpp"

namespace herder::cli::doctor {
namespace {

constexpr int patience_ms = 2000;

std::string mode_text(mode_t mode) { return fmt::format("mode {:04o}", mode & 07777U); }

bool is_private_key(const std::string& path) {
  const auto head = read_file(path, 1U << 20U);
  return head && head->starts_with("-----BEGIN ") && head->substr(0, 64).find("PRIVATE KEY") != std::string::npos;
}

void check_entry(Findings& out, const std::string& path, const std::string& name) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  const unsigned mode = info.st_mode;
  if ((name == "config" || name == "authorized_keys" || name == "known_hosts") && (mode & 0022U) != 0)
    out.push_back({Level::fix, "ssh files", fmt::format("{} can be changed by others ({})", path, mode_text(info.st_mode)),
                   "chmod go-w " + text::shell_quote(path)});
  if ((mode & 0077U) != 0 && !name.ends_with(".pub") && is_private_key(path))
    out.push_back({Level::fix, "ssh files", fmt::format("private key {} can be read by others ({}); ssh will not use it", path, mode_text(info.st_mode)),
                   "chmod 600 " + text::shell_quote(path)});
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> out;
  DIR* open = ::opendir(directory.c_str());
  if (open == nullptr) return out;
  while (const dirent* entry = ::readdir(open)) out.emplace_back(entry->d_name);
  ::closedir(open);
  return out;
}

}  // namespace

Findings check_home(const std::string& home, const std::string& home_of_database) {
  struct stat info{};
  if (home.empty()) return {{Level::note, "home", fmt::format("HOME is not set; {} is used", home_of_database), "export HOME"}};
  if (::stat(home.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
    return {{Level::fix, "home", fmt::format("HOME is {}, which is not a directory", home), "export HOME=" + text::shell_quote(home_of_database)}};
  Findings out;
  if (info.st_uid != ::geteuid())
    out.push_back({Level::note, "home", fmt::format("HOME is {}, which belongs to user id {}", home, info.st_uid),
                   "with sudo, use 'sudo -H', or your keys and known hosts are those of the other user"});
  if ((info.st_mode & S_IWOTH) != 0)
    out.push_back({Level::fix, "home", fmt::format("everybody may write to {}", home), "chmod o-w " + text::shell_quote(home)});
  if (out.empty()) out.push_back({Level::ok, "home", home, ""});
  return out;
}

Findings check_ssh_folder(const std::string& home) {
  const std::string folder = home + "/.ssh";
  struct stat info{};
  if (::stat(folder.c_str(), &info) != 0)
    return {{Level::note, "ssh files", fmt::format("there is no {}", folder), "ssh-keygen -t ed25519 makes it with a first key"}};
  Findings out;
  if (info.st_uid != ::geteuid() && info.st_uid != 0)
    out.push_back({Level::fix, "ssh files", fmt::format("{} belongs to user id {}", folder, info.st_uid), "chown it"});
  if ((info.st_mode & 0022U) != 0)
    out.push_back({Level::fix, "ssh files", fmt::format("{} can be changed by others ({})", folder, mode_text(info.st_mode)),
                   "chmod 700 " + text::shell_quote(folder)});
  for (const std::string& name : names_in(folder)) check_entry(out, folder + "/" + name, name);
  if (out.empty()) out.push_back({Level::ok, "ssh files", fmt::format("{} and the keys in it are private", folder), ""});
  return out;
}

Findings check_known_hosts(const std::string& file) {
  if (::access(file.c_str(), F_OK) != 0)
    return {{Level::note, "known hosts", fmt::format("there is no {}: no host is known yet", file),
             "--accept-new takes the keys of new hosts; better is to bring them in with your machines"}};
  const auto content = read_file(file);
  if (!content) return {{Level::fix, "known hosts", content.error().what, "make it readable: herder refuses hosts that it does not know"}};
  std::size_t entries = 0, hashed = 0, authorities = 0, old = 0, broken = 0, number = 0, first_broken = 0;
  for (const std::string_view line : text::lines(*content)) {
    ++number;
    const auto parsed = transport::parse_known_hosts_line(line);
    if (!parsed && broken++ == 0) first_broken = number;
    if (!parsed || !*parsed) continue;
    ++entries;
    if ((*parsed)->hosts.starts_with("|1|")) ++hashed;
    if ((*parsed)->marker == transport::KeyMarker::cert_authority) ++authorities;
    if ((*parsed)->type == "ssh-dss") ++old;
  }
  Findings out{{Level::ok, "known hosts", fmt::format("{}: {} keys, {} with hashed names, {} authorities", file, entries, hashed, authorities), ""}};
  if (broken > 0)
    out.push_back({Level::note, "known hosts", fmt::format("{}: {} lines are no entries, the first is line {}", file, broken, first_broken),
                   "correct or remove them"});
  if (old > 0)
    out.push_back({Level::note, "known hosts", fmt::format("{}: {} keys of type ssh-dss, which is no longer used", file, old), "remove them: ssh-keygen -R HOST"});
  return out;
}

namespace {

/// Takes from a program's output until it ends or patience does.
std::string read_for(int fd, std::size_t most) {
  std::string out;
  const TimePoint end = boot_now() + std::chrono::milliseconds(patience_ms);
  while (out.size() < most) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - boot_now()).count();
    pollfd wait{.fd = fd, .events = POLLIN, .revents = 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) break;
    char buffer[512];
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got <= 0) break;
    out.append(buffer, static_cast<std::size_t>(got));
  }
  return out;
}

std::string version_of(const std::string& program) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return {};
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, to.get(), STDERR_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  std::string flag = "-V";
  std::string name = program;
  char* const words[] = {name.data(), flag.data(), nullptr};
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, program.c_str(), &actions, nullptr, words, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return {};
  to.reset();
  const std::string out = read_for(from.get(), 400);
  ::kill(pid, SIGKILL);  // it has ended unless it hangs
  ::waitpid(pid, nullptr, 0);
  return std::string(text::trim(out.substr(0, out.find('\n'))));
}

}  // namespace

Finding check_ssh_program(const std::string& path) {
  for (const std::string_view folder : text::split(path, ':')) {
    const std::string program = std::string(folder) + "/ssh";
    if (folder.empty() || ::access(program.c_str(), X_OK) != 0) continue;
    const std::string version = version_of(program);
    if (version.empty())
      return {Level::note, "ssh program", fmt::format("{} does not say its version", program), "keys on hardware tokens and GSSAPI go through it: see that it works"};
    return {Level::ok, "ssh program", fmt::format("{}: {}", program, version), ""};
  }
  return {Level::note, "ssh program", "there is no ssh in PATH", "install openssh-client: keys on hardware tokens, GSSAPI and ProxyCommands need it"};
}

}  // namespace herder::cli::doctor
