#include "cli/secrets.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/file.hpp"
#include "base/redact.hpp"
#include "base/text.hpp"

namespace herder::cli {
namespace {

constexpr std::size_t longest_secret = 4096;
constexpr char interrupt = 3;  // Ctrl-C, which makes no signal while a secret is asked for

/// Echo off for as long as it lives. Signals of the terminal wait meanwhile, so that none leaves it without echo.
class SilentTerminal {
 public:
  explicit SilentTerminal(int fd) : fd_(fd) {
    sigset_t held;
    sigemptyset(&held);
    for (const int one : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP}) sigaddset(&held, one);
    ::pthread_sigmask(SIG_BLOCK, &held, &before_);
    ok_ = ::tcgetattr(fd_, &saved_) == 0;
    termios quiet = saved_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    quiet.c_lflag |= ICANON;
    quiet.c_cc[VEOL] = interrupt;  // Ctrl-C ends the line, so that read_line sees it at once
    if (ok_) ok_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() {
    if (ok_) ::tcsetattr(fd_, TCSAFLUSH, &saved_);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }

 private:
  int fd_;
  bool ok_ = false;
  termios saved_{};
  sigset_t before_{};
};

void say(int fd, std::string_view text) { [[maybe_unused]] const ssize_t sent = ::write(fd, text.data(), text.size()); }

/// One line, byte by byte into `line`. False at the end of input or at Ctrl-C (which is a plain byte here).
bool read_line(int fd, std::string& line) {
  char byte = 0;
  while (line.size() < longest_secret) {
    const ssize_t got = ::read(fd, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || byte == interrupt) return false;
    if (byte == '\n') return true;
    line += byte;
  }
  return true;
}

Secret keep(std::string& text) {
  Secret out(text);
  wipe(text);
  redactor().add(out);
  return out;
}

}  // namespace

Result<Secret> ask_secret(std::string_view prompt) {
  const UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal)
    return std::unexpected(error(Errc::unsupported, "there is no terminal to ask for a password").hint("give a file with --...-password-file"));
  const SilentTerminal silent(terminal.get());
  if (!silent.ok()) return std::unexpected(os_error(errno, "turn the terminal's echo off"));
  say(terminal.get(), text::printable_line(prompt));
  std::string line;
  line.reserve(longest_secret);  // growing would leave copies behind
  const bool whole = read_line(terminal.get(), line);
  say(terminal.get(), "\n");
  if (!whole) {
    wipe(line);
    return fail(Errc::cancelled, "no password was given");
  }
  return keep(line);
}

Result<Secret> secret_from_file(const std::string& path) {
  const std::string file = expand_user(path);
  struct stat info{};
  if (::stat(file.c_str(), &info) != 0) return std::unexpected(os_error(errno, "read password file " + text::printable_line(path)));
  if (S_ISREG(info.st_mode) && (info.st_mode & 0077U) != 0)
    return std::unexpected(error(Errc::denied, "password file {} can be read by others (mode {:04o})", text::printable_line(path), info.st_mode & 07777U)
                               .hint("chmod 600 it"));
  HERDER_TRY(std::string content, read_file(file, longest_secret), "reading a password");
  const auto end = content.find_first_of("\r\n");
  if (end != std::string::npos) content.resize(end);
  if (content.empty()) return fail(Errc::parse, "password file {} is empty", text::printable_line(path));
  return keep(content);
}

}  // namespace herder::cli
