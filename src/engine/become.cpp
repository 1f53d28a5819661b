#include "engine/become.hpp"

#include "base/text.hpp"

namespace herder::engine {
namespace {

constexpr std::size_t most_chatter_bytes = 64 << 10;  // lectures and motd before the command starts

std::string_view name_of(BecomeMethod method) { return method == BecomeMethod::sudo ? "sudo" : "su"; }

/// The last line that says something.
std::string last_line(std::string_view text) {
  std::string_view last;
  for (const std::string_view line : text::lines(text))
    if (!text::trim(line).empty()) last = text::trim(line);
  return text::printable(text::cut(last, 300));
}

}  // namespace

BecomeDialogue::BecomeDialogue(Become become, std::string mark)
    : become_(std::move(become)), mark_(std::move(mark)), prompt_("[herder " + mark_ + "] password:"), success_("HERDER-STARTED-" + mark_) {}

std::string BecomeDialogue::wrap(std::string_view script) const {
  // The mark is written in two halves, so that a shell which echoes its command line does not look like success.
  const std::string announced = fmt::format("printf '%s%s\\n' HERDER-STARTED- {}; {}", mark_, script);
  const std::string user = text::shell_quote(become_.user);
  if (become_.method == BecomeMethod::su)
    return fmt::format("su {} -c {}", user, text::shell_quote(fmt::format("stty -echo -onlcr 2>/dev/null; {}", announced)));
  const std::string how = become_.password ? fmt::format("-S -p {}", text::shell_quote(prompt_)) : std::string("-n");
  return fmt::format("sudo -H {} -u {} -- /bin/sh -c {}", how, user, text::shell_quote(announced));
}

bool BecomeDialogue::ends_in_prompt(std::string_view text) const {
  if (become_.method == BecomeMethod::sudo) return text.ends_with(prompt_);
  // su asks in the host's language; before the mark, an unfinished line that ends in a colon is the question.
  const std::string_view line = text::trim(text.substr(text.find_last_of('\n') + 1));
  return line.ends_with(':') || line.ends_with("：");
}

Result<BecomeDialogue::Step> BecomeDialogue::at_prompt() {
  if (!become_.password)
    return std::unexpected(error(Errc::denied, "{} asks for a password", name_of(become_.method))
                               .hint("give one with --become-password-file FILE or --ask-become-password"));
  if (asked_)
    return std::unexpected(error(Errc::denied, "{} refused the password for becoming '{}'", name_of(become_.method), become_.user)
                               .hint("check the become password and the host's sudoers"));
  asked_ = true;
  out_.clear();
  err_.clear();
  return Step{.ask = Ask::password, .pass = {}};
}

Result<BecomeDialogue::Step> BecomeDialogue::feed(bool error_stream, std::string_view bytes) {
  if (started_) return Step{.ask = Ask::nothing, .pass = std::string(bytes)};
  std::string& seen = error_stream ? err_ : out_;
  seen += bytes;
  if (seen.size() > most_chatter_bytes)
    return fail(Errc::denied, "{} printed more than {} bytes instead of starting the command", name_of(become_.method), most_chatter_bytes);
  if (!error_stream) {
    const std::size_t at = seen.find(success_);
    const std::size_t end = at == std::string::npos ? at : seen.find('\n', at);
    if (end != std::string::npos) {
      started_ = true;
      return Step{.ask = Ask::nothing, .pass = seen.substr(end + 1)};
    }
  }
  if (ends_in_prompt(seen)) return at_prompt();
  return Step{};
}

Error BecomeDialogue::refusal() const {
  std::string why = last_line(err_);
  if (why.empty()) why = last_line(out_);
  if (why.empty()) why = "it ended without a word";
  return error(Errc::denied, "{} did not start the command as '{}': {}", name_of(become_.method), become_.user, why)
      .hint(become_.password ? "check the become password and the host's sudoers"
                             : "give a password with --become-password-file FILE or --ask-become-password, or allow it without one in sudoers");
}

}  // namespace herder::engine
